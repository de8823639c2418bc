//! One trip for a token: store, refresh, or from the beginning.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::sync::{OwnedMutexGuard, watch};

use super::{
    Setup,
    held::Held,
    state::{Answer, Pause, State},
};
use crate::{Environment, Error, ErrorKind, Grant, Token, store::StoreLock};

/// How long a provider that is out of order is left alone while the old token lives.
const PAUSE: Duration = Duration::from_secs(5);
/// How long a provider is left alone at most, whatever its `Retry-After` says.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// When a token that could not be stored is tried to be stored again.
const SAVE_AGAIN: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30), Duration::from_mins(5)];

pub(super) struct Flight<G> {
    pub(super) setup: Arc<Setup<G>>,
    pub(super) state: State,
    log_outs: watch::Receiver<u64>,
}

/// What a flight holds while it changes the token.
struct Turn {
    _turn: OwnedMutexGuard<()>,
    _lock: Option<StoreLock>,
}

/// What became of a refresh.
enum Refreshed {
    Held(Arc<Held>),
    /// There is no way but from the beginning; with the provider's refusal, if that is why.
    Not(Turn, Option<Error>),
}

impl<G> Clone for Flight<G> {
    fn clone(&self) -> Self {
        Self { setup: Arc::clone(&self.setup), state: self.state.clone(), log_outs: self.log_outs.clone() }
    }
}

impl<G: Grant> Flight<G> {
    pub(super) fn new(setup: &Arc<Setup<G>>, state: &State) -> Self {
        Self { setup: Arc::clone(setup), state: state.clone(), log_outs: state.log_outs() }
    }

