use auth_runtime::{auth_required, guarded::{Router, get}};

#[auth_required]
async fn view() {}

fn main() {
    let articles: Router = Router::new().route("/", get(view));
    let _: axum::Router = axum::Router::new().nest("/articles", articles);
}
