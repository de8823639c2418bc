//! Acquires a token in a single acquisition: from the store, by refresh, or by a new grant.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::sync::{OwnedMutexGuard, watch};

use super::{
    Setup,
    cached_token::CachedToken,
    shared_state::{Pause, SharedState, TokenResult},
};
use crate::{Environment, Error, ErrorKind, Grant, Token, store::StoreLock};

/// How long not to contact a server that is out of order, while the old token is valid.
const PAUSE: Duration = Duration::from_secs(5);
/// The maximum of `Retry-After` that is honored.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// When to retry saving a token that could not be stored.
const SAVE_AGAIN: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30), Duration::from_mins(5)];

pub(super) struct Acquisition<G> {
    pub(super) setup: Arc<Setup<G>>,
    pub(super) state: SharedState,
    log_outs: watch::Receiver<u64>,
}

/// Held while the token changes.
struct Turn {
    _turn: OwnedMutexGuard<()>,
    _lock: Option<StoreLock>,
}

/// The result of a refresh.
enum Refreshed {
    Renewed(Arc<CachedToken>),
    /// Only a new grant is possible; with the denial, if that is the reason.
    Not(Turn, Option<Error>),
}

impl<G> Clone for Acquisition<G> {
    fn clone(&self) -> Self {
        Self { setup: Arc::clone(&self.setup), state: self.state.clone(), log_outs: self.log_outs.clone() }
    }
}

impl<G: Grant> Acquisition<G> {
    pub(super) fn new(setup: &Arc<Setup<G>>, state: &SharedState) -> Self {
        Self { setup: Arc::clone(setup), state: state.clone(), log_outs: state.log_outs() }
    }

    pub(super) fn start(self) -> Pin<Box<dyn Future<Output = TokenResult> + Send>> {
        Box::pin(self.run())
    }

    fn environment(&self) -> &Environment {
        self.setup.grant.environment()
    }

    /// Fails if a log-out began after this acquisition: its token is revoked and must not be returned.
    fn check_log_outs(&self) -> Result<(), Error> {
        if self.log_outs.has_changed().unwrap_or(true) {
            return Err(Error::logged_out());
        }
        Ok(())
    }

    async fn run(self) -> TokenResult {
        let (current, rejected) = self.state.before();
        let clock = &self.environment().clock;
        let alive = current.filter(|cached| !rejected && cached.is_alive(&**clock));
        if let Some(cached) = &alive
            && self.state.pause_at(clock.running()).is_some()
        {
            return Ok(Arc::clone(cached));
        }
        let answer = self.fetch().await;
        self.check_log_outs()?;
        match (answer, alive) {
            (Err(error), alive) if matches!(error.kind(), ErrorKind::Transport | ErrorKind::TimedOut) => {
                self.pause(&error, alive.is_some());
                let Some(cached) = alive else { return Err(error) };
                tracing::warn!(target: "auth_client", service = %self.environment().service, %error,
                    "the next token does not come; the old one is used while it lasts");
                Ok(cached)
            }
            (answer, _) => answer,
        }
    }

    /// Pauses requests to the server: for its `Retry-After`, within bounds, or shortly if there is a token to
    /// use.
    fn pause(&self, error: &Error, is_alive: bool) {
        let demanded = error.retry_after().map(|wait| wait.min(LONGEST_PAUSE));
        if demanded.is_none() && !is_alive {
            return;
        }
        let now = self.environment().clock.running();
        let until = now.saturating_add(demanded.unwrap_or_default().max(PAUSE));
        self.state.pause(now, Pause { until, demanded: demanded.map(|_| error.clone()) });
    }

    async fn fetch(&self) -> TokenResult {
        let turn = self.state.turn().await;
        self.check_log_outs()?;
        let (current, rejected) = self.state.before();
        let clock = &*self.environment().clock;
        if let Some(cached) = &current
            && !rejected
            && cached.is_fresh(&self.setup.tester, clock)
        {
            // A refresh whose caller was cancelled has stored it meanwhile.
            return Ok(Arc::clone(cached));
        }
        let (key, store) = (self.setup.grant.store_key(), self.setup.store.as_ref());
        let (lock, stored) = match store {
            Some(store) => (Some(store.lock(&key).await?), store.load(&key).await?),
            None => (None, None),
        };
        let turn = Turn { _turn: turn, _lock: lock };
        if let Some(token) = &stored
            && !(rejected && current.as_ref().is_some_and(|cached| cached.token.is_same(token)))
            && self.passes(token).await?
        {
            let cached = Arc::new(CachedToken::new(token.clone(), self.environment())?);
            self.state.set(&cached);
            return Ok(cached);
        }
        if let Some(error) = self.state.pause_at(clock.running()).and_then(|pause| pause.demanded) {
            return Err(error);
        }
        // Read the store: another process may have rotated the refresh token.
        let base = stored.or_else(|| current.map(|cached| cached.token.clone()));
        let (turn, cause) = match base.filter(|token| token.refresh_token().is_some()) {
            Some(base) => match self.refresh(base, turn).await? {
                Refreshed::Renewed(cached) => return Ok(cached),
                Refreshed::Not(turn, cause) => (turn, cause),
            },
            None => (turn, None),
        };
        let answer = self.obtain(cause).await;
        drop(turn);
        answer
    }

