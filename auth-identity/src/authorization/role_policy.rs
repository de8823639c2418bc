//! Role-based access control (RBAC): [`RolePolicy`] and [`Superuser`].

use std::fmt;

use async_trait::async_trait;

use super::{AuthorizationPolicy, Question, Role};
use crate::{
    BoxError,
    acl::{Groups, Permission, PermissionSet},
    identity::{Identity, UserId},
};

/// Decides `#[permission_required(…)]` by a table of roles and their permissions. Everything else is denied.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, KeyRing, TicketCookie};
/// use auth_runtime::authorization::{Role, RolePolicy};
///
/// let policy = RolePolicy::new()
///     .allow(Role::authenticated(), ["comment"])
///     .allow(Role::group("editors") | Role::user("alice".parse()?), ["edit", "publish"]);
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_policy(policy);
/// # let _ = auth;
/// # Ok::<(), auth_runtime::identity::InvalidId>(())
/// ```
#[derive(Default)]
#[must_use]
pub struct RolePolicy {
    rows: Vec<(Role, Box<dyn PermissionSet>)>,
}

impl RolePolicy {
    /// Creates an empty table, which denies everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows a role these permissions.
    pub fn allow<P>(mut self, role: Role, permissions: impl IntoIterator<Item = P>) -> Self
    where
        P: Permission + Send + Sync + 'static,
    {
        let permissions: Vec<P> = permissions.into_iter().collect();
        self.rows.push((role, Box::new(permissions)));
        self
    }
}

#[async_trait]
#[diagnostic::do_not_recommend]
impl AuthorizationPolicy for RolePolicy {
    async fn permits(&self, question: &Question<'_>) -> Result<bool, BoxError> {
        let mut rows = self.rows.iter().filter(|(_, permissions)| permissions.holds(question.permission()));
        Ok(rows.any(|(role, _)| role.is_held_by(question.user(), question.groups())))
    }
}

impl fmt::Debug for RolePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (role, permissions) in &self.rows {
            let mut names = Vec::new();
            permissions.each(&mut |name| names.push(name.to_string()));
            map.entry(role, &names);
        }
        map.finish()
    }
}

/// Allows a role everything and delegates other users to another policy.
///
/// Blocked and disabled users are denied everything, even with the role. ACLs do not consult policies: add
/// `(Allow, Group("admins"), ALL)` as their first rule.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, KeyRing, TicketCookie};
/// use auth_runtime::authorization::{Role, RolePolicy, Superuser};
///
/// let policy = RolePolicy::new().allow(Role::authenticated(), ["comment"]);
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random()))
///     .with_policy(Superuser::new(Role::group("admins"), policy));
/// # let _ = auth;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Superuser<P> {
    role: Role,
    others: P,
}

impl<P: AuthorizationPolicy> Superuser<P> {
    /// Allows users with `role` everything, and delegates others to `others`. Anonymous requests never have
    /// the role.
    pub const fn new(role: Role, others: P) -> Self {
        Self { role, others }
    }
}

#[async_trait]
#[diagnostic::do_not_recommend]
impl<P: AuthorizationPolicy> AuthorizationPolicy for Superuser<P> {
    async fn authorized_userid(&self, identity: &Identity) -> Result<Option<UserId>, BoxError> {
        self.others.authorized_userid(identity).await
    }

    async fn groups(&self, user: Option<&UserId>) -> Result<Option<Groups>, BoxError> {
        self.others.groups(user).await
    }

    async fn permits(&self, question: &Question<'_>) -> Result<bool, BoxError> {
        if question.user().is_some() && self.role.is_held_by(question.user(), question.groups()) {
            return Ok(true);
        }
        self.others.permits(question).await
    }
}
