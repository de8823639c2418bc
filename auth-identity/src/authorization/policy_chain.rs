//! Asks one policy after the other: [`PolicyChain`].

use async_trait::async_trait;

use super::{AuthorizationPolicy, PolicyDecision, Question};
use crate::{
    BoxError,
    acl::Groups,
    identity::{Identity, UserId},
};

/// Asks a second policy where the first one abstains. Users and groups come from the first one.
///
/// Both answer for the same permissions.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, BoxError, KeyRing, Permission, TicketCookie, async_trait};
/// use auth_runtime::authorization::{
///     AuthorizationPolicy, PolicyChain, PolicyDecision, Question, Role, RolePolicy,
/// };
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     Publish,
/// }
///
/// /// Decides in the night only.
/// struct Night;
///
/// #[async_trait]
/// impl AuthorizationPolicy for Night {
///     type Permission = Can;
///
///     async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
///         let is_night = question.request().now().as_secs() % 86_400 < 21_600;
///         Ok(if is_night { PolicyDecision::deny("the night is for backups") } else { PolicyDecision::Abstain })
///     }
/// }
///
/// let roles = RolePolicy::new().allow(Role::group("editors"), [Can::Publish]);
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_policy(PolicyChain::new(Night, roles));
/// # let _ = auth;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PolicyChain<A, B> {
    first: A,
    second: B,
}

/// The permissions of a second policy, which are those of the first one. Every type implements it for itself.
#[diagnostic::on_unimplemented(
    message = "the first policy answers for `{P}`, and this one for `{Self}`; write permissions of `{P}` in both",
    label = "expected a policy that answers for `{P}`"
)]
pub trait SamePermissions<P> {}

#[diagnostic::do_not_recommend]
impl<P> SamePermissions<P> for P {}

impl<A, B> PolicyChain<A, B>
where
    A: AuthorizationPolicy,
    B: AuthorizationPolicy<Permission: SamePermissions<A::Permission>>,
{
    /// Asks `first`, and then `second` if it abstains.
    pub const fn new(first: A, second: B) -> Self {
        Self { first, second }
    }
}

#[async_trait]
#[diagnostic::do_not_recommend]
impl<A, B> AuthorizationPolicy for PolicyChain<A, B>
where
    A: AuthorizationPolicy,
    B: AuthorizationPolicy<Permission = A::Permission>,
{
    type Permission = A::Permission;

    async fn authorized_userid(&self, identity: &Identity) -> Result<Option<UserId>, BoxError> {
        self.first.authorized_userid(identity).await
    }

    async fn groups(&self, user: Option<&UserId>) -> Result<Option<Groups>, BoxError> {
        self.first.groups(user).await
    }

    async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        match self.first.permits(question).await? {
            PolicyDecision::Abstain => self.second.permits(question).await,
            decision => Ok(decision),
        }
    }
}
