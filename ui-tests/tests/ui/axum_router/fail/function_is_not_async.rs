use auth_runtime::auth_required;
use axum::{Router, routing::get};

#[auth_required]
fn view() -> &'static str {
    "hello"
}

fn main() {
    let _: Router = Router::new().route("/", get(view));
}
