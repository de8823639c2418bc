use auth_runtime::guarded::{MethodRouter, get_service};
use axum::routing::any;

async fn files() {}

fn main() {
    let _: MethodRouter = get_service(any(files));
}
