use auth_runtime::{allow_anonymous, auth_required};
use axum::{Router, routing::get};

#[allow_anonymous]
#[auth_required]
async fn view() {}

fn main() {
    let _: Router = Router::new().route("/", get(view));
}
