//! Tests whether a token is still valid: [`TokenTester`].

use std::{fmt, sync::Arc, time::Duration};

use http::Response;

use super::{Token, TokenWireFormat};
use crate::{Error, HttpClient, RequestTemplate, clock::Clock};

/// Decides from the response of a live test whether the token is valid.
type Predicate = Arc<dyn Fn(&Response<Vec<u8>>) -> bool + Send + Sync>;

/// Tests tokens by their expiry and optionally by a request that needs a valid token.
///
/// The margin is the remaining lifetime that a token must have. The default is a minute, or a tenth of the
/// lifetime if that is less. A token is therefore replaced before a service rejects it, and tokens of a few
/// seconds can still be used.
///
/// ```
/// use auth_client::{RequestTemplate, TokenTester};
/// use http::{Method, StatusCode};
///
/// let ping = RequestTemplate::new(Method::GET, "https://api.example.com/me")?;
/// let tester = TokenTester::new().with_live_test(ping, |answer| answer.status() == StatusCode::OK);
/// # Ok::<(), auth_client::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct TokenTester {
    margin: Option<Duration>,
    live: Option<(RequestTemplate, Predicate)>,
}

impl TokenTester {
    /// Creates a tester with the default margin and without a live test.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the required remaining lifetime. The check cannot be disabled; with a margin of zero a token is
    /// used until it expires.
    pub fn with_margin(mut self, margin: Duration) -> Self {
        self.margin = Some(margin);
        self
    }