    pub(super) fn start(self) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        Box::pin(self.run())
    }

    fn environment(&self) -> &Environment {
        self.setup.grant.environment()
    }

    /// Fails if a log-out began after this flight: what it brings is revoked, and must not be given to callers.
    fn check_log_outs(&self) -> Result<(), Error> {
        if self.log_outs.has_changed().unwrap_or(true) {
            return Err(Error::logged_out());
        }
        Ok(())
    }

    async fn run(self) -> Answer {
        let (current, rejected) = self.state.before();
        let clock = &self.environment().clock;
        let alive = current.filter(|held| !rejected && held.is_alive(&**clock));
        if let Some(held) = &alive
            && self.state.pause_at(clock.running()).is_some()
        {
            return Ok(Arc::clone(held));
        }
        let answer = self.fetch().await;
        self.check_log_outs()?;
        match (answer, alive) {
            (Err(error), alive) if matches!(error.kind(), ErrorKind::Transport | ErrorKind::TimedOut) => {
                self.pause(&error, alive.is_some());
                let Some(held) = alive else { return Err(error) };
                tracing::warn!(target: "auth_client", service = %self.environment().service, %error,
                    "the next token does not come; the old one is used while it lasts");
                Ok(held)
            }
            (answer, _) => answer,
        }
    }

    /// Leaves the provider alone for a while: as long as it demands, within bounds, or shortly if there is a token to use.
    fn pause(&self, error: &Error, is_alive: bool) {
        let demanded = error.retry_after().map(|wait| wait.min(LONGEST_PAUSE));
        if demanded.is_none() && !is_alive {
            return;
        }
        let now = self.environment().clock.running();
        let until = now.saturating_add(demanded.unwrap_or_default().max(PAUSE));
        self.state.pause(now, Pause { until, demanded: demanded.map(|_| error.clone()) });
    }

    async fn fetch(&self) -> Answer {
        let turn = self.state.turn().await;
        self.check_log_outs()?;
        let (current, rejected) = self.state.before();
        let clock = &*self.environment().clock;
        if let Some(held) = &current
            && !rejected
            && held.is_fresh(&self.setup.tester, clock)
        {
            // A refresh that its caller had given up got it meanwhile.
            return Ok(Arc::clone(held));
        }
        let (key, store) = (self.setup.grant.store_key(), self.setup.store.as_ref());
        let (lock, stored) = match store {
            Some(store) => (Some(store.lock(&key).await?), store.load(&key).await?),
            None => (None, None),
        };
        let turn = Turn { _turn: turn, _lock: lock };
        if let Some(token) = &stored
            && !(rejected && current.as_ref().is_some_and(|held| held.token.is_same(token)))
            && self.passes(token).await?
        {
            let held = Arc::new(Held::new(token.clone(), self.environment())?);
            self.state.set(&held);
            return Ok(held);
        }
        if let Some(error) = self.state.pause_at(clock.running()).and_then(|pause| pause.demanded) {
            return Err(error);
        }
        // Another process may have rotated the refresh token: the store knows best.
        let base = stored.or_else(|| current.map(|held| held.token.clone()));
        let (turn, cause) = match base.filter(|token| token.refresh_token().is_some()) {
            Some(base) => match self.refresh(base, turn).await? {
                Refreshed::Held(held) => return Ok(held),
                Refreshed::Not(turn, cause) => (turn, cause),
            },
            None => (turn, None),
        };
        let answer = self.obtain(cause).await;
        drop(turn);
        answer
    }

    /// Refreshes in a task of its own: what the provider has rotated must be stored, even if nobody waits any more. Gives the
    /// turn back if there is no way but from the beginning.
    async fn refresh(&self, base: Token, turn: Turn) -> Result<Refreshed, Error> {
        let flight = self.clone();
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|_| Error::configuration("tokens are refreshed on a tokio runtime only"))?;
        let task = runtime.spawn(async move {
            match flight.setup.grant.refresh(&base).await {
                Ok(Some(next)) => match flight.accept(base.replaced_by(next)).await? {
                    Some(held) => Ok(Refreshed::Held(held)),
                    None => Ok(Refreshed::Not(turn, None)),
                },
                Ok(None) => Ok(Refreshed::Not(turn, None)),
                Err(error) if error.ends_refresh_token() => {
                    flight.give_up_refresh_token(&base, &error).await;
                    Ok(Refreshed::Not(turn, Some(error)))
                }
                Err(error) => Err(error),
            }
        });
        task.await.map_err(|_| Error::transport("the task that refreshed the token ended early"))?
    }

    /// Forgets a refresh token that the provider refuses: sent again, it would be refused again, and may look like theft.
    async fn give_up_refresh_token(&self, base: &Token, error: &Error) {
        tracing::info!(target: "auth_client", service = %self.environment().service, %error,
            "the provider does not refresh the token");
        // This refusal is about the client; the refresh token may be good once the client is set up rightly.
        if !error.is_denial("invalid_client") {
            self.state.give_up_refresh_token(base);
            self.save(&base.without_refresh_token()).await;
        }
    }

    async fn obtain(&self, cause: Option<Error>) -> Answer {
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
        // A log-out does not wait for a person, it ends the log-in.
        let mut log_outs = self.log_outs.clone();
        tokio::select! {
            biased;
            _ = log_outs.changed() => Err(Error::logged_out()),
            answer = grant.obtain() => answer,
        }
    }

    /// Stores a new token, then uses it; `None` if it is not good.
    async fn accept(&self, token: Token) -> Result<Option<Arc<Held>>, Error> {
        self.check_scopes(&token)?;
        let held = Arc::new(Held::new(token, self.environment())?);
        // Even one that fails its test is stored first: it may hold the only refresh token that still counts.
        let is_saved = self.save(&held.token).await;
        if !self.passes(&held.token).await? {
            return Ok(None);
        }
        self.state.set(&held);
        if !is_saved && let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(self.clone().save_later(Arc::clone(&held)));
        }
        Ok(Some(held))
    }

    /// A full disk must not stop a program whose token is good; the old file is still whole. Returns whether it is saved.
    async fn save(&self, token: &Token) -> bool {
        let Some(store) = &self.setup.store else { return true };
        let answer = store.save(&self.setup.grant.store_key(), token).await;
        if let Err(error) = &answer {
            tracing::error!(target: "auth_client", service = %self.environment().service, %error,
                "the new token cannot be stored; it is kept in memory");
        }
        answer.is_ok()
    }

    /// Tries again to store a token, as long as it is the current one: it may hold the only refresh token that still counts.
    async fn save_later(self, held: Arc<Held>) {
        let Some(store) = self.setup.store.clone() else { return };
        for delay in SAVE_AGAIN {
            tokio::time::sleep(delay).await;
            let Ok(_lock) = store.lock(&self.setup.grant.store_key()).await else { continue };
            let is_current = self.state.current().is_some_and(|current| Arc::ptr_eq(&current, &held));
            if !is_current || self.save(&held.token).await {
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
