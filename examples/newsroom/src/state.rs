//! State of an instance: [`Newsroom`].

use std::sync::Arc;

use auth_runtime::{
    Sessions,
    clock::{Clock, UnixTime},
    identity::PasswordHasher,
};

use crate::{operators::Dashboard, provider::Ways, store::Store};

/// What the handlers of an instance share. Clones are handles to the same state.
#[derive(Clone)]
pub(crate) struct Newsroom {
    pub(crate) store: Store,
    pub(crate) sessions: Sessions,
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
}
