use auth_runtime::{auth_required, guarded::{Router, get}};

#[auth_required]
async fn view() {}

fn app() -> axum::Router {
    Router::new().route("/", get(view))
}

fn main() {
    drop(app());
}
