//! What the tasks of one authorizer share.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::{FutureExt as _, Shared, WeakShared};

use super::held::Held;
use crate::{Credentials, Error};

pub(crate) type Answer = Result<Arc<Held>, Error>;
type Boxed = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Clones share what they hold.
#[derive(Clone, Default)]
pub(crate) struct State(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    current: Option<Arc<Held>>,
    /// A service refused the current token.
    rejected: bool,
    /// Until then, by the running clock, a failed refresh is not tried again while the token lives.
    pause: Option<Duration>,
    /// Weak, so that a log-in that nobody waits for any more ends.
    flight: Option<WeakShared<Boxed>>,
}

impl State {
    fn hold(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here panics half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn current(&self) -> Option<Arc<Held>> {
        self.hold().current.clone()
    }

    /// Returns the current token if it will do, or the one flight that gets the next. Both are decided under one lock: so
    /// there is never a second flight.
    pub(crate) fn current_or_join(
        &self,
        is_fresh: impl FnOnce(&Held) -> bool,
        start: impl FnOnce() -> Boxed,
    ) -> Result<Arc<Held>, Shared<Boxed>> {
        let mut inner = self.hold();
        if let Some(held) = &inner.current
            && !inner.rejected
            && is_fresh(held)
        {
            return Ok(Arc::clone(held));
        }
        if let Some(flight) = inner.flight.as_ref().and_then(WeakShared::upgrade)
            && flight.peek().is_none()
        {
            return Err(flight);
        }
        let flight = start().shared();
        inner.flight = flight.downgrade();
        Err(flight)
    }

    /// Notes that a service refused these credentials, if they are the current ones.
    pub(crate) fn reject(&self, rejected: &Credentials) {
        let mut inner = self.hold();
        if inner.current.as_ref().is_some_and(|held| held.credentials.same(rejected)) {
            inner.rejected = true;
        }
    }

    /// Returns the current token, and whether a service refused it.
    pub(crate) fn before(&self) -> (Option<Arc<Held>>, bool, Option<Duration>) {
        let inner = self.hold();
        (inner.current.clone(), inner.rejected, inner.pause)
    }

    pub(crate) fn set(&self, held: &Arc<Held>) {
        let mut inner = self.hold();
        inner.current = Some(Arc::clone(held));
        inner.rejected = false;
        inner.pause = None;
    }

    pub(crate) fn pause(&self, until: Duration) {
        self.hold().pause = Some(until);
    }

    pub(crate) fn clear(&self) {
        let mut inner = self.hold();
        inner.current = None;
        inner.rejected = false;
        inner.pause = None;
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State")
    }
}
