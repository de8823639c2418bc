use auth_runtime::{AuthLayer, KeyRing, Resource, Rule, TicketCookie};

struct Articles;

impl Resource for Articles {
    type Permission = ();

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        []
    }
}

fn main() {
    let _ = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_policy(Articles);
}
