//! The seam for one's own way to judge.

use async_trait::async_trait;

use crate::{
    BoxError,
    acl::{Groups, Name},
    identity::{Identity, Incoming, UserId},
};

/// Who an identity is, in which groups, and what it may do.
///
/// Without one of its own an application's identities are its user ids, groups come from
/// `AuthLayer::with_groups`, and lists of rules decide.
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
/// An error of any method is answered with 503 and logged; it is never taken for yes or no.
#[async_trait]
pub trait AuthorizationPolicy: Send + Sync + 'static {
    /// Returns the user whom the identity stands for; `None` when there is none (any more), which makes the
    /// request anonymous.
    ///
    /// The default takes the identity for the user id.
    async fn authorized_userid(&self, identity: &Identity) -> Result<Option<UserId>, BoxError> {
        Ok(Some(identity.to_user_id()))
    }

    /// Returns the user's groups; `None` bars the user.
    ///
    /// It is not asked when `AuthLayer::with_groups` names a source. The default answers "in no group".
    async fn groups(&self, user: Option<&UserId>) -> Result<Option<Groups>, BoxError> {
        let _ = user;
        Ok(Some(Groups::none()))
    }

    /// Decides for `#[permission_required(…)]` and `Auth::policy_permits`.
    async fn permits(&self, question: &Question<'_>) -> Result<bool, BoxError>;
}

/// What an [`AuthorizationPolicy`] is asked: may this user do that, in this request?
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    user: Option<&'a UserId>,
    groups: &'a Groups,
    permission: Name<'a>,
    request: Option<&'a Incoming<'a>>,
}

impl<'a> Question<'a> {
    /// Puts one together; applications need this for tests of their own policies only.
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

    /// Returns what the user wants to do.
    #[must_use]
    pub const fn permission(&self) -> Name<'a> {
        self.permission
    }

    /// Returns the request when a guard asks; `None` when a handler does.
    #[must_use]
    pub const fn request(&self) -> Option<&'a Incoming<'a>> {
        self.request
    }
}
