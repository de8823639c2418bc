//! Erases the types of users and loaders, for the layer: [`Account`] and [`AnyUsers`].

use std::{
    any::{Any, type_name},
    fmt,
    sync::Arc,
};

use super::UserLoader;
use crate::{BoxError, answer_future::Answer, clock::UnixTime, identity::UserId};

/// A user of the application's type, and the loader's statements about it.
#[derive(Clone)]
pub struct Account {
    /// The user, of the loader's type
    pub user: Arc<dyn Any + Send + Sync>,
    /// Everything is denied to the user
    pub disabled: bool,
    created_at: Option<UnixTime>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account")
    }
}

impl Account {
    fn of<L: UserLoader>(loader: &L, user: Arc<L::User>) -> Self {
        let (disabled, created_at) = (loader.is_disabled(&user), loader.created_at(&user));
        Self { user, disabled, created_at }
    }

    /// Returns whether the user existed when the credential's owner authenticated: an id may have been
    /// reused.
    #[must_use]
    pub fn proved(&self, proved_at: Option<UnixTime>) -> bool {
        self.created_at.is_none_or(|created| proved_at.is_some_and(|time| time >= created))
    }
}

/// A loader without its user type.
pub trait AnyUsers: Send + Sync {
    /// Loads the account of a user; `None` if there is none.
    fn account<'a>(&'a self, user: &'a UserId) -> Answer<'a, Result<Option<Account>, BoxError>>;

    /// Returns whether guards ask, too.
    fn is_asked_by_guards(&self) -> bool;

    /// Returns the name of the loader's type of users.
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