    /// Adds a live test: a request with the token's headers, and a predicate on the response.
    ///
    /// It runs once for each new token, just granted or read from a store, not for each request.
    /// request.
    pub fn with_live_test(
        mut self,
        request: RequestTemplate,
        is_good: impl Fn(&Response<Vec<u8>>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.live = Some((request, Arc::new(is_good)));
        self
    }

    /// Returns whether the token has enough lifetime left. A token that was granted more than a minute in the
    /// future, because the clock was set back, is not fresh: its age is unknown.
    #[must_use]
    pub fn is_fresh(&self, token: &Token, clock: &dyn Clock) -> bool {
        Self::left(token, clock).is_none_or(|left| left > self.margin_of(token))
    }

    /// Returns whether the token has not expired, without a margin.
    pub(crate) fn is_alive(token: &Token, clock: &dyn Clock) -> bool {
        Self::left(token, clock).is_none_or(|left| left > Duration::ZERO)
    }

    /// Returns the remaining lifetime; `None` is unlimited.
    fn left(token: &Token, clock: &dyn Clock) -> Option<Duration> {
        const SKEW: Duration = Duration::from_mins(1);
        let lifetime = token.lifetime()?;
        let age = match clock.now().duration_since(token.granted_at()) {
            Ok(age) => age,
            Err(future) if future.duration() <= SKEW => Duration::ZERO,
            Err(_) => return Some(Duration::ZERO),
        };
        Some(lifetime.saturating_sub(age))
    }

    pub(crate) fn margin_of(&self, token: &Token) -> Duration {
        self.margin.unwrap_or_else(|| {
            let tenth = token.lifetime().and_then(|life| life.checked_div(10)).unwrap_or_default();
            tenth.min(Duration::from_mins(1))
        })
    }

    /// Returns whether the token is valid by its expiry and the live test.
    ///
    /// # Errors
    ///
    /// Fails if the request of the live test cannot be sent.
    pub async fn test(
        &self,
        token: &Token,
        format: &TokenWireFormat,
        http: &dyn HttpClient,
        clock: &dyn Clock,
    ) -> Result<bool, Error> {
        if !self.is_fresh(token, clock) {
            return Ok(false);
        }
        let Some((template, is_good)) = &self.live else { return Ok(true) };
        let request = template.builder().with_credentials(&format.credentials(token)?).request()?;
        Ok(is_good(&http.send(request).await?))
    }
}

impl fmt::Debug for TokenTester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenTester")
            .field("margin", &self.margin)
            .field("live", &self.live.as_ref().map(|(request, _)| request))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::SystemTime,
    };

    use http::Method;

    use super::*;

    #[derive(Debug)]
    struct At(u64);

    impl Clock for At {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.0)).unwrap()
        }

        fn running(&self) -> Duration {
            Duration::from_secs(self.0)
        }
    }

    fn token(granted_at: u64, lifetime: Option<u64>) -> Token {
        let json = lifetime.map_or_else(
            || r#"{"access_token":"a"}"#.to_owned(),
            |seconds| format!(r#"{{"access_token":"a","expires_in":{seconds}}}"#),
        );
        Token::from_json(json.as_bytes(), At(granted_at).now(), &TokenWireFormat::default()).unwrap()
    }

    // The margin is a minute, or a tenth of a short lifetime; ten minutes of clock skew either way are
    // harmless.
    #[test]
    fn a_token_is_replaced_ahead_of_its_end() {
        let tester = TokenTester::new();
        for (lifetime, age, fresh) in [
            (3600, 0, true),
            (3600, 3539, true),
            (3600, 3540, false),
            (3600, 3600, false),
            (3600, 99_999, false),
            (10, 8, true),
            (10, 9, false),
            (0, 0, false),
        ] {
            let is_fresh = tester.is_fresh(&token(10_000, Some(lifetime)), &At(10_000 + age));
            assert_eq!(is_fresh, fresh, "{age} of {lifetime} s");
        }
        assert!(tester.is_fresh(&token(10_000, None), &At(u64::from(u32::MAX))));
        // The clock was set back: one minute is tolerated, ten are not.
        assert!(tester.is_fresh(&token(10_000, Some(3600)), &At(9_950)));
        assert!(!tester.is_fresh(&token(10_000, Some(3600)), &At(9_400)));
        // The clock was set forward by ten minutes: the token is replaced early.
        assert!(!tester.is_fresh(&token(10_000, Some(630)), &At(10_600)));
    }

    // With a lifetime of 600 seconds, 300 must be left.
    #[test]
    fn a_margin_of_ones_own() {
        let tester = TokenTester::new().with_margin(Duration::from_mins(5));
        assert!(tester.is_fresh(&token(0, Some(600)), &At(60)));
        assert!(!tester.is_fresh(&token(0, Some(600)), &At(500)));
        let none = TokenTester::new().with_margin(Duration::ZERO);
        assert!(none.is_fresh(&token(0, Some(600)), &At(599)));
        assert!(!none.is_fresh(&token(0, Some(600)), &At(600)));
        assert!(
            TokenTester::is_alive(&token(0, Some(600)), &At(599))
                && !TokenTester::is_alive(&token(0, Some(600)), &At(600))
        );
    }

    #[tokio::test]
    async fn the_live_test_comes_after_the_time() {
        let asked = Arc::new(AtomicUsize::new(0));
        let http = {
            let asked = Arc::clone(&asked);
            move |request: http::Request<Vec<u8>>| {
                asked.fetch_add(1, Ordering::Relaxed);
                let status = if request.headers()["authorization"] == "Bearer a" { 200 } else { 401 };
                async move { Ok(Response::builder().status(status).body(Vec::new()).unwrap()) }
            }
        };
        let template = RequestTemplate::new(Method::GET, "https://api.example.com/me").unwrap();
        let good = TokenTester::new().with_live_test(template.clone(), |answer| answer.status() == 200);
        let bad = TokenTester::new().with_live_test(template, |answer| answer.status() == 204);
        let format = TokenWireFormat::default();
        assert!(!good.test(&token(0, Some(60)), &format, &http, &At(60)).await.unwrap());
        assert_eq!(asked.load(Ordering::Relaxed), 0, "a token that has ended is not sent");
        assert!(good.test(&token(0, Some(60)), &format, &http, &At(0)).await.unwrap());
        assert!(!bad.test(&token(0, Some(60)), &format, &http, &At(0)).await.unwrap());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}
