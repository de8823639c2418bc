use auth_runtime::guarded::{Router, get};
use axum::{extract::DefaultBodyLimit, handler::Handler};

async fn view() {}

fn main() {
    let _: Router = Router::new().route("/articles", get(view.layer(DefaultBodyLimit::max(64))));
}
