//! Caches groups for a limited time: [`CachedGroups`].

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use super::{GroupQuestion, GroupSource};
use crate::{
    BoxError,
    acl::Groups,
    answer_future::Answer,
    cache::LookUps,
    clock::Clock,
    identity::UserId,
    revocation::{Invalidate, Push},
};

/// A group source that caches a user's groups for a limited time. Clones share the cache: pass one to the
/// layer and keep another to invalidate users.
///
/// The groups of a user are cached for 60 seconds, for at most 10,000 users; a blocked user is cached for 5
/// seconds. Errors are not cached. Concurrent requests for one user share one look-up. A hit does not wait.
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
/// // After a change of a user's groups: `groups.invalidate(&user).await?`.
/// ```
#[must_use]
pub struct CachedGroups<S: GroupSource> {
    loader: Arc<S>,
    kept: LookUps<Option<UserId>, Groups>,
}

impl<S: GroupSource> CachedGroups<S> {
    /// Caches the groups of `source`.
    ///
    /// # Panics
    ///
    /// Panics if the source [reads the request](GroupSource::reads_request), since the groups are kept for other
    /// requests of the user: the application then does not start.
    #[track_caller]
    pub fn new(source: S) -> Self {
        assert!(
            !source.reads_request(),
            "these groups depend on the request and are not cached by user; cache the source that looks users up, and add \
             this one by `authorization::union`"
        );
        Self { loader: Arc::new(source), kept: LookUps::new() }
    }
}

#[diagnostic::do_not_recommend]
impl<S: GroupSource> GroupSource for CachedGroups<S> {
    fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        // Without the request: the answer is kept for other requests of the user.
        let question = GroupQuestion::about(question.user());
        self.kept.get(Cow::Owned(question.user().cloned()), move || self.loader.groups(question))
    }

    fn never_blocks(&self) -> bool {
        self.loader.never_blocks()
    }
}

cache_options!(CachedGroups<S: GroupSource>);
