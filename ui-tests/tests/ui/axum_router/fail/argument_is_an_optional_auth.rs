use auth_runtime::{Auth, allow_anonymous};
use axum::{Router, routing::get};

#[allow_anonymous]
async fn view(auth: Option<Auth>) {
    drop(auth);
}

fn main() {
    let _: Router = Router::new().route("/", get(view));
}
