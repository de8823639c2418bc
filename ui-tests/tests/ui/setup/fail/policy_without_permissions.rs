use auth_runtime::{
    BoxError, async_trait,
    authorization::{AuthorizationPolicy, PolicyDecision, Question},
};

struct Everything;

#[async_trait]
impl AuthorizationPolicy for Everything {
    type Permission = &'static str;

    async fn permits(&self, _: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        Ok(PolicyDecision::Allow)
    }
}

fn main() {}
