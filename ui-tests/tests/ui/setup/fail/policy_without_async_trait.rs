use auth_runtime::{
    AuthLayer, BoxError, KeyRing, TicketCookie,
    authorization::{AuthorizationPolicy, Question},
};

struct Everything;

impl AuthorizationPolicy for Everything {
    async fn permits(&self, _: &Question<'_>) -> Result<bool, BoxError> {
        Ok(true)
    }
}

fn main() {
    let _ = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_policy(Everything);
}
