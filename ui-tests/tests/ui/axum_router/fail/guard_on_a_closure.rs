use auth_runtime::auth_required;
use axum::{Router, routing::get};

fn main() {
    let _: Router = Router::new().route("/", get(#[auth_required] || async { "hello" }));
}
