use auth_runtime::{AuthLayer, TicketCookie};

fn main() {
    let _ = AuthLayer::new(TicketCookie::new("secret"));
}
