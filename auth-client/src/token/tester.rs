//! Is a token still good?

use std::{fmt, sync::Arc, time::Duration};

use http::Response;

use super::{Token, TokenFormat};
use crate::{Error, HttpClient, RequestTemplate, clock::Clock};

/// What an answer of a live test says: is the token good?
type Predicate = Arc<dyn Fn(&Response<Vec<u8>>) -> bool + Send + Sync>;

/// Judges tokens: first by their time, then, if asked to, by a request that only a good token gets answered.
///
/// The margin is how much of its life a token must have left. The default is a minute, or a tenth of its whole life if that
/// is less: so a token is replaced before a service refuses it, and tokens of a few seconds can still be used.
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
    /// Returns a tester with the default margin and without a live test.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how much of its life a token must have left. There is no switch to turn the check off; a margin of zero takes a
    /// token until the moment it ends.
    pub fn with_margin(mut self, margin: Duration) -> Self {
        self.margin = Some(margin);
        self
    }

    /// Adds a request that is sent with a token's headers, and a judgement of the answer.
    ///
    /// It is made for tokens that are new to this program: those just granted and those read from a store. Not for each
    /// request.
    pub fn with_live_test(
        mut self,
        request: RequestTemplate,
        is_good: impl Fn(&Response<Vec<u8>>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.live = Some((request, Arc::new(is_good)));
        self
    }

    /// True if the token has enough of its life left. A token that was granted in the future, as after the clock was set
    /// back by more than a minute, has not: nobody knows its age.
    #[must_use]
    pub fn is_fresh(&self, token: &Token, clock: &dyn Clock) -> bool {
        Self::left(token, clock).is_none_or(|left| left > self.margin_of(token))
    }

    /// True if the token has not ended yet, whatever the margin.
    pub(crate) fn is_alive(token: &Token, clock: &dyn Clock) -> bool {
        Self::left(token, clock).is_none_or(|left| left > Duration::ZERO)
    }

    /// Returns the life that is left; `None` is for ever.
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

    /// Returns whether the token is good, by its time and by the live test.
    ///
    /// # Errors
    ///
    /// The live test's request cannot be sent.
    pub async fn test(
        &self,
        token: &Token,
        format: &TokenFormat,
        http: &dyn HttpClient,
        clock: &dyn Clock,
    ) -> Result<bool, Error> {
        if !self.is_fresh(token, clock) {
            return Ok(false);
        }
        let Some((template, is_good)) = &self.live else { return Ok(true) };
        let request = template.call().with_credentials(&format.credentials(token)?).request()?;
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
        Token::from_json(json.as_bytes(), At(granted_at).now(), &TokenFormat::default()).unwrap()
    }

    // CL13: a minute before the end, or a tenth of a short life; ten minutes of skew either way do no harm.
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
        // The clock was set back: a little is forgiven, ten minutes are not.
        assert!(tester.is_fresh(&token(10_000, Some(3600)), &At(9_950)));
        assert!(!tester.is_fresh(&token(10_000, Some(3600)), &At(9_400)));
        // Set forward by ten minutes: the token is younger than it seems, and is replaced a little early.
        assert!(!tester.is_fresh(&token(10_000, Some(630)), &At(10_600)));
    }

    // C-D12, and the guide's own example: 600 seconds of life, 300 must be left.
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
        let format = TokenFormat::default();
        assert!(!good.test(&token(0, Some(60)), &format, &http, &At(60)).await.unwrap());
        assert_eq!(asked.load(Ordering::Relaxed), 0, "a token that has ended is not sent");
        assert!(good.test(&token(0, Some(60)), &format, &http, &At(0)).await.unwrap());
        assert!(!bad.test(&token(0, Some(60)), &format, &http, &At(0)).await.unwrap());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}
