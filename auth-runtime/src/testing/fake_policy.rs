//! Fakes an authorization policy: [`FakePolicy`].

use std::{fmt, marker::PhantomData};

use async_trait::async_trait;

use crate::{
    BoxError,
    acl::{Permission, Vocabulary},
    authorization::{AuthorizationPolicy, PolicyDecision, Question},
};

/// An authorization policy that grants a fixed set of permissions to every user.
///
/// # Example
///
/// ```
/// use auth_runtime::{Permission, testing::{self, FakePolicy}};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     Edit,
/// }
///
/// let layer = testing::acting_as("alice", ["editors"]).with_policy(FakePolicy::permitting([Can::Edit]));
/// # let _ = layer;
/// ```
pub struct FakePolicy<P> {
    grants: Vec<String>,
    fails: bool,
    permissions: PhantomData<fn() -> P>,
}

impl<P: Vocabulary + Permission> FakePolicy<P> {
    /// Grants these permissions and no others.
    pub fn permitting(permissions: impl IntoIterator<Item = P>) -> Self {
        let grants = permissions.into_iter().map(|permission| permission.name().to_string()).collect();
        Self { grants, fails: false, permissions: PhantomData }
    }

    /// Fails at every call, like a policy whose database is down.
    #[must_use]
    pub const fn failing() -> Self {
        Self { grants: Vec::new(), fails: true, permissions: PhantomData }
    }
}

#[async_trait]
#[diagnostic::do_not_recommend]
impl<P: Vocabulary> AuthorizationPolicy for FakePolicy<P> {
    type Permission = P;

    async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        if self.fails {
            return Err("the policy is down".into());
        }
        let wanted = question.permission().to_string();
        Ok(if self.grants.contains(&wanted) {
            PolicyDecision::Allow
        } else {
            PolicyDecision::deny("it is not among the permissions of the fake policy")
        })
    }
}

impl<P> Clone for FakePolicy<P> {
    fn clone(&self) -> Self {
        Self { grants: self.grants.clone(), ..*self }
    }
}

impl<P> fmt::Debug for FakePolicy<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakePolicy")
            .field("grants", &self.grants)
            .field("fails", &self.fails)
            .finish_non_exhaustive()
    }
}
