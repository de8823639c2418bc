use std::io;

use auth_runtime::{guard, guarded::Router};
use axum::{extract::Request, response::Response};
use tower::service_fn;

async fn read(_: Request) -> Result<Response, io::Error> {
    Err(io::Error::other("no disk"))
}

fn main() {
    let _: Router = Router::new().route_service("/file", guard::auth!().around(service_fn(read)));
}
