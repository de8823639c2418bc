//! Sends one request through a real router and tells the status.

use auth_runtime::{AuthLayer, testing};
use axum::{Router, body::Body, handler::Handler, http::Request, routing::any};
use tower::ServiceExt as _;

/// As an anonymous request.
pub(crate) fn nobody<T: 'static>(handler: impl Handler<T, ()>) -> u16 {
    with(testing::anonymous(), handler)
}

/// As a user who is in no group.
pub(crate) fn reader<T: 'static>(handler: impl Handler<T, ()>) -> u16 {
    member([""; 0], handler)
}

/// As a user who is in the group `editors`.
pub(crate) fn editor<T: 'static>(handler: impl Handler<T, ()>) -> u16 {
    member(["editors"], handler)
}

/// As a user who is in these groups.
pub(crate) fn member<T: 'static>(
    groups: impl IntoIterator<Item = &'static str>,
    handler: impl Handler<T, ()>,
) -> u16 {
    with(testing::acting_as("alice", groups), handler)
}

/// Through this layer.
pub(crate) fn with<T: 'static>(layer: AuthLayer, handler: impl Handler<T, ()>) -> u16 {
    let app = Router::new().route("/{id}", any(handler)).layer(layer);
    let request = Request::get("/7").body(Body::empty()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(app.oneshot(request)).unwrap().status().as_u16()
}
