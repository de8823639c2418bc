use auth_runtime::{AuthLayer, KeyRing, TicketCookie, UserId};

fn main() {
    let _ = AuthLayer::new(TicketCookie::new(KeyRing::random()))
        .with_groups(|_: Option<UserId>| async move { Ok("editors") });
}
