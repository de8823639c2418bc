//! Holds a session as loaded from the store: [`LoadedSession`].

use std::sync::Arc;

use tower_sessions_core::session::Id;

use super::{
    SessionDetails,
    derived_ids::DerivedIds,
    request_session_state::RequestSessionState,
    session_secret::SessionSecret,
    stored_records::{SecretStatus, SessionData, SessionIdentityRecord},
};
use crate::events;
use auth_identity::{clock::UnixTime, identity::Identified};

/// A session as loaded from its records.
#[derive(Clone, Debug)]
pub(super) struct LoadedSession {
    pub(super) ids: DerivedIds,
    pub(super) core: Arc<SessionIdentityRecord>,
    pub(super) values: SessionData,
    /// The result for requests in this session, built once
    told: Identified,
}

/// Enough to end a session, or to invalidate one cookie value of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct SessionHandle {
    pub(super) ids: DerivedIds,
    /// The store's name of the record of its secret's status
    pub(super) status_id: Id,
    /// The user's name in the index
    pub(super) user: Option<String>,
    /// The impersonator's name in the index
    pub(super) acting: Option<String>,
    /// The log-in's name in the index
    pub(super) login: Option<String>,
}

impl SessionHandle {
    /// Returns the names under which the index lists the session.
    pub(super) fn listed(&self) -> impl Iterator<Item = &str> {
        [&self.user, &self.acting, &self.login].into_iter().filter_map(Option::as_deref)
    }
}

/// The session of a cookie value, if there is one, and whether the value is the present one.
pub(super) struct Visit {
    pub(super) live: Option<Arc<LoadedSession>>,
    pub(super) is_open: bool,
    /// Another request has recently replaced this cookie
    pub(super) is_replaced: bool,
}

impl Visit {
    pub(super) fn of(live: Option<Arc<LoadedSession>>, status: Option<SecretStatus>, now: UnixTime) -> Self {
        let is_open = status == Some(SecretStatus::Current);
        let is_replaced = matches!(status, Some(SecretStatus::Replaced { until }) if now < until);
        if !is_open && (live.is_some() || is_replaced) {
            events::session_refused("earlier value");
        }
        Self { live, is_open, is_replaced }
    }

    /// Returns the session, if the cookie value is its present one.
    pub(super) fn open(self) -> Option<Arc<LoadedSession>> {
        self.live.filter(|_| self.is_open)
    }
}

impl LoadedSession {
    pub(super) fn new(ids: DerivedIds, core: Arc<SessionIdentityRecord>, values: SessionData) -> Self {
        let mut told = match core.identity() {
            Some(identity) => Identified::known(identity.clone())
                .with_authenticated_at(core.created())
                .with_authentication(core.authentication.clone())
                .with_expires(core.expires())
                .with_credential_id(ids.public.clone()),
            None => Identified::anonymous(),
        };
        if let Some(actor) = core.actor() {
            told = told.with_actor(actor.clone());
        }
        if let Some(login) = &core.login {
            told = told.with_login(login.clone(), core.expires());
        }
        let told = told.with_data(Arc::clone(&values.data));
        Self { ids, core, values, told }
    }

    /// Returns whether it is within the idle and absolute timeouts.
    pub(super) fn is_valid(&self, now: UnixTime) -> bool {
        let limit = self.values.limit(&self.core, now);
        limit.inspect(|limit| events::session_refused(limit)).is_none()
    }

    /// Returns the result for a request in this session.
    pub(super) fn identified(
        self: Arc<Self>,
        secret: SessionSecret,
        on: Arc<RequestSessionState>,
        is_due: bool,
    ) -> Identified {
        let told = self.told.clone().with_renewal_due(is_due);
        told.with_memo(Arc::new(SessionDetails { live: self, secret, on }))
    }
}