    /// Refreshes in a separate task, so that a rotated refresh token is stored even if the caller is
    /// cancelled. Returns the turn if only a new grant is possible.
    async fn refresh(&self, base: Token, turn: Turn) -> Result<Refreshed, Error> {
        let acquisition = self.clone();
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|_| Error::configuration("tokens are refreshed on a tokio runtime only"))?;
        let task = runtime.spawn(async move {
            match acquisition.setup.grant.refresh(&base).await {
                Ok(Some(next)) => match acquisition.accept(base.replaced_by(next)).await? {
                    Some(cached) => Ok(Refreshed::Renewed(cached)),
                    None => Ok(Refreshed::Not(turn, None)),
                },
                Ok(None) => Ok(Refreshed::Not(turn, None)),
                Err(error) if error.ends_refresh_token() => {
                    acquisition.give_up_refresh_token(&base, &error).await;
                    Ok(Refreshed::Not(turn, Some(error)))
                }
                Err(error) => Err(error),
            }
        });
        task.await.map_err(|_| Error::transport("the task that refreshed the token ended early"))?
    }

    /// Drops a refresh token that the server denied: sent again, it would be denied again and may look like
    /// theft.
    async fn give_up_refresh_token(&self, base: &Token, error: &Error) {
        tracing::info!(target: "auth_client", service = %self.environment().service, %error,
            "the provider does not refresh the token");
        // The client was denied, not the refresh token: it may be valid once the client is configured
        // correctly.
        if !error.is_denial("invalid_client") {
            self.state.give_up_refresh_token(base);
            self.save(&base.without_refresh_token()).await;
        }
    }

    async fn obtain(&self, cause: Option<Error>) -> TokenResult {
        self.check_log_outs()?;
        let token = self.obtain_token().await.map_err(|error| match cause {
            Some(cause) => error.with_cause(cause),
            None => error,
        })?;
        self.accept(token).await?.ok_or_else(|| {
            Error::protocol("the provider's new token is not good: it ends too soon, or its live test fails")
        })
    }

    async fn obtain_token(&self) -> Result<Token, Error> {
        let grant = &self.setup.grant;
        if !grant.is_interactive() {
            return grant.obtain().await;
        }
        if !self.setup.may_ask {
            return Err(Error::login_required());
        }
        // A log-out cancels a log-in that waits for a user.
        let mut log_outs = self.log_outs.clone();
        tokio::select! {
            biased;
            _ = log_outs.changed() => Err(Error::logged_out()),
            answer = grant.obtain() => answer,
        }
    }

    /// Stores a new token, then tests it. Returns `None` if it is not valid.
    async fn accept(&self, token: Token) -> Result<Option<Arc<CachedToken>>, Error> {
        self.check_scopes(&token)?;
        let cached = Arc::new(CachedToken::new(token, self.environment())?);
        // Store before testing: the token may hold the only refresh token that is still valid.
        let is_saved = self.save(&cached.token).await;
        if !self.passes(&cached.token).await? {
            return Ok(None);
        }
        self.state.set(&cached);
        if !is_saved && let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(self.clone().save_later(Arc::clone(&cached)));
        }
        Ok(Some(cached))
    }

    /// Saves a token. Returns `false` instead of failing: with a full disk the token can still be used, and
    /// the old file is intact.
    async fn save(&self, token: &Token) -> bool {
        let Some(store) = &self.setup.store else { return true };
        let answer = store.save(&self.setup.grant.store_key(), token).await;
        if let Err(error) = &answer {
            tracing::error!(target: "auth_client", service = %self.environment().service, %error,
                "the new token cannot be stored; it is kept in memory");
        }
        answer.is_ok()
    }

    /// Retries saving a token while it is the current one: it may hold the only refresh token that is still
    /// valid.
    async fn save_later(self, cached: Arc<CachedToken>) {
        let Some(store) = self.setup.store.clone() else { return };
        for delay in SAVE_AGAIN {
            tokio::time::sleep(delay).await;
            let Ok(_lock) = store.lock(&self.setup.grant.store_key()).await else { continue };
            let is_current = self.state.current().is_some_and(|current| Arc::ptr_eq(&current, &cached));
            if !is_current || self.save(&cached.token).await {
                return;
            }
        }
    }

    fn check_scopes(&self, token: &Token) -> Result<(), Error> {
        let missing = token.missing_scopes(self.setup.grant.scopes().iter().map(String::as_str));
        if missing.is_empty() {
            return Ok(());
        }
        let missing = missing.join(" ");
        if self.setup.all_scopes {
            return Err(Error::protocol(format!(
                "the provider grants less than was asked for; missing: {missing}"
            )));
        }
        tracing::warn!(target: "auth_client", service = %self.environment().service, missing,
            "the provider grants less than was asked for");
        Ok(())
    }

    async fn passes(&self, token: &Token) -> Result<bool, Error> {
        let environment = self.environment();
        self.setup.tester.test(token, &environment.format, &*environment.http, &*environment.clock).await
    }
}
