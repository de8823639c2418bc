//! Decides which requests are retried, and when: [`RetryPolicy`].

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};

/// Controls which requests are retried, how often, and how long to wait. Each request has one budget for all
/// its retries.
///
/// - 401: once, with new credentials, if the authorizer has any and the body can be sent again.
/// - 429, 502, 503, 504 and network errors: if the method is idempotent (RFC 9110 section 9.2.2), or the
///   request has an `Idempotency-Key`. The wait is `Retry-After`, in seconds or as a date, or else doubles
///   each time. Random jitter prevents many clients from retrying at once. If the budget does not cover
///   `Retry-After`, the response is returned immediately.
///
/// The default is at most three requests and a total wait of 30 seconds, beginning with 200 milliseconds.
#[derive(Clone, Debug)]
#[must_use]
pub struct RetryPolicy {
    pub(super) requests: u32,
    pub(super) max_wait: Duration,
    first_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { requests: 3, max_wait: Duration::from_secs(30), first_wait: Duration::from_millis(200) }
    }
}

impl RetryPolicy {
    /// Returns the default policy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a policy that retries only with new credentials.
    pub fn only_new_credentials() -> Self {
        Self { requests: 2, max_wait: Duration::ZERO, ..Self::default() }
    }

    /// Returns a policy without retries.
    pub fn never() -> Self {
        Self { requests: 1, max_wait: Duration::ZERO, ..Self::default() }
    }

    /// Sets the maximum number of requests, including the first one. Zero counts as one.
    pub fn with_max_requests(mut self, requests: u32) -> Self {
        self.requests = requests;
        self
    }

    /// Sets the maximum total wait. The default is 30 seconds.
    pub fn with_max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// Sets the first wait; each further one is twice as long.
    pub fn with_first_wait(mut self, wait: Duration) -> Self {
        self.first_wait = wait;
        self
    }

    /// Returns the wait before the `nth` retry, from 0, without `Retry-After`: between half of it and all of
    /// it.
    pub(super) fn backoff(&self, nth: u32) -> Duration {
        let full = self.first_wait.saturating_mul(2_u32.saturating_pow(nth.min(16)));
        let half = full.div_f64(2.0);
        half.saturating_add(half.mul_f64(chance()))
    }
}

/// Returns a random number from 0 to 1, or 0.5 if the system has none: it only spreads load.
pub(super) fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

/// Returns whether a status is temporary.
pub(super) fn may_pass(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// Returns whether sending twice has the same effect as sending once.
pub(super) fn is_idempotent(method: &Method, headers: &HeaderMap) -> bool {
    method.is_idempotent() || headers.contains_key("idempotency-key")
}

#[cfg(test)]
mod tests {
    use super::*;

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
