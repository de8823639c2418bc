use auth_runtime::{KeyRing, TicketCookie, auth_required};
use axum::{Router, routing::get};

#[auth_required]
async fn view() {}

fn main() {
    let _: Router = Router::new().route("/", get(view)).layer(TicketCookie::new(KeyRing::random()));
}
