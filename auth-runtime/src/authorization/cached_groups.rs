//! Groups that are kept for a while.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use super::GroupSource;
use crate::{
    BoxError,
    acl::Groups,
    answer::Answer,
    cache::LookUps,
    clock::Clock,
    identity::UserId,
    revocation::{Invalidate, Push},
};

/// A source that keeps a user's groups for a while. Clones share what is kept: one goes into the layer, another stays with
/// the application, which tells it whom to forget.
///
/// An answer is kept for 60 seconds and at most 10,000 are; that a user is barred is kept for 5 seconds; errors are not
/// kept. Requests that ask for the same user at the same time wait for one look-up. A hit answers at once.
///
/// # Example
///
/// ```
/// use auth_runtime::{authorization::CachedGroups, AuthLayer, Groups, KeyRing, TicketCookie, UserId};
/// use std::time::Duration;
///
/// let groups = CachedGroups::new(|_user: Option<UserId>| async move { Ok(Some(Groups::from(["readers"]))) })
///     .with_time_to_live(Duration::from_secs(30));
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_groups(groups.clone());
/// # let _ = auth;
/// // After a change of somebody's groups: `groups.invalidate(&user).await?`.
/// ```
#[must_use]
pub struct CachedGroups<S: GroupSource> {
    loader: Arc<S>,
    kept: LookUps<Option<UserId>, Groups>,
}

impl<S: GroupSource> CachedGroups<S> {
    /// Keeps what `source` answers.
    pub fn new(source: S) -> Self {
        Self { loader: Arc::new(source), kept: LookUps::new() }
    }
}

#[diagnostic::do_not_recommend]
impl<S: GroupSource> GroupSource for CachedGroups<S> {
    fn groups<'a>(&'a self, user: Option<&'a UserId>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        self.kept.get(Cow::Owned(user.cloned()), move || self.loader.groups(user))
    }

    fn never_bars(&self) -> bool {
        self.loader.never_bars()
    }
}

cache_options!(CachedGroups<S: GroupSource>);
