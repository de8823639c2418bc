use auth_runtime::auth_required;
use axum::{Router, http::StatusCode, routing::get};

#[auth_required(refusal = StatusCode::NOT_FOUND)]
async fn view() {}

fn main() {
    let _: Router = Router::new().route("/", get(view));
}
