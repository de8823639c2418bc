//! What the tasks of one authorizer share.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::{FutureExt as _, Shared, WeakShared};
use tokio::sync::{OwnedMutexGuard, watch};

use super::held::Held;
use crate::{Credentials, Error, Token};

pub(crate) type Answer = Result<Arc<Held>, Error>;
type Boxed = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Clones share what they hold.
#[derive(Clone, Default)]
pub(crate) struct State {
    inner: Arc<Mutex<Inner>>,
    /// Held by a flight, its refresh task included, and by a log-out: one at a time changes the token.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Counts log-outs, so that a flight notices one that began after it.
    log_outs: Arc<watch::Sender<u64>>,
}

#[derive(Default)]
struct Inner {
    current: Option<Arc<Held>>,
    /// A service refused the current token.
    rejected: bool,
    pause: Option<Pause>,
    /// Weak, so that a log-in that nobody waits for any more ends.
    flight: Option<WeakShared<Boxed>>,
}

/// A time during which the provider is not asked again after a failure.
#[derive(Clone)]
pub(crate) struct Pause {
    /// By the running clock.
    pub(crate) until: Duration,
    /// The failure, if the provider itself named the time (`Retry-After`): it holds without a token, too.
    pub(crate) demanded: Option<Error>,
}

impl State {
    fn hold(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here panics half-way through a change.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn current(&self) -> Option<Arc<Held>> {
        self.hold().current.clone()
    }

    /// Waits until no flight and no log-out changes the token.
    pub(crate) async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }

    /// Returns what notices the log-outs that begin from now on.
    pub(crate) fn log_outs(&self) -> watch::Receiver<u64> {
        self.log_outs.subscribe()
    }

    /// Begins a log-out: forgets the token and the flight, so that no caller joins it any more, and returns both.
    pub(crate) fn begin_log_out(&self) -> (Option<Arc<Held>>, Option<Shared<Boxed>>) {
        let mut inner = self.hold();
        let flight = inner.flight.take().and_then(|flight| flight.upgrade());
        // Under the lock: a flight that starts after this belongs to the time after the log-out.
        self.log_outs.send_modify(|count| *count = count.wrapping_add(1));
        (inner.forget(), flight)
    }

    /// Forgets the current token and returns it.
    pub(crate) fn take(&self) -> Option<Arc<Held>> {
        self.hold().forget()
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
    pub(crate) fn before(&self) -> (Option<Arc<Held>>, bool) {
        let inner = self.hold();
        (inner.current.clone(), inner.rejected)
    }

    /// Returns the pause, if it is not over at this time of the running clock.
    pub(crate) fn pause_at(&self, now: Duration) -> Option<Pause> {
        self.hold().pause.clone().filter(|pause| now < pause.until)
    }

    pub(crate) fn set(&self, held: &Arc<Held>) {
        let mut inner = self.hold();
        inner.current = Some(Arc::clone(held));
        inner.rejected = false;
        inner.pause = None;
    }

    /// Begins a pause, unless there is one already: otherwise callers during a pause would prolong it.
    pub(crate) fn pause(&self, now: Duration, pause: Pause) {
        let mut inner = self.hold();
        if inner.pause.as_ref().is_none_or(|old| old.until <= now) {
            inner.pause = Some(pause);
        }
    }

    /// Drops the refresh token of the current token, if it is the one that the provider refuses.
    pub(crate) fn give_up_refresh_token(&self, refused: &Token) {
        let mut inner = self.hold();
        if let Some(held) = &inner.current
            && held.token.is_same(refused)
        {
            inner.current = Some(Arc::new(held.without_refresh_token()));
        }
    }
}

impl Inner {
    fn forget(&mut self) -> Option<Arc<Held>> {
        self.rejected = false;
        self.pause = None;
        self.current.take()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State")
    }
}
