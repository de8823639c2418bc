//! Decides by one ACL for the whole application: [`AclPolicy`].

use std::{fmt, marker::PhantomData};

use async_trait::async_trait;
use auth_acl::__private::check_covered;

use super::{AuthorizationPolicy, PolicyDecision, Question};
use crate::{
    BoxError,
    acl::{Acl, Decision, Denial, Principals, Vocabulary, decide},
    identity::UserId,
};

/// Decides `#[permission_required(…)]` by one ACL for the whole application, whose permissions are those of the enum
/// `P`. It abstains where no rule matches.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, Acl, AuthLayer, KeyRing, Permission, TicketCookie};
/// use auth_runtime::authorization::AclPolicy;
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     Comment,
/// }
///
/// const SITE: Acl = acl![(Allow, Authenticated, [Can::Comment])];
///
/// let policy = AclPolicy::<Can>::new(SITE);
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_policy(policy);
/// # let _ = auth;
/// ```
pub struct AclPolicy<P> {
    acl: Acl,
    permissions: PhantomData<fn() -> P>,
}

impl<P: Vocabulary> AclPolicy<P> {
    /// Creates a policy from `acl`.
    ///
    /// # Panics
    ///
    /// Panics if a rule names a permission that is not a variant of `P`, or has a condition, which a policy cannot answer,
    /// and if the ACL declares an overlay, whose denials would be lost: in a constant that is a compile error, and
    /// elsewhere the application does not start.
    #[must_use]
    #[track_caller]
    pub const fn new(acl: Acl) -> Self {
        let words = P::WORDS;
        check_covered(&words, words.owner(), &acl, "the ACL");
        assert!(
            !acl.has_conditions(),
            "a rule of the ACL has a condition, which `AclPolicy` cannot answer; remove it, or guard by the ACL itself"
        );
        assert!(
            !acl.is_overlaid(),
            "the ACL declares an overlay, which `AclPolicy` does not evaluate; remove it, or guard by the ACL itself"
        );
        Self { acl, permissions: PhantomData }
    }
}

#[async_trait]
#[diagnostic::do_not_recommend]
impl<P: Vocabulary> AuthorizationPolicy for AclPolicy<P> {
    type Permission = P;

    async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        let principals = Principals::new(question.user().map(UserId::as_str), Some(question.groups()));
        let decision = decide(self.acl, question.permission(), &principals);
        Ok(match decision {
            Decision::Allow(_) => PolicyDecision::Allow,
            Decision::Deny(Denial::NoRule) => PolicyDecision::Abstain,
            Decision::Deny(_) => PolicyDecision::deny(decision.to_string()),
        })
    }
}

impl<P> Clone for AclPolicy<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for AclPolicy<P> {}

impl<P> fmt::Debug for AclPolicy<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AclPolicy").field("acl", &self.acl).finish_non_exhaustive()
    }
}
