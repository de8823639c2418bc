//! Shares the token and the running acquisition between clones and tasks of one authorizer: [`SharedState`].

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::{FutureExt as _, Shared, WeakShared};
use tokio::sync::{OwnedMutexGuard, watch};

use super::cached_token::CachedToken;
use crate::{Credentials, Error, Token};

pub(crate) type TokenResult = Result<Arc<CachedToken>, Error>;
type BoxedResult = Pin<Box<dyn Future<Output = TokenResult> + Send>>;

/// Clones share the state.
#[derive(Clone, Default)]
pub(crate) struct SharedState {
    inner: Arc<Mutex<Inner>>,
    /// Held by an acquisition, including its refresh task, and by a log-out: only one at a time changes the
    /// token.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Counts log-outs, so that an acquisition notices one that began after it.
    log_outs: Arc<watch::Sender<u64>>,
}

#[derive(Default)]
struct Inner {
    current: Option<Arc<CachedToken>>,
    /// A service rejected the current token.
    rejected: bool,
    pause: Option<Pause>,
    /// Weak, so that a log-in without waiters ends.
    acquisition: Option<WeakShared<BoxedResult>>,
}

/// A period without requests to the server after a failure.
#[derive(Clone)]
pub(crate) struct Pause {
    /// By the monotonic clock.
    pub(crate) until: Duration,
    /// The failure, if the server named the time (`Retry-After`): then the pause also holds without a token.
    pub(crate) demanded: Option<Error>,
}

impl SharedState {
    fn hold(&self) -> MutexGuard<'_, Inner> {
        // A poisoned lock is usable: no code in here panics half-way through a change.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn current(&self) -> Option<Arc<CachedToken>> {
        self.hold().current.clone()
    }

    /// Waits until no acquisition and no log-out changes the token.
    pub(crate) async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }

    /// Returns a receiver that notices log-outs from now on.
    pub(crate) fn log_outs(&self) -> watch::Receiver<u64> {
        self.log_outs.subscribe()
    }

    /// Begins a log-out: removes the token and the acquisition, so that no caller joins it, and returns both.
    pub(crate) fn begin_log_out(&self) -> (Option<Arc<CachedToken>>, Option<Shared<BoxedResult>>) {
        let mut inner = self.hold();
        let acquisition = inner.acquisition.take().and_then(|acquisition| acquisition.upgrade());
        // Count under the lock: an acquisition that starts after this belongs to the time after the log-out.
        self.log_outs.send_modify(|count| *count = count.wrapping_add(1));
        (inner.forget(), acquisition)
    }

    /// Removes the current token and returns it.
    pub(crate) fn take(&self) -> Option<Arc<CachedToken>> {
        self.hold().forget()
    }

    /// Returns the current token if it is usable, or the shared acquisition. Both are decided under one lock,
    /// so there is never a second acquisition.
    pub(crate) fn current_or_join(
        &self,
        is_fresh: impl FnOnce(&CachedToken) -> bool,
        start: impl FnOnce() -> BoxedResult,
    ) -> Result<Arc<CachedToken>, Shared<BoxedResult>> {
        let mut inner = self.hold();
        if let Some(cached) = &inner.current
            && !inner.rejected
            && is_fresh(cached)
        {
            return Ok(Arc::clone(cached));
        }
        if let Some(acquisition) = inner.acquisition.as_ref().and_then(WeakShared::upgrade)
            && acquisition.peek().is_none()
        {
            return Err(acquisition);
        }
        let acquisition = start().shared();
        inner.acquisition = acquisition.downgrade();
        Err(acquisition)
    }

    /// Records that a service rejected these credentials, if they are the current ones.
    pub(crate) fn reject(&self, rejected: &Credentials) {
        let mut inner = self.hold();
        if inner.current.as_ref().is_some_and(|cached| cached.credentials.same(rejected)) {
            inner.rejected = true;
        }
    }

    /// Returns the current token, and whether a service rejected it.
    pub(crate) fn before(&self) -> (Option<Arc<CachedToken>>, bool) {
        let inner = self.hold();
        (inner.current.clone(), inner.rejected)
    }

    /// Returns the pause, if it has not ended at this monotonic time.
    pub(crate) fn pause_at(&self, now: Duration) -> Option<Pause> {
        self.hold().pause.clone().filter(|pause| now < pause.until)
    }

    pub(crate) fn set(&self, cached: &Arc<CachedToken>) {
        let mut inner = self.hold();
        inner.current = Some(Arc::clone(cached));
        inner.rejected = false;
        inner.pause = None;
    }

    /// Begins a pause, unless there is one: otherwise callers during a pause would prolong it.
    pub(crate) fn pause(&self, now: Duration, pause: Pause) {
        let mut inner = self.hold();
        if inner.pause.as_ref().is_none_or(|old| old.until <= now) {
            inner.pause = Some(pause);
        }
    }

    /// Drops the refresh token of the current token, if it is the one that the server denied.
    pub(crate) fn give_up_refresh_token(&self, refused: &Token) {
        let mut inner = self.hold();
        if let Some(cached) = &inner.current
            && cached.token.is_same(refused)
        {
            inner.current = Some(Arc::new(cached.without_refresh_token()));
        }
    }
}

impl Inner {
    fn forget(&mut self) -> Option<Arc<CachedToken>> {
        self.rejected = false;
        self.pause = None;
        self.current.take()
    }
}

impl fmt::Debug for SharedState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedState")
    }
}
