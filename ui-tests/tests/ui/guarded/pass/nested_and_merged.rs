use auth_runtime::{
    auth_required,
    guarded::{Router, get, post},
};

#[auth_required]
async fn handler() {}

pub(crate) fn main() {
    let inner = Router::new().route("/", get(handler)).route("/{id}", get(handler)).fallback(handler);
    let routes: Router = Router::new()
        .nest("/a", Router::new().nest("/b", inner.clone()))
        .nest("/c/", inner)
        .merge(Router::new().route("/d", post(handler)))
        .fallback(handler);
    let paths: Vec<&str> = routes.routes().iter().map(|route| route.path()).collect();
    assert_eq!(paths, ["/a/b", "/a/b/{id}", "/a/b", "/c/", "/c/{id}", "/c/", "/d", "/"]);
}
