use auth_runtime::{
    auth_required,
    guarded::{Router, get},
};
use axum::http::Method;

type M = Method;

#[auth_required]
async fn most(_: M, _: M, _: M, _: M, _: M, _: M, _: M, _: M, _: M, _: M, _: M, _: M, _: M, _: M, _: String) {
}

pub(crate) fn main() {
    let routes: Router = Router::new().route("/", get(most));
    assert_eq!(routes.routes()[0].handler(), Some("most"));
}
