use auth_runtime::{AuthLayer, Groups, KeyRing, TicketCookie};

fn main() {
    let _ = AuthLayer::new(TicketCookie::new(KeyRing::random()))
        .with_groups(|user| async move { Ok(user.map(|user| Groups::from([user.as_str()]))) });
}
