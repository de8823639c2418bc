//! Derives groups from roles, and blocks users: [`GroupRules`].

use std::{fmt, pin::Pin};

use smol_str::SmolStr;

use super::{GroupQuestion, GroupSource, Role};
use crate::{
    BoxError,
    acl::{Group, Groups, Name},
    answer_future::Answer,
    identity::UserId,
};

type IsBlocked =
    Box<dyn Fn(UserId) -> Pin<Box<dyn Future<Output = Result<bool, BoxError>> + Send>> + Send + Sync>;

/// A group source that derives further groups from those of another source, and blocks users.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, Groups, KeyRing, TicketCookie, UserId};
/// use auth_runtime::authorization::{GroupRules, Role};
///
/// let table = |_user: Option<UserId>| async move { Ok(Some(Groups::from(["editors"]))) };
/// let groups = GroupRules::new(table)
///     .with_group("staff", Role::group("editors") | Role::group("admins"))
///     .block(Role::group("suspended"))
///     .block_when(|user: UserId| async move { Ok(user == "mallory") /* a look-up */ });
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_groups(groups);
/// # let _ = auth;
/// ```
#[must_use]
pub struct GroupRules<S> {
    source: S,
    rules: Vec<Follows>,
    blocked: Option<Role>,
    is_blocked: Option<IsBlocked>,
}

/// Users with the role are in the group.
struct Follows {
    group: Owned,
    role: Role,
}

enum Owned {
    Number(i64),
    Text(SmolStr),
}

impl<S: GroupSource> GroupRules<S> {
    /// Creates rules for the groups of `source`.
    pub const fn new(source: S) -> Self {
        Self { source, rules: Vec::new(), blocked: None, is_blocked: None }
    }

    /// Adds users with `role` to `group`. Rules are applied in order, so a role can name groups that earlier
    /// rules have added.
    pub fn with_group(mut self, group: impl Group, role: Role) -> Self {
        let group = match group.name() {
            Name::Number(number) => Owned::Number(number),
            Name::Text(text) => Owned::Text(SmolStr::new(text)),
        };
        self.rules.push(Follows { group, role });
        self
    }

    /// Blocks users with `role`, in addition to those that the source blocks: everything is denied to them,
    /// even what is allowed to everyone.
    pub fn block(mut self, role: Role) -> Self {
        self.blocked = Some(match self.blocked.take() {
            Some(blocked) => blocked | role,
            None => role,
        });
        self
    }

    /// Blocks users if this async closure returns `true`, in addition to those that the source blocks.
    /// It runs first, and not for anonymous requests. A second closure replaces the first.
    pub fn block_when<F, Fut>(mut self, is_blocked: F) -> Self
    where
        F: Fn(UserId) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<bool, BoxError>> + Send + 'static,
    {
        self.is_blocked = Some(Box::new(move |user| Box::pin(is_blocked(user))));
        self
    }

    fn completed(&self, user: Option<&UserId>, groups: Option<Groups>) -> Option<Groups> {
        let mut groups = groups?;
        for Follows { group, role } in &self.rules {
            if role.is_held_by(user, &groups) {
                match group {
                    Owned::Number(number) => groups.insert(*number),
                    Owned::Text(text) => groups.insert(text.as_str()),
                }
            }
        }
        let blocked = self.blocked.as_ref().is_some_and(|role| role.is_held_by(user, &groups));
        (!blocked).then_some(groups)
    }
}

#[diagnostic::do_not_recommend]
impl<S: GroupSource> GroupSource for GroupRules<S> {
    fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        let completed =
            move |groups: Result<_, _>| groups.map(|groups| self.completed(question.user(), groups));
        let (Some(is_blocked), Some(user)) = (&self.is_blocked, question.user()) else {
            return self.source.groups(question).map(completed);
        };
        Answer::later(async move {
            if is_blocked(user.clone()).await? {
                return Ok(None);
            }
            completed(self.source.groups(question).await)
        })
    }

    fn reads_request(&self) -> bool {
        self.source.reads_request()
    }

    fn never_blocks(&self) -> bool {
        self.blocked.is_none() && self.is_blocked.is_none() && self.source.never_blocks()
    }
}

impl<S> fmt::Debug for GroupRules<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupRules").field("blocked", &self.blocked).finish_non_exhaustive()
    }
}
