//! State of an instance: [`Newsroom`].

use std::sync::Arc;

use auth_runtime::{
    Sessions, UserId,
    clock::{Clock, UnixTime},
    identity::PasswordHasher,
    revocation::Revocation,
    watch::Watches,
};

use crate::{
    feed::Feed,
    mail::{Outbox, link::Links},
    operators::Dashboard,
    provider::Ways,
    store::Store,
    task::Task,
};

/// What the handlers of an instance share. Clones are handles to the same state.
#[derive(Clone)]
pub(crate) struct Newsroom {
    pub(crate) store: Store,
    pub(crate) sessions: Sessions,
    pub(crate) _cleaning: Task,
    pub(crate) revocation: Arc<dyn Revocation>,
    pub(crate) watches: Watches,
    pub(crate) feed: Feed,
    pub(crate) mail: Outbox,
    pub(crate) links: Links,
    pub(crate) passwords: PasswordHasher,
    pub(crate) ways: Ways,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) dashboard: Dashboard,
}

impl Newsroom {
    /// Returns the current time.
    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// Lets the streams of a person ask again whether they may go on: call it when the person's rights have
    /// changed.
    pub(crate) fn check_streams(&self, person: &str) {
        if let Ok(user) = UserId::new(person) {
            self.watches.check(&user);
        }
    }
}
