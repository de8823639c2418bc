use auth_runtime::guard;
use axum::{Router, routing::get};

async fn view() {}

fn main() {
    let _: Router = Router::new().route("/", get(view)).route_layer(guard::anonymous!("everyone may"));
}
