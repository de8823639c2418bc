//! Type-erased users and loaders, for the layer: [`Account`] and [`AnyUsers`].

use std::{
    any::{Any, type_name},
    sync::Arc,
};

use super::UserLoader;
use crate::{BoxError, answer::Answer, clock::UnixTime, identity::UserId};

/// A user of the application's type, and the loader's statements about it.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) user: Arc<dyn Any + Send + Sync>,
    pub(crate) disabled: bool,
    created_at: Option<UnixTime>,
}

impl Account {
    fn of<L: UserLoader>(loader: &L, user: Arc<L::User>) -> Self {
        let (disabled, created_at) = (loader.is_disabled(&user), loader.created_at(&user));
        Self { user, disabled, created_at }
    }

    /// Returns whether the user existed when the credential's owner authenticated: an id may have been
    /// reused.
    pub(crate) fn proved(&self, proved_at: Option<UnixTime>) -> bool {
        self.created_at.is_none_or(|created| proved_at.is_some_and(|time| time >= created))
    }
}

/// A loader without its user type.
pub(crate) trait AnyUsers: Send + Sync {
    fn account<'a>(&'a self, user: &'a UserId) -> Answer<'a, Result<Option<Account>, BoxError>>;
    fn is_asked_by_guards(&self) -> bool;
    fn user_type(&self) -> &'static str;
}

impl<L: UserLoader> AnyUsers for L {
    fn account<'a>(&'a self, user: &'a UserId) -> Answer<'a, Result<Option<Account>, BoxError>> {
        self.load(user).map(|found| Ok(found?.map(|user| Account::of(self, user))))
    }

    fn is_asked_by_guards(&self) -> bool {
        !self.is_on_demand()
    }

    fn user_type(&self) -> &'static str {
        type_name::<L::User>()
    }
}
