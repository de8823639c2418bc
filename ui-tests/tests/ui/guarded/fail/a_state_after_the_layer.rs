use auth_runtime::{AuthLayer, KeyRing, TicketCookie, auth_required, guarded::{Router, get}};
use axum::extract::State;

#[auth_required]
async fn view(State(shelf): State<u64>) -> String {
    shelf.to_string()
}

fn main() {
    let layer = AuthLayer::new(TicketCookie::new(KeyRing::random()));
    let _ = Router::new().route("/", get(view)).with_auth(layer).with_state(7);
}
