use auth_runtime::guarded::Router;
use axum::routing::any;

async fn files() {}

fn main() {
    let _: Router = Router::new().fallback_service(any(files));
}
