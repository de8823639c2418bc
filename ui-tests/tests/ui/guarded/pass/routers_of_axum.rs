use auth_runtime::{
    guard,
    guarded::{Router, unguarded},
};
use axum::routing::get;

fn foreign() -> axum::Router<u8> {
    axum::Router::new().route("/", get(|| async { "foreign" }))
}

pub(crate) fn main() {
    let routes: Router<u8> = Router::new()
        .nest("/a", guard::auth!().around(foreign()))
        .nest("/b", unguarded("it has guards of its own", foreign()))
        .merge(guard::auth!().around(foreign()))
        .route("/c", guard::auth!().around(get(|| async { "foreign" })))
        .route("/d", unguarded("nothing to see", get(|| async { "foreign" })));
    let guards: Vec<usize> = routes.routes().iter().map(|route| route.guards().len()).collect();
    assert_eq!(guards, [1, 0, 1, 1, 0]);
}
