//! Counts requests to something with a limit of its own, such as a route: [`Throttle::count_request`].

use super::{
    Counter, Limit, Throttle, ThrottleKey,
    authentication_attempt::{NO_PEER, unavailable, within_limits},
};
use crate::identity::{IdentityError, Incoming};

impl Throttle {
    /// Counts a request to something with a limit of its own.
    ///
    /// `what` names it, and `user` is counted in place of the client.
    ///
    /// # Errors
    ///
    /// As [`begin`](Self::begin).
    #[doc(hidden)]
    pub async fn count_request(
        &self,
        limit: Limit,
        what: &[&[u8]],
        user: Option<&str>,
        request: &Incoming<'_>,
    ) -> Result<(), IdentityError> {
        let caller = self.caller(user, request).ok_or(IdentityError::misconfigured(NO_PEER))?;
        let (what, caller) = (ThrottleKey::new(what).to_string(), caller.to_string());
        let key = ThrottleKey::new(&[b"route", what.as_bytes(), caller.as_bytes()]);
        let counters = [Counter::new(key, limit)];
        let standing = self.store.take(&counters, request.now()).await.map_err(unavailable)?;
        within_limits("route", standing)
    }
}
