//! Users who are kept for a while.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use super::UserLoader;
use crate::{
    BoxError,
    answer::Answer,
    cache::LookUps,
    clock::{Clock, UnixTime},
    identity::UserId,
    revocation::{Invalidate, Push},
};

/// A loader that keeps what it loaded for a while. Clones share what is kept: one goes into the layer, another stays with
/// the application, which tells it whom to forget.
///
/// A user is kept for 60 seconds and at most 10,000 are; that there is no such user is kept for 5 seconds; errors are
/// not kept. Requests that ask for the same user at the same time wait for one look-up.
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
    /// Keeps what `loader` loads.
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
