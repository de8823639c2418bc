//! Counts denials by different guards, for the alarm of [`Throttle::with_probe_alarm`].

use std::time::Duration;

use super::{Counter, Limit, Throttle, ThrottleKey};
use crate::identity::{IdentityError, Incoming};

impl Throttle {
    /// Returns whether denials are counted.
    #[doc(hidden)]
    #[must_use]
    pub const fn has_alarm(&self) -> bool {
        self.alarm.is_some()
    }

    /// Counts a denial by the guard `what`. Returns the number of guards and the time if this is the moment for the
    /// alarm.
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable.
    #[doc(hidden)]
    pub async fn count_denial(
        &self,
        what: &[&[u8]],
        user: Option<&str>,
        request: &Incoming<'_>,
    ) -> Result<Option<(u32, Duration)>, IdentityError> {
        let Some((guards, window)) = self.alarm else { return Ok(None) };
        let Some(caller) = self.caller(user, request) else { return Ok(None) };
        let what = ThrottleKey::new(what).to_string();
        let once = Limit::rate(1, window);
        let is_first = async |parts: &[&[u8]], limit| {
            let counters = [Counter::new(ThrottleKey::new(parts), limit)];
            let standing = self.store.take(&counters, request.now()).await;
            standing.map(|standing| standing.wait().is_zero()).map_err(IdentityError::unavailable)
        };
        let caller = caller.to_string();
        if !is_first(&[b"denied by", caller.as_bytes(), what.as_bytes()], once).await? {
            return Ok(None);
        }
        let fewer = Limit::rate(guards.saturating_sub(1), window);
        if is_first(&[b"denied", caller.as_bytes()], fewer).await? {
            return Ok(None);
        }
        let is_due = is_first(&[b"alarm", caller.as_bytes()], once).await?;
        Ok(is_due.then_some((guards, window)))
    }

    /// Returns what a user, or a client without one, is counted by; `None` if the client's address is not known.
    pub(super) fn caller(&self, user: Option<&str>, request: &Incoming<'_>) -> Option<ThrottleKey> {
        match user {
            Some(user) => Some(ThrottleKey::new(&[b"user", user.as_bytes()])),
            None => Some(ThrottleKey::new(&[b"client", self.client_of(request)?.as_bytes()])),
        }
    }
}
