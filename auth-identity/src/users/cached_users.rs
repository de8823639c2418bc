//! Caches users for a limited time: [`CachedUsers`].

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use super::UserLoader;
use crate::{
    BoxError,
    answer_future::Answer,
    cache::LookUps,
    clock::{Clock, UnixTime},
    identity::UserId,
    revocation::{Invalidate, Push},
};

/// A loader that caches users for a limited time. Clones share the cache: pass one to the layer and keep
/// another to invalidate users.
///
/// A user is cached for 60 seconds, with at most 10,000 users; a missing user is cached for 5 seconds. Errors
/// are not cached. Concurrent requests for one user share one look-up.
///
/// # Example
///
/// ```
/// use auth_runtime::{users::CachedUsers, AuthLayer, BoxError, KeyRing, TicketCookie, UserId};
/// use std::time::Duration;
///
/// struct Person;
///
/// let users = CachedUsers::new(|_: UserId| async { Ok::<_, BoxError>(Some(Person)) })
///     .with_time_to_live(Duration::from_secs(10));
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_users(users.clone());
/// # let _ = auth;
/// // After a change of the table: `users.invalidate(&user).await?`.
/// ```
#[must_use]
pub struct CachedUsers<L: UserLoader> {
    loader: Arc<L>,
    kept: LookUps<UserId, Arc<L::User>>,
}

impl<L: UserLoader> CachedUsers<L> {
    /// Caches the users of `loader`.
    pub fn new(loader: L) -> Self {
        Self { loader: Arc::new(loader), kept: LookUps::new() }
    }
}

#[diagnostic::do_not_recommend]
impl<L: UserLoader> UserLoader for CachedUsers<L> {
    type User = L::User;

    fn load<'a>(&'a self, user: &'a UserId) -> Answer<'a, Result<Option<Arc<L::User>>, BoxError>> {
        self.kept.get(Cow::Borrowed(user), move || self.loader.load(user))
    }

    fn is_disabled(&self, user: &L::User) -> bool {
        self.loader.is_disabled(user)
    }

    fn created_at(&self, user: &L::User) -> Option<UnixTime> {
        self.loader.created_at(user)
    }

    fn is_on_demand(&self) -> bool {
        self.loader.is_on_demand()
    }
}

cache_options!(CachedUsers<L: UserLoader>);
