//! Adds options to a loader: [`Users`].

use std::{fmt, sync::Arc};

use super::UserLoader;
use crate::{BoxError, answer_future::Answer, clock::UnixTime, identity::UserId};

type UserPredicate<U, T> = Option<Box<dyn Fn(&U) -> T + Send + Sync>>;

/// A loader with options: which users are disabled, when they were created, and when they are loaded.
///
/// # Example
///
/// ```
/// use auth_runtime::{users::Users, AuthLayer, KeyRing, TicketCookie, UserId};
///
/// struct Person {
///     disabled: bool,
/// }
///
/// let users = Users::new(|id: UserId| async move { Ok((*id == *"alice").then_some(Person { disabled: false })) })
///     .disabled_when(|person: &Person| person.disabled);
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_users(users);
/// # let _ = auth;
/// ```
#[must_use]
pub struct Users<L: UserLoader> {
    loader: L,
    disabled: UserPredicate<L::User, bool>,
    created_at: UserPredicate<L::User, UnixTime>,
    on_demand: bool,
}

impl<L: UserLoader> Users<L> {
    /// Loads users with `loader`.
    pub fn new(loader: L) -> Self {
        let on_demand = loader.is_on_demand();
        Self { loader, disabled: None, created_at: None, on_demand }
    }

    /// Denies everything to a user if this returns `true`: 403, even for what is allowed to everyone.
    /// The user stays logged in.
    pub fn disabled_when(mut self, disabled: impl Fn(&L::User) -> bool + Send + Sync + 'static) -> Self {
        self.disabled = Some(Box::new(disabled));
        self
    }

    /// Sets the creation time of a user. A credential from before belongs to an earlier user with the same id
    /// and is not accepted, nor is one without an authentication time.
    pub fn created_at(mut self, time: impl Fn(&L::User) -> UnixTime + Send + Sync + 'static) -> Self {
        self.created_at = Some(Box::new(time));
        self
    }

    /// Loads a user only for handlers that take a `CurrentUser`.
    ///
    /// # Security
    ///
    /// Guards then allow users that no longer exist or are disabled, as long as their credentials are valid.
    /// Revoke the credentials when a user is deleted.
    pub const fn on_demand(mut self) -> Self {
        self.on_demand = true;
        self
    }
}

#[diagnostic::do_not_recommend]
impl<L: UserLoader> UserLoader for Users<L> {
    type User = L::User;

    fn load<'a>(&'a self, user: &'a UserId) -> Answer<'a, Result<Option<Arc<L::User>>, BoxError>> {
        self.loader.load(user)
    }

    fn is_disabled(&self, user: &L::User) -> bool {
        self.loader.is_disabled(user) || self.disabled.as_ref().is_some_and(|disabled| disabled(user))
    }

    fn created_at(&self, user: &L::User) -> Option<UnixTime> {
        self.created_at.as_ref().map(|time| time(user)).or_else(|| self.loader.created_at(user))
    }

    fn is_on_demand(&self) -> bool {
        self.on_demand
    }
}

impl<L: UserLoader> fmt::Debug for Users<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Users").field("on_demand", &self.on_demand).finish_non_exhaustive()
    }
}
