use auth_runtime::{AuthLayer, KeyRing, TicketCookie};

fn main() {
    let _ = AuthLayer::new(TicketCookie::new(KeyRing::random()))
        .with_users(|user| async move { Ok(Some(user.to_string())) });
}
