use auth_runtime::{AuthLayer, Groups, KeyRing, TicketCookie, UserId};

fn main() {
    let _ = AuthLayer::new(TicketCookie::new(KeyRing::random()))
        .with_groups(|user: UserId| async move { Ok(Some(Groups::from([user.as_str()]))) });
}
