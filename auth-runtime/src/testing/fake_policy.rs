//! [`FakePolicy`]: a fake authorization policy.

use async_trait::async_trait;

use crate::{
    BoxError,
    acl::Permission,
    authorization::{AuthorizationPolicy, Question},
};

/// An authorization policy that grants a fixed set of permissions to every user.
///
/// # Example
///
/// ```
/// use auth_runtime::testing::{self, FakePolicy};
///
/// let layer = testing::acting_as("alice", ["editors"]).with_policy(FakePolicy::permitting(["edit"]));
/// # let _ = layer;
/// ```
#[derive(Clone, Debug)]
pub struct FakePolicy {
    grants: Vec<String>,
    fails: bool,
}

impl FakePolicy {
    /// Grants these permissions and no others.
    pub fn permitting<P: Permission>(permissions: impl IntoIterator<Item = P>) -> Self {
        let grants = permissions.into_iter().map(|permission| permission.name().to_string()).collect();
        Self { grants, fails: false }
    }

    /// Fails at every call, like a policy whose database is down.
    #[must_use]
    pub const fn failing() -> Self {
        Self { grants: Vec::new(), fails: true }
    }
}

#[async_trait]
#[diagnostic::do_not_recommend]
impl AuthorizationPolicy for FakePolicy {
    async fn permits(&self, question: &Question<'_>) -> Result<bool, BoxError> {
        if self.fails {
            return Err("the policy is down".into());
        }
        let wanted = question.permission().to_string();
        Ok(self.grants.contains(&wanted))
    }
}
