use auth_runtime::auth_required;
use axum::{Router, routing::get};

#[derive(Clone)]
struct Articles;

impl Articles {
    #[auth_required]
    async fn view(&self) -> &'static str {
        "hello"
    }
}

fn main() {
    let articles = Articles;
    let _: Router = Router::new().route("/", get(move || async move { articles.view().await }));
}
