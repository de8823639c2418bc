//! One trip for a token: store, refresh, or from the beginning.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use super::{
    Setup,
    held::Held,
    state::{Answer, State},
};
use crate::{Environment, Error, ErrorKind, Grant, Token, store::StoreLock};

/// How long a provider that is out of order is left alone while the old token lives.
const PAUSE: Duration = Duration::from_secs(5);
/// When a token that could not be stored is tried to be stored again.
const SAVE_AGAIN: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30), Duration::from_mins(5)];

pub(super) struct Flight<G> {
    setup: Arc<Setup<G>>,
    state: State,
}

impl<G> Clone for Flight<G> {
    fn clone(&self) -> Self {
        Self { setup: Arc::clone(&self.setup), state: self.state.clone() }
    }
}

impl<G: Grant> Flight<G> {
    pub(super) fn new(setup: &Arc<Setup<G>>, state: &State) -> Self {
        Self { setup: Arc::clone(setup), state: state.clone() }
    }

    pub(super) fn start(self) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        Box::pin(self.run())
    }

    fn environment(&self) -> &Environment {
        self.setup.grant.environment()
    }

    async fn run(self) -> Answer {
        let (current, rejected, pause) = self.state.before();
        let clock = &self.environment().clock;
        let alive = current.filter(|held| !rejected && held.is_alive(&**clock));
        if let Some(held) = &alive
            && pause.is_some_and(|until| clock.running() < until)
        {
            return Ok(Arc::clone(held));
        }
        match (self.fetch().await, alive) {
            (Err(error), Some(held))
                if matches!(error.kind(), ErrorKind::Transport | ErrorKind::TimedOut) =>
            {
                tracing::warn!(target: "auth_client", service = %self.environment().service, %error,
                    "the next token does not come; the old one is used while it lasts");
                self.state.pause(clock.running().saturating_add(PAUSE));
                Ok(held)
            }
            (answer, _) => answer,
        }
    }

    async fn fetch(&self) -> Answer {
        let (key, store) = (self.setup.grant.store_key(), self.setup.store.as_ref());
        let lock = match store {
            Some(store) => Some(store.lock(&key).await?),
            None => None,
        };
        let stored = match store {
            Some(store) => store.load(&key).await?,
            None => None,
        };
        let (current, rejected, _) = self.state.before();
        if let Some(token) = &stored
            && !(rejected && current.as_ref().is_some_and(|held| held.token.is_same(token)))
            && self.passes(token).await?
        {
            let held = Arc::new(Held::new(token.clone(), self.environment())?);
            self.state.set(&held);
            return Ok(held);
        }
        // Another process may have rotated the refresh token: the store knows best.
        let base = stored.or_else(|| current.map(|held| held.token.clone()));
        let lock = match base.filter(|token| token.refresh_token().is_some()) {
            Some(base) => match self.refresh(base, lock).await? {
                Ok(held) => return Ok(held),
                Err(lock) => lock,
            },
            None => lock,
        };
        let answer = self.obtain().await;
        drop(lock);
        answer
    }

    /// Refreshes in a task of its own: what the provider has rotated must be stored, even if nobody waits any more. Gives the
    /// lock back if there is no way but from the beginning.
    async fn refresh(
        &self,
        base: Token,
        lock: Option<StoreLock>,
    ) -> Result<Result<Arc<Held>, Option<StoreLock>>, Error> {
        let flight = self.clone();
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|_| Error::configuration("tokens are refreshed on a tokio runtime only"))?;
        let task = runtime.spawn(async move {
            match flight.setup.grant.refresh(&base).await {
                Ok(Some(next)) => match flight.accept(base.replaced_by(next)).await? {
                    Some(held) => Ok(Ok(held)),
                    None => Ok(Err(lock)),
                },
                Ok(None) => Ok(Err(lock)),
                Err(error) if error.kind() == ErrorKind::Denied => {
                    tracing::info!(target: "auth_client", service = %flight.environment().service, %error,
                        "the provider does not refresh the token");
                    Ok(Err(lock))
                }
                Err(error) => Err(error),
            }
        });
        task.await.map_err(|_| Error::transport("the task that refreshed the token ended early"))?
    }

    async fn obtain(&self) -> Answer {
        if self.setup.grant.is_interactive() && !self.setup.may_ask {
            return Err(Error::login_required());
        }
        let token = self.setup.grant.obtain().await?;
        self.accept(token).await?.ok_or_else(|| {
            Error::protocol("the provider's new token is not good: it ends too soon, or its live test fails")
        })
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

    pub(super) async fn log_out(self) -> Result<bool, Error> {
        let (key, store) = (self.setup.grant.store_key(), self.setup.store.as_ref());
        let mut token = self.state.current().map(|held| held.token.clone());
        self.state.clear();
        if let Some(store) = store {
            let _lock = store.lock(&key).await?;
            token = store.load(&key).await?.or(token);
            store.remove(&key).await?;
        }
        match token {
            Some(token) => self.setup.grant.revoke(&token).await,
            None => Ok(true),
        }
    }
}
