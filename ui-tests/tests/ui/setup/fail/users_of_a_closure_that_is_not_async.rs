use auth_runtime::{AuthLayer, KeyRing, TicketCookie, UserId};

fn main() {
    let _ = AuthLayer::new(TicketCookie::new(KeyRing::random()))
        .with_users(|user: UserId| Ok(Some(user.to_string())));
}
