//! The extension point for authorization: the trait [`AuthorizationPolicy`].

use async_trait::async_trait;

use crate::{
    BoxError,
    acl::{Groups, Name},
    identity::{Identity, Incoming, UserId},
};

/// Maps identities to users, supplies their groups, and decides about permissions.
///
/// Without a custom policy, an identity is the user id, groups come from `AuthLayer::with_groups`, and ACLs
/// decide.
///
/// # Example
///
/// ```
/// use auth_runtime::{async_trait, BoxError, Name};
/// use auth_runtime::authorization::{AuthorizationPolicy, Question};
///
/// /// One administrator may do everything; the others may look.
/// #[derive(Debug)]
/// struct OneAdmin;
///
/// #[async_trait]
/// impl AuthorizationPolicy for OneAdmin {
///     async fn permits(&self, question: &Question<'_>) -> Result<bool, BoxError> {
///         let is_admin = question.user().is_some_and(|user| *user == "admin");
///         Ok(is_admin || question.permission() == Name::Text("view"))
///     }
/// }
/// ```
///
/// # Errors
///
/// An error of any method leads to 503 and is logged; it is never taken for a decision (fail closed).
#[diagnostic::on_unimplemented(
    message = "this is not an authorization policy; write `#[async_trait] impl AuthorizationPolicy for` its type",
    label = "expected an authorization policy"
)]
#[async_trait]
pub trait AuthorizationPolicy: Send + Sync + 'static {
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

    /// Decides for `#[permission_required(…)]` and `Auth::policy_permits`.
    async fn permits(&self, question: &Question<'_>) -> Result<bool, BoxError>;
}

/// A question to an [`AuthorizationPolicy`]: may this user do this in this request?
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    user: Option<&'a UserId>,
    groups: &'a Groups,
    permission: Name<'a>,
    request: Option<&'a Incoming<'a>>,
}

impl<'a> Question<'a> {
    /// Creates a question; applications need it only to test their policies.
    #[must_use]
    pub const fn new(
        user: Option<&'a UserId>,
        groups: &'a Groups,
        permission: Name<'a>,
        request: Option<&'a Incoming<'a>>,
    ) -> Self {
        Self { user, groups, permission, request }
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

    /// Returns the request if a guard asks; `None` if a handler asks.
    #[must_use]
    pub const fn request(&self) -> Option<&'a Incoming<'a>> {
        self.request
    }
}
