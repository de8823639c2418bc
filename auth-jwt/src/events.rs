//! Logs events of tokens and of the keys of other issuers.

use std::fmt;

pub(crate) use auth_identity::__private::events::failed;
use auth_identity::__private::events::{MAX_FOREIGN, OneLine, TARGET};

pub(crate) fn token_refused(kind: &dyn fmt::Debug, detail: Option<&str>) {
    let detail: Option<String> = detail.map(|text| text.chars().take(MAX_FOREIGN).collect());
    let detail = detail.map(|text| tracing::field::display(OneLine(text)));
    tracing::debug!(target: TARGET, kind = ?kind, detail, "token refused");
}

pub(crate) fn claim_ignored(claim: &str) {
    tracing::debug!(target: TARGET, claim, "claim ignored");
}

/// Logs the reuse of a refresh token: a copy may have been stolen.
pub(crate) fn refresh_token_reused(user: &str) {
    tracing::warn!(target: TARGET, user, "refresh token reused");
}

/// Logs an unusable key of another issuer's set; `kid` comes from outside.
pub(crate) fn key_skipped(kid: Option<&str>, error: &dyn fmt::Display) {
    let kid: String = kid.unwrap_or_default().chars().take(MAX_FOREIGN).collect();
    tracing::warn!(target: TARGET, kid = %OneLine(kid), error = %error, "key skipped");
}

#[cfg(feature = "jwks")]
pub(crate) fn keys_fetched(keys: usize) {
    tracing::debug!(target: TARGET, keys, "keys fetched");
}
