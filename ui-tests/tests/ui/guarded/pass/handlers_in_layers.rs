use auth_runtime::{
    auth_required,
    guarded::{Router, get},
};
use axum::{extract::DefaultBodyLimit, handler::Handler};

#[auth_required]
async fn handler() {}

pub(crate) fn main() {
    let limit = DefaultBodyLimit::max(64);
    let routes: Router = Router::new()
        .route("/", get(handler.layer(limit)).layer(limit).post(handler).route_layer(limit))
        .layer(limit)
        .route_layer(limit);
    assert_eq!(routes.routes()[0].handler(), Some("handler"));
}
