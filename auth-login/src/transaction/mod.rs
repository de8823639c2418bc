//! Holds one log-in attempt, from the start to the callback, as its cookie carries it: [`Transaction`].

mod cookies;
mod encoding;

use std::time::Duration;

use auth_runtime::{LocalPath, clock::UnixTime, identity::CredentialId};

pub(crate) use cookies::TransactionCookies;

use crate::random_value::RandomValue;

/// How long an attempt may take.
pub(crate) const LIFETIME: Duration = Duration::from_mins(10);
/// How far the clock of the instance that began an attempt may be ahead.
const SKEW: Duration = Duration::from_mins(1);

/// One log-in attempt: what the callback is compared with, and where the user goes afterwards.
///
/// It is bound to the browser by the cookie that carries it, and to the provider by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Transaction {
    pub(crate) provider: String,
    pub(crate) state: RandomValue,
    pub(crate) nonce: RandomValue,
    pub(crate) verifier: RandomValue,
    pub(crate) started: UnixTime,
    /// The number of the last log-out by a provider before it
    pub(crate) last_logout: u64,
    pub(crate) purpose: Purpose,
    /// The `max_age` of the authorization request, in seconds
    pub(crate) max_age: Option<u64>,
    /// The authentication contexts that the page accepts for which the user logs in; each if there are none
    pub(crate) acr_values: Vec<String>,
    /// For OAuth 1.0a, whose callback is bound to these
    pub(crate) temporary: Option<Temporary>,
    pub(crate) target: LocalPath,
}

/// What an attempt is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A log-in
    LogIn,
    /// A log-in that a guard requires to be recent or strong (step-up). It has to end with the identity that
    /// was logged in when it began, if any was, and takes the place of its log-in, if that has an id.
    StepUp { identity: Option<String>, replaced: Option<CredentialId> },
    /// Linking an identity to the user with this id
    Link { user: String },
}

impl Purpose {
    pub(crate) const fn is_step_up(&self) -> bool {
        matches!(self, Self::StepUp { .. })
    }
}

/// Temporary credentials of OAuth 1.0a (RFC 5849 section 2.1).
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Temporary {
    pub(crate) token: String,
    pub(crate) secret: String,
}

impl std::fmt::Debug for Temporary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Temporary([redacted])")
    }
}

impl Transaction {
    /// Begins an attempt; `None` if the operating system gives no random bytes.
    pub(crate) fn begin(
        provider: &str,
        target: LocalPath,
        max_age: Option<u64>,
        now: UnixTime,
    ) -> Option<Self> {
        Some(Self {
            provider: provider.to_owned(),
            state: RandomValue::new()?,
            nonce: RandomValue::new()?,
            verifier: RandomValue::new()?,
            started: now,
            last_logout: 0,
            purpose: Purpose::LogIn,
            max_age,
            acr_values: Vec::new(),
            temporary: None,
            target,
        })
    }

    /// Returns from when on the attempt is over.
    pub(crate) const fn expires(&self) -> UnixTime {
        self.started.plus(LIFETIME)
    }

    /// Returns whether the attempt is over, or claims to begin in the future.
    pub(crate) fn is_expired(&self, now: UnixTime) -> bool {
        now >= self.expires() || self.started > now.plus(SKEW)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const NOON: UnixTime = UnixTime::from_secs(1_700_000_000);

    pub(crate) fn attempt(provider: &str, target: &str) -> Transaction {
        Transaction::begin(provider, LocalPath::parse(target).unwrap(), None, NOON).unwrap()
    }

    #[test]
    fn an_attempt_ends_after_ten_minutes() {
        let attempt = attempt("fake", "/");
        for (seconds, expected) in [(0, false), (599, false), (600, true), (601, true)] {
            let now = NOON.plus(Duration::from_secs(seconds));
            assert_eq!(attempt.is_expired(now), expected, "{seconds} s");
        }
        // Of an instance whose clock is ahead.
        assert!(!attempt.is_expired(NOON.minus(Duration::from_mins(1))));
        assert!(attempt.is_expired(NOON.minus(Duration::from_secs(61))));
    }
}
