use auth_runtime::{Acl, AuthLayer, KeyRing, TicketCookie, acl};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

fn main() {
    let _ = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_policy(ARTICLES);
}
