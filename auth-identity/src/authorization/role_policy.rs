//! Decides by roles (role-based access control, RBAC): [`RolePolicy`] and [`Superuser`].

use std::fmt;

use async_trait::async_trait;

use super::{AuthorizationPolicy, PolicyDecision, Question, Role};
use crate::{
    BoxError,
    acl::{Groups, Permission, Vocabulary},
    identity::{Identity, UserId},
};

/// Decides `#[permission_required(…)]` by a table of roles and their permissions, which are variants of the enum
/// `P`. It abstains where no row matches, so everything else is denied.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, KeyRing, Permission, TicketCookie};
/// use auth_runtime::authorization::{Role, RolePolicy};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     Comment,
///     Edit,
///     Publish,
/// }
///
/// let policy = RolePolicy::new()
///     .allow(Role::authenticated(), [Can::Comment])
///     .allow(Role::group("editors") | Role::user("alice".parse()?), [Can::Edit, Can::Publish]);
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_policy(policy);
/// # let _ = auth;
/// # Ok::<(), auth_runtime::identity::InvalidId>(())
/// ```
#[must_use]
pub struct RolePolicy<P> {
    rows: Vec<(Role, Vec<P>)>,
}

impl<P: Vocabulary + Permission + Send + Sync> RolePolicy<P> {
    /// Creates an empty table, which allows nothing.
    pub const fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Allows a role these permissions.
    pub fn allow(mut self, role: Role, permissions: impl IntoIterator<Item = P>) -> Self {
        self.rows.push((role, permissions.into_iter().collect()));
        self
    }
}

impl<P: Vocabulary + Permission + Send + Sync> Default for RolePolicy<P> {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
#[diagnostic::do_not_recommend]
impl<P: Vocabulary + Permission + Send + Sync> AuthorizationPolicy for RolePolicy<P> {
    type Permission = P;

    async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        let wanted = question.permission();
        let is_named = |permissions: &[P]| permissions.iter().any(|permission| permission.name() == wanted);
        let mut rows = self.rows.iter().filter(|(_, permissions)| is_named(permissions));
        let is_allowed = rows.any(|(role, _)| role.is_held_by(question.user(), question.groups()));
        Ok(PolicyDecision::allow_if(is_allowed))
    }
}

impl<P: Permission> fmt::Debug for RolePolicy<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names =
            |permissions: &[P]| permissions.iter().map(|it| it.name().to_string()).collect::<Vec<_>>();
        f.debug_map().entries(self.rows.iter().map(|(role, permissions)| (role, names(permissions)))).finish()
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
/// use auth_runtime::{AuthLayer, KeyRing, Permission, TicketCookie};
/// use auth_runtime::authorization::{Role, RolePolicy, Superuser};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     Comment,
/// }
///
/// let policy = RolePolicy::new().allow(Role::authenticated(), [Can::Comment]);
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
    type Permission = P::Permission;

    async fn authorized_userid(&self, identity: &Identity) -> Result<Option<UserId>, BoxError> {
        self.others.authorized_userid(identity).await
    }

    async fn groups(&self, user: Option<&UserId>) -> Result<Option<Groups>, BoxError> {
        self.others.groups(user).await
    }

    async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        if question.user().is_some() && self.role.is_held_by(question.user(), question.groups()) {
            return Ok(PolicyDecision::Allow);
        }
        self.others.permits(question).await
    }
}
