use auth_runtime::guarded::Router;
use axum::routing::get;

async fn view() {}

fn main() {
    let _: Router = Router::new().route("/articles", get(view));
}
