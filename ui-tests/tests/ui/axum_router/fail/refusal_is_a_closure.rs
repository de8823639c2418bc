use auth_runtime::auth_required;
use axum::{Router, response::Redirect, routing::get};

#[auth_required(refusal = |_| Redirect::to("/login"))]
async fn view() {}

fn main() {
    let _: Router = Router::new().route("/", get(view));
}
