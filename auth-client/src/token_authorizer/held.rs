//! A token in use.

use std::time::Duration;

use crate::{Credentials, Environment, Error, Token, TokenTester, clock::Clock};

/// A token with its headers, and the end of its life by the running clock.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) token: Token,
    pub(crate) credentials: Credentials,
    /// The token's age by the calendar when it came, and that moment by the running clock.
    age: Duration,
    since: Duration,
}

impl Held {
    pub(crate) fn new(token: Token, environment: &Environment) -> Result<Self, Error> {
        let clock = &environment.clock;
        let credentials = environment.format.credentials(&token)?;
        let age = clock.now().duration_since(token.granted_at()).unwrap_or_default();
        Ok(Self { token, credentials, age, since: clock.running() })
    }

    pub(crate) fn without_refresh_token(&self) -> Self {
        Self { token: self.token.without_refresh_token(), ..self.clone() }
    }

    /// True if both clocks say that the token has enough of its life left: the calendar may have been set back.
    pub(crate) fn is_fresh(&self, tester: &TokenTester, clock: &dyn Clock) -> bool {
        tester.is_fresh(&self.token, clock)
            && self.left(clock).is_none_or(|left| left > tester.margin_of(&self.token))
    }

    /// True if the token has not ended yet.
    pub(crate) fn is_alive(&self, clock: &dyn Clock) -> bool {
        TokenTester::is_alive(&self.token, clock) && self.left(clock).is_none_or(|left| left > Duration::ZERO)
    }

    fn left(&self, clock: &dyn Clock) -> Option<Duration> {
        let age = self.age.saturating_add(clock.running().saturating_sub(self.since));
        Some(self.token.lifetime()?.saturating_sub(age))
    }
}
