//! Implements [`IdentityPolicy`] for server-side sessions.

use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderValue;
use tokio::sync::MutexGuard;

use super::{
    SessionDetails, SessionIdentity,
    derived_ids::DerivedIds,
    find_session::{Presented, Secrets},
    loaded_session::{LoadedSession, SessionHandle},
    request_session_state::RequestSessionState,
    rollback_guard::RollbackGuard,
    session_secret::SessionSecret,
    stored_records::SessionIdentityRecord,
};
use auth_identity::{
    Answer, Identity,
    identity::{
        ChangeContext, Data, DataEdits, Effects, Identification, Identified, IdentityError, IdentityPolicy,
        Incoming, LoginOptions,
    },
};

const NOT_READ: &str = "the sessions of this request could not be looked up";
const ENDED: &str = "the session was ended by another request";
const REPLACED: &str = "another request has given the browser another cookie in place of this one";

#[async_trait]
impl IdentityPolicy for SessionIdentity {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        let on = self.circumstances(request);
        match self.presented(request, &on) {
            Presented::Nothing => Answer::Now(Ok(Identified::anonymous().with_memo(on))),
            Presented::Nonsense => Answer::Now(Ok(Identified::bad_credential().with_memo(on))),
            Presented::TooMany { secrets, is_unread } => {
                Answer::Now(Ok(Self::too_many(secrets, is_unread, &on)))
            }
            Presented::Secrets(secrets) => self.look_up(secrets, on, request.now()),
        }
    }

    async fn remember(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        options: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        let data = self.carried_data(context);
        self.log_in(context, identity, options, |_, _| Ok(data.clone())).await
    }

    /// Remove the browser's cookie even if the store is unavailable; the call still fails.
    async fn forget(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        let removal = self.cookie.remove_all(context.identified().several())?;
        let looked_up = RequestSessionState::of(context.identified());
        // If loading failed, it is unknown which session to end.
        let mut failure = looked_up.is_none().then(|| IdentityError::unavailable(NOT_READ));
        let mut on = looked_up.unwrap_or_default();
        match self.read_all(Arc::clone(&on), context.now()).await {
            Ok(all) => on = all,
            Err(error) => failure = Some(error),
        }
        for held in self.replaced(context, &on) {
            if let Err(error) = self.backend.end(&held).await {
                failure = Some(error);
            }
        }
        let effects = removal.with_identified(Identified::anonymous().with_memo(alone(&on)));
        Ok(match failure {
            Some(error) => effects.with_failure(error),
            None => effects,
        })
    }

    /// Records the use of a session.
    async fn renew(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        if let Some(details) = context.identified().memo::<SessionDetails>()
            && self.limits.is_due(&details.live, context.now())
        {
            // Do not restore a session that has ended meanwhile.
            self.backend.edit(&details.live, context.now(), |_| Ok(())).await?;
        }
        Ok(Effects::none())
    }

    async fn rotate(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        let on = read_circumstances(context)?;
        let Some(details) = context.current().memo::<SessionDetails>() else {
            return Ok(Effects::none().with_identified(context.current().clone()));
        };
        let (live, turn) = self.still_open(&details, context).await?;
        let (secret, guard) = self.backend.rotate(&live, &details.secret, context.now()).await?;
        drop(turn);
        // A request may carry other sessions of the same user.
        let old = self.backend.held(&live, &details.secret);
        for held in self.replaced(context, &on).iter().filter(|held| held.ids != old.ids) {
            self.backend.replace(held, context.now()).await?;
        }
        let on = alone(&on);
        self.written(secret, live, guard, on, context)
    }

    async fn store(&self, context: &ChangeContext<'_>, edits: &DataEdits) -> Result<Effects, IdentityError> {
        if context.current().is_contradictory() {
            return Err(IdentityError::refuse("sessions of different users were presented"));
        }
        let on = read_circumstances(context)?;
        if let Some(details) = context.current().memo::<SessionDetails>() {
            let edited = self.backend.edit(&details.live, context.now(), |values| {
                Arc::make_mut(&mut values.data).edit(edits);
                self.check_size(values.size())
            });
            let live = edited.await?.ok_or(IdentityError::refuse(ENDED))?;
            let identified = live.identified(details.secret.clone(), on, false);
            return Ok(Effects::none().with_identified(identified));
        }
        // A new anonymous session would replace the cookie that the browser has received meanwhile.
        if RequestSessionState::of(context.current()).is_some_and(|on| on.is_replaced) {
            return Err(IdentityError::refuse(REPLACED));
        }
        let mut data = Data::default();
        data.edit(edits);
        // An anonymous client without data needs no session.
        if data.is_empty() {
            return Ok(Effects::none().with_identified(context.current().clone()));
        }
        let core = self.limits.anonymous_core(context.now())?;
        let (secret, live, guard) = self.begin(core, data, context).await?;
        self.written(secret, live, guard, on, context)
    }

    fn ends_credentials(&self) -> bool {
        true
    }

    fn challenge(&self) -> HeaderValue {
        self.challenge.clone()
    }
}

impl SessionIdentity {
    /// Returns the sessions that a change ends: those of the request, and one that it has begun since.
    fn replaced(&self, context: &ChangeContext<'_>, on: &RequestSessionState) -> Vec<SessionHandle> {
        let held = |(live, secret): &(Arc<LoadedSession>, SessionSecret)| self.backend.held(live, secret);
        let mut replaced: Vec<SessionHandle> = on.presented.iter().map(held).collect();
        for identified in [context.identified(), context.current()] {
            if let Some(details) = identified.memo::<SessionDetails>() {
                let held = self.backend.held(&details.live, &details.secret);
                if !replaced.contains(&held) {
                    replaced.push(held);
                }
            }
        }
        replaced
    }

