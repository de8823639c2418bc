//! Holds the token in use, with its headers: [`CachedToken`].

use std::time::Duration;

use crate::{Credentials, Environment, Error, Token, TokenTester, clock::Clock};

/// A token with its headers, and its expiry by the monotonic clock.
#[derive(Clone, Debug)]
pub(crate) struct CachedToken {
    pub(crate) token: Token,
    pub(crate) credentials: Credentials,
    /// The token's age by the wall clock when it was received, and that moment by the monotonic clock.
    age: Duration,
    since: Duration,
}

impl CachedToken {
    pub(crate) fn new(token: Token, environment: &Environment) -> Result<Self, Error> {
        let clock = &environment.clock;
        let credentials = environment.format.credentials(&token)?;
        let age = clock.now().duration_since(token.granted_at()).unwrap_or_default();
        Ok(Self { token, credentials, age, since: clock.running() })
    }

    pub(crate) fn without_refresh_token(&self) -> Self {
        Self { token: self.token.without_refresh_token(), ..self.clone() }
    }

    /// Returns whether the token has enough lifetime left by both clocks: the wall clock may have been set
    /// back.
    pub(crate) fn is_fresh(&self, tester: &TokenTester, clock: &dyn Clock) -> bool {
        tester.is_fresh(&self.token, clock)
            && self.left(clock).is_none_or(|left| left > tester.margin_of(&self.token))
    }

    /// Returns whether the token has not expired.
    pub(crate) fn is_alive(&self, clock: &dyn Clock) -> bool {
        TokenTester::is_alive(&self.token, clock) && self.left(clock).is_none_or(|left| left > Duration::ZERO)
    }

    fn left(&self, clock: &dyn Clock) -> Option<Duration> {
        let age = self.age.saturating_add(clock.running().saturating_sub(self.since));
        Some(self.token.lifetime()?.saturating_sub(age))
    }
}
