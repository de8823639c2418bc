use auth_runtime::auth_required;
use axum::{Router, routing::get};

struct Article;

#[auth_required]
async fn view() -> Article {
    Article
}

fn main() {
    let _: Router = Router::new().route("/", get(view));
}
