use auth_runtime::auth_required;
use axum::{Router, http::HeaderMap, routing::get};

#[auth_required]
async fn view(headers: &HeaderMap) -> String {
    format!("{headers:?}")
}

fn main() {
    let _: Router = Router::new().route("/", get(view));
}
