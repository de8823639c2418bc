//! Defines the extension point for authorization: the trait [`AuthorizationPolicy`], its [`Question`] and its
//! answer, [`PolicyDecision`].

use std::{any::Any, borrow::Cow};

use async_trait::async_trait;

use crate::{
    BoxError,
    acl::{Groups, Name, Vocabulary},
    identity::{Identity, Incoming, UserId},
};

/// Maps identities to users, supplies their groups, and decides about permissions.
///
/// Without a custom policy, an identity is the user id, groups come from `AuthLayer::with_groups`, and ACLs
/// decide.
///
/// The policy states in its type which permissions it answers for: [`Permission`](Self::Permission). Guards name
/// variants of that enum; a `guarded::Router` with a guard that names another one does not start.
///
/// # Example
///
/// ```
/// use auth_runtime::{async_trait, BoxError, Permission};
/// use auth_runtime::authorization::{AuthorizationPolicy, PolicyDecision, Question};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     View,
///     Restart,
/// }
///
/// /// One administrator may do everything; the others may look.
/// #[derive(Debug)]
/// struct OneAdmin;
///
/// #[async_trait]
/// impl AuthorizationPolicy for OneAdmin {
///     type Permission = Can;
///
///     async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
///         let is_admin = question.user().is_some_and(|user| *user == "admin");
///         Ok(match question.permission_as::<Can>() {
///             Some(Can::View) => PolicyDecision::Allow,
///             Some(Can::Restart) if is_admin => PolicyDecision::Allow,
///             Some(Can::Restart) => PolicyDecision::deny("only the administrator restarts the server"),
///             None => PolicyDecision::Abstain,
///         })
///     }
/// }
/// ```
///
/// # Errors
///
/// An error of any method leads to 503 and is logged; it is never taken for a decision (fail closed).
#[diagnostic::on_unimplemented(
    message = "this is not an authorization policy; write `AclPolicy::new(ACL)`, or `#[async_trait] impl \
               AuthorizationPolicy for` its type",
    label = "expected an authorization policy"
)]
// The compiler shows the line of `permits` to those who forget the attribute, and no other hint (E0195).
#[async_trait]
pub trait AuthorizationPolicy: Send + Sync + 'static {
    /// The permissions that the policy answers for: an enum with `#[derive(Permission)]`, or `()` if it only
    /// finds users and groups.
    type Permission: Vocabulary
    where
        Self: Sized;

    /// Returns the user of an identity, or `None` if the user does not exist (any more), which makes the
    /// request anonymous.
    ///
    /// By default, the identity is the user id.
    async fn authorized_userid(&self, identity: &Identity) -> Result<Option<UserId>, BoxError> {
        Ok(Some(identity.to_user_id()))
    }

    /// Returns the user's groups; `None` blocks the user.
    ///
    /// It does not run if `AuthLayer::with_groups` sets a source. By default, users have no groups.
    async fn groups(&self, user: Option<&UserId>) -> Result<Option<Groups>, BoxError> {
        let _ = user;
        Ok(Some(Groups::none()))
    }

    /// Decides for `#[permission_required(…)]`, `Auth::policy_permits` and `Auth::check_policy`.
    ///
    /// If every policy abstains, the permission is denied.
    async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError>; // #[async_trait]
}

/// The answer of an [`AuthorizationPolicy`] to a [`Question`].
///
/// # Security
///
/// A reason is logged, and `Auth::policy_decision` returns it. It never reaches the client by itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PolicyDecision {
    /// The permission is granted.
    Allow,
    /// The permission is denied, for this reason.
    Deny(Cow<'static, str>),
    /// The policy does not decide: the next one of a [`PolicyChain`](super::PolicyChain) does. If there is none,
    /// the permission is denied.
    Abstain,
}

impl PolicyDecision {
    /// Denies, with a reason for the log.
    #[must_use]
    pub fn deny(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Deny(reason.into())
    }

    /// Allows if the condition holds, and abstains if not.
    #[must_use]
    pub const fn allow_if(condition: bool) -> Self {
        if condition { Self::Allow } else { Self::Abstain }
    }

    /// Returns whether the permission is granted.
    #[must_use]
    pub const fn is_allow(&self) -> bool {
        matches!(self, Self::Allow)
    }

    /// Returns the reason of a denial.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Deny(reason) => Some(reason),
            Self::Abstain | Self::Allow => None,
        }
    }
}

/// A question to an [`AuthorizationPolicy`]: may this user do this, to this resource, in this request?
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    user: Option<&'a UserId>,
    groups: &'a Groups,
    permission: Name<'a>,
    request: &'a Incoming<'a>,
    resource: Option<&'a (dyn Any + Send + Sync)>,
}

impl<'a> Question<'a> {
    /// Creates a question; applications need it only to test their policies.
    #[must_use]
    pub const fn new(
        user: Option<&'a UserId>,
        groups: &'a Groups,
        permission: Name<'a>,
        request: &'a Incoming<'a>,
    ) -> Self {
        Self { user, groups, permission, request, resource: None }
    }

    /// Asks about a resource.
    #[must_use]
    pub const fn about(mut self, resource: &'a (dyn Any + Send + Sync)) -> Self {
        self.resource = Some(resource);
        self
    }

    /// Returns the user; `None` for an anonymous request.
    #[must_use]
    pub const fn user(&self) -> Option<&'a UserId> {
        self.user
    }

    /// Returns the user's groups.
    #[must_use]
    pub const fn groups(&self) -> &'a Groups {
        self.groups
    }

    /// Returns the requested permission.
    #[must_use]
    pub const fn permission(&self) -> Name<'a> {
        self.permission
    }

    /// Returns the requested permission as a variant of the policy's enum; `None` if it is not one of them.
    #[must_use]
    pub fn permission_as<P: Vocabulary>(&self) -> Option<P> {
        P::named(self.permission)
    }

    /// Returns the head of the request.
    #[must_use]
    pub const fn request(&self) -> &'a Incoming<'a> {
        self.request
    }

    /// Returns the resource that the question is about, if it is a `T`. A guard asks without a resource.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::authorization::{PolicyDecision, Question};
    ///
    /// struct Invoice {
    ///     cents: u64,
    /// }
    ///
    /// fn may_approve(question: &Question<'_>) -> PolicyDecision {
    ///     match question.resource::<Invoice>() {
    ///         Some(invoice) if invoice.cents > 100_000 => PolicyDecision::deny("a second person approves it"),
    ///         Some(_) => PolicyDecision::Allow,
    ///         None => PolicyDecision::Abstain,
    ///     }
    /// }
    /// # let _ = may_approve;
    /// ```
    #[must_use]
    pub fn resource<T: Any>(&self) -> Option<&'a T> {
        self.resource?.downcast_ref()
    }
}
