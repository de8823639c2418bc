use auth_runtime::{
    KeyRing, TicketCookie, auth_required,
    guarded::{App, Router, get},
};

#[auth_required]
async fn view() {}

fn app() -> App {
    Router::new().route("/", get(view)).with_auth(TicketCookie::new(KeyRing::random()))
}

fn main() {
    drop(app());
}
