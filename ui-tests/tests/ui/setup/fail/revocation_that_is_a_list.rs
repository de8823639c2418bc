use auth_runtime::{AuthLayer, KeyRing, TicketCookie};

fn main() {
    let _ = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_revocation(["mallory"]);
}
