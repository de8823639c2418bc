//! What is sent again, how often, and how long is waited.

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};

/// What is sent again, how often, and how long is waited in all. There is one budget for one request of the program's:
/// whatever is sent again, for whatever reason, takes from it.
///
/// - 401: once, with new credentials, if the authorizer has any and the body can be sent again.
/// - 429, 502, 503, 504 and failures of the network: if the method is idempotent (RFC 9110 section 9.2.2), or the request
///   has an `Idempotency-Key`. Waited is what `Retry-After` says, in seconds or as a date, or else a time that doubles; a
///   little chance is added, so that many clients do not come back at once. A `Retry-After` that the budget does not cover
///   is not waited for at all: the answer goes to the program.
///
/// The default is at most three requests, and 30 seconds of waiting in all, from 200 milliseconds on.
#[derive(Clone, Debug)]
#[must_use]
pub struct RetryPolicy {
    pub(super) requests: u32,
    pub(super) patience: Duration,
    first_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { requests: 3, patience: Duration::from_secs(30), first_wait: Duration::from_millis(200) }
    }
}

impl RetryPolicy {
    /// Returns the default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a policy that repeats a request for new credentials only.
    pub fn only_new_credentials() -> Self {
        Self { requests: 2, patience: Duration::ZERO, ..Self::default() }
    }

    /// Returns a policy that sends each request once.
    pub fn never() -> Self {
        Self { requests: 1, patience: Duration::ZERO, ..Self::default() }
    }

    /// Sets the number of requests in all, the first one included. Zero counts as one.
    pub fn with_max_requests(mut self, requests: u32) -> Self {
        self.requests = requests;
        self
    }

    /// Sets how long is waited in all.
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sets the first wait; each further one is twice as long.
    pub fn with_first_wait(mut self, wait: Duration) -> Self {
        self.first_wait = wait;
        self
    }

    /// The wait before the `nth` repetition, from 0, where the server names none: between half of it and all of it.
    pub(super) fn backoff(&self, nth: u32) -> Duration {
        let full = self.first_wait.saturating_mul(2_u32.saturating_pow(nth.min(16)));
        let half = full.div_f64(2.0);
        half.saturating_add(half.mul_f64(chance()))
    }
}

/// A number from 0 to 1. Where the system gives none, the middle: nothing depends on it but the evenness of load.
pub(super) fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

/// True for a status after which the same request may fare better.
pub(super) fn may_pass(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// True if sending twice does no more than sending once.
pub(super) fn is_idempotent(method: &Method, headers: &HeaderMap) -> bool {
    method.is_idempotent() || headers.contains_key("idempotency-key")
}

#[cfg(test)]
mod tests {
    use super::*;

    // C-D28
    #[test]
    fn waits_double_and_are_spread() {
        let policy = RetryPolicy::new().with_first_wait(Duration::from_millis(100));
        for nth in 0..10 {
            let full = Duration::from_millis(100) * 2_u32.pow(nth);
            for _ in 0..50 {
                let wait = policy.backoff(nth);
                assert!(wait >= full / 2 && wait <= full, "{wait:?} for {nth}");
            }
        }
        assert!(policy.backoff(u32::MAX) <= Duration::from_millis(100) * 65_536);
    }

    #[test]
    fn idempotence_is_the_methods_or_the_headers() {
        let none = HeaderMap::new();
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE, Method::PUT, Method::DELETE]
        {
            assert!(is_idempotent(&method, &none), "{method}");
        }
        for method in [Method::POST, Method::PATCH, Method::CONNECT] {
            assert!(!is_idempotent(&method, &none), "{method}");
        }
        let mut keyed = HeaderMap::new();
        keyed.insert("idempotency-key", "7".parse().unwrap());
        assert!(is_idempotent(&Method::POST, &keyed));
    }
}
