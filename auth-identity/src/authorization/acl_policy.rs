//! Decides by one ACL for the whole application: [`AclPolicy`].

use async_trait::async_trait;

use super::{AuthorizationPolicy, Question};
use crate::{
    BoxError,
    acl::{Acl, Principals, decide},
    identity::UserId,
};

/// Decides `#[permission_required(…)]` by one ACL for the whole application.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, Acl, AuthLayer, KeyRing, TicketCookie};
/// use auth_runtime::authorization::AclPolicy;
///
/// const SITE: Acl = acl![(Allow, Authenticated, ["comment"])];
///
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_policy(AclPolicy::new(SITE));
/// # let _ = auth;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AclPolicy {
    acl: Acl,
}

impl AclPolicy {
    /// Creates a policy from `acl`.
    #[must_use]
    pub const fn new(acl: Acl) -> Self {
        Self { acl }
    }
}

#[async_trait]
#[diagnostic::do_not_recommend]
impl AuthorizationPolicy for AclPolicy {
    async fn permits(&self, question: &Question<'_>) -> Result<bool, BoxError> {
        let principals = Principals::new(question.user().map(UserId::as_str), Some(question.groups()));
        Ok(decide(self.acl, question.permission(), &principals).is_allow())
    }
}
