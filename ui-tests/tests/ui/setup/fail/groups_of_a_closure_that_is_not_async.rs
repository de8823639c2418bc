use auth_runtime::{AuthLayer, Groups, KeyRing, TicketCookie, UserId};

fn main() {
    let _ = AuthLayer::new(TicketCookie::new(KeyRing::random()))
        .with_groups(|_: Option<UserId>| Ok(Some(Groups::from(["editors"]))));
}
