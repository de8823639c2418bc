use auth_runtime::{
    AuthLayer, BoxError, KeyRing, TicketCookie,
    authorization::{AuthorizationPolicy, PolicyDecision, Question},
};

struct Everything;

impl AuthorizationPolicy for Everything {
    type Permission = ();

    async fn permits(&self, _: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        Ok(PolicyDecision::Allow)
    }
}

fn main() {
    let _ = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_policy(Everything);
}
