//! What rings tell: events, and metrics with the feature `metrics`.
//!
//! Neither says anything of users, and labels are words of ours: their number does not grow.

use super::{KeyId, KeyState, ring::Entry};
use crate::clock::UnixTime;

/// The same as that of all other events.
const TARGET: &str = "auth";

/// The signing key changed.
pub(super) fn rotated(from: KeyId, to: KeyId) {
    tracing::info!(target: TARGET, from = %from, to = %to, "key rotated");
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_key_rotations_total").increment(1);
}

pub(crate) fn revoked(id: KeyId) {
    tracing::info!(target: TARGET, key = %id, "key revoked");
}

/// The clock was set back; keys are chosen by what it says now.
pub(super) fn clock_went_back(seen: UnixTime, now: UnixTime) {
    tracing::warn!(target: TARGET, seen = seen.as_secs(), now = now.as_secs(), "clock went back");
}

/// No new key could be made; the present one goes on signing.
pub(super) fn not_rotated(error: &dyn std::error::Error) {
    tracing::error!(target: TARGET, operation = "rotate keys", error = %error, "failed");
}

/// The keys of a ring are these now.
pub(super) fn holds(entries: &[Entry]) {
    #[cfg(feature = "metrics")]
    for state in [KeyState::Active, KeyState::Pending, KeyState::VerifyOnly] {
        let count = entries.iter().filter(|entry| entry.state == state).count();
        // No ring holds so many keys that a float could not count them.
        let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        metrics::gauge!("auth_keys", "state" => word(state)).set(count);
    }
    #[cfg(not(feature = "metrics"))]
    let _ = entries;
}

/// Something was checked with the key in this state, or its key was not known.
pub(super) fn checked(state: Option<KeyState>, valid: bool) {
    #[cfg(feature = "metrics")]
    {
        let state = state.map_or("unknown", word);
        let result = if valid { "valid" } else { "invalid" };
        metrics::counter!("auth_key_verifications_total", "state" => state, "result" => result).increment(1);
    }
    #[cfg(not(feature = "metrics"))]
    let _ = (state, valid);
}

#[cfg(feature = "metrics")]
const fn word(state: KeyState) -> &'static str {
    match state {
        KeyState::Active => "active",
        KeyState::Pending => "pending",
        KeyState::VerifyOnly => "verify_only",
    }
}