    /// Returns the anonymous data that survive a log-in.
    pub(super) fn carried_data(&self, context: &ChangeContext<'_>) -> Data {
        let current = context.current();
        if current.identity().is_some() || self.carried.is_empty() {
            return Data::default();
        }
        let data = current.data().into_iter().flat_map(|data| data.iter());
        data.filter(|(key, _)| self.carried.contains(*key))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    fn check_size(&self, size: usize) -> Result<(), IdentityError> {
        if size > self.limits.data {
            return Err(IdentityError::too_large(
                "the session's data are longer than `with_max_data` allows",
            ));
        }
        Ok(())
    }

    /// Begins a session for a user and ends the earlier ones. `data` builds its data from the identity record
    /// and the public id.
    pub(super) async fn log_in(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        options: &LoginOptions,
        data: impl Fn(&SessionIdentityRecord, &DerivedIds) -> Result<Data, IdentityError> + Send + Sync,
    ) -> Result<Effects, IdentityError> {
        // A log-in does not need the request's sessions; if loading them failed, there is none to end.
        let on = RequestSessionState::of(context.identified()).unwrap_or_default();
        if let Some(obstacle) = on.obstacle {
            return Err(IdentityError::misconfigured(obstacle));
        }
        let on = self.read_all(on, context.now()).await?;
        let earlier = context.current().memo::<SessionDetails>();
        let earlier_core = earlier.as_ref().map(|details| &*details.live.core);
        let core = self.limits.core(identity, options, on.label.as_deref(), earlier_core, context.now())?;
        // Starting or ending an impersonation is not an authentication; the existing session has the time.
        let heir_of = earlier.filter(|details| {
            let stops = options.authenticated_at().is_some() && details.live.core.actor().is_some();
            options.actor().is_some() || stops
        });
        self.begin_instead(context, on, core, heir_of.as_deref(), data).await
    }

    async fn begin_instead(
        &self,
        context: &ChangeContext<'_>,
        on: Arc<RequestSessionState>,
        core: SessionIdentityRecord,
        heir_of: Option<&SessionDetails>,
        data: impl Fn(&SessionIdentityRecord, &DerivedIds) -> Result<Data, IdentityError> + Send + Sync,
    ) -> Result<Effects, IdentityError> {
        let replaced = self.replaced(context, &on);
        let (secret, live, mut guard) = self.backend.begin(Arc::new(core), context.now(), data).await?;
        let new = self.backend.held(&live, &secret);
        guard.note_replaced(replaced.iter().map(|held| held.status_id));
        if let Err(error) = self.take_place(&new, &replaced, heir_of, context).await {
            // End it now, so that the next log-in does not count it; if that fails, the guard retries.
            if self.backend.end(&new).await.is_ok() {
                guard.disarm();
            }
            return Err(error);
        }
        let on = alone(&on);
        self.written(secret, live, guard, on, context)
    }

    async fn take_place(
        &self,
        new: &SessionHandle,
        replaced: &[SessionHandle],
        heir_of: Option<&SessionDetails>,
        context: &ChangeContext<'_>,
    ) -> Result<(), IdentityError> {
        self.limits.enforce(&self.backend, new, replaced, context.now()).await?;
        let _turn = match heir_of {
            Some(details) => Some(self.still_open(details, context).await?),
            None => None,
        };
        for held in replaced {
            self.backend.replace(held, context.now()).await?;
        }
        Ok(())
    }

    /// Returns the session reloaded, because the handler may have taken long, and the turn to replace it, so
    /// that only the first of several requests succeeds.
    async fn still_open(
        &self,
        details: &SessionDetails,
        context: &ChangeContext<'_>,
    ) -> Result<(Arc<LoadedSession>, MutexGuard<'_, ()>), IdentityError> {
        let turn = self.backend.turn(&details.live.ids).await?;
        let visit = self.backend.enter(&details.secret, context.now()).await?;
        Ok((visit.open().ok_or(IdentityError::refuse(ENDED))?, turn))
    }

    async fn begin(
        &self,
        core: SessionIdentityRecord,
        data: Data,
        context: &ChangeContext<'_>,
    ) -> Result<(SessionSecret, Arc<LoadedSession>, RollbackGuard), IdentityError> {
        self.backend.begin(Arc::new(core), context.now(), |_, _| Ok(data.clone())).await
    }

    fn written(
        &self,
        secret: SessionSecret,
        live: Arc<LoadedSession>,
        guard: RollbackGuard,
        on: Arc<RequestSessionState>,
        context: &ChangeContext<'_>,
    ) -> Result<Effects, IdentityError> {
        let left = live.core.expires().since(context.now());
        let effects = self.cookie.set(&secret.text(), (!live.core.until_browser_closes).then_some(left))?;
        let effects = self.cookie.and_remove_variants(effects, context.identified().several())?;
        Ok(effects.with_identified(live.identified(secret, on, false)).on_discard(guard.pass_on()))
    }
}

/// Returns the request's state, for a change that sets a cookie.
fn read_circumstances(context: &ChangeContext<'_>) -> Result<Arc<RequestSessionState>, IdentityError> {
    let on = RequestSessionState::of(context.identified());
    let on = on.ok_or_else(|| IdentityError::unavailable(NOT_READ))?;
    on.obstacle.map_or(Ok(on), |obstacle| Err(IdentityError::misconfigured(obstacle)))
}

/// Returns the state after the sessions of the request have ended.
fn alone(on: &RequestSessionState) -> Arc<RequestSessionState> {
    Arc::new(RequestSessionState {
        presented: Vec::new(),
        is_replaced: false,
        unread: Secrets::new(),
        ..on.clone()
    })
}
