//! Stores accounts in memory: [`MemoryAccounts`].

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use auth_runtime::UserId;

use super::{
    Accounts, AccountsError, AccountsErrorKind, LastIdentity, Linked, ReauthenticatedUser, new_user,
};
use crate::profile::AccountKey;

/// Accounts that end with the process: for tests and examples. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryAccounts {
    users: Arc<Mutex<BTreeMap<AccountKey, UserId>>>,
}

impl MemoryAccounts {
    /// Returns a store without accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn hold(&self) -> MutexGuard<'_, BTreeMap<AccountKey, UserId>> {
        // Nothing in here panics half-way through a change.
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Accounts for MemoryAccounts {
    async fn find(&self, identity: &AccountKey) -> Result<Option<UserId>, AccountsError> {
        Ok(self.hold().get(identity).cloned())
    }

    async fn find_or_create(&self, identity: &AccountKey) -> Result<UserId, AccountsError> {
        let new = new_user()?;
        Ok(self.hold().entry(identity.clone()).or_insert(new).clone())
    }

    async fn identities(&self, user: &UserId) -> Result<Vec<AccountKey>, AccountsError> {
        let users = self.hold();
        Ok(users.iter().filter(|(_, owner)| *owner == user).map(|(identity, _)| identity.clone()).collect())
    }

    async fn link(&self, user: &ReauthenticatedUser, identity: &AccountKey) -> Result<Linked, AccountsError> {
        let mut users = self.hold();
        match users.get(identity) {
            Some(owner) if owner == user.id() => Ok(Linked::Already),
            Some(_) => Err(AccountsErrorKind::Taken.into()),
            None => {
                users.insert(identity.clone(), user.id().clone());
                Ok(Linked::Now)
            }
        }
    }

    async fn unlink(
        &self,
        user: &ReauthenticatedUser,
        identity: &AccountKey,
        last: LastIdentity,
    ) -> Result<(), AccountsError> {
        let mut users = self.hold();
        if users.get(identity) != Some(user.id()) {
            return Err(AccountsErrorKind::NotLinked.into());
        }
        let is_last = users.values().filter(|owner| *owner == user.id()).count() == 1;
        if is_last && last == LastIdentity::Keep {
            return Err(AccountsErrorKind::LastIdentity.into());
        }
        users.remove(identity);
        Ok(())
    }

    async fn remove(&self, user: &UserId) -> Result<(), AccountsError> {
        self.hold().retain(|_, owner| owner != user);
        Ok(())
    }
}
