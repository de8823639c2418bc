use auth_runtime::{auth_required, guarded::get};
use axum::Router;

#[auth_required]
async fn view() {}

fn main() {
    let _: Router = Router::new().route("/", get(view));
}
