//! Every macro finds the crate under the name that `Cargo.toml` gives it, here and in the library.

use axum::{body::Body, http::Request};
use guards::{
    auth_required,
    guarded::get,
    testing::{self, FakePolicy},
};
use tower::ServiceExt as _;

#[auth_required]
async fn in_a_test() {}

#[tokio::test]
async fn guards_of_every_macro_decide() {
    let layer = testing::anonymous().with_policy(FakePolicy::<renamed::Can>::permitting([]));
    let app = renamed::routes().route("/test", get(in_a_test)).with_auth(layer);
    for (path, expected) in [
        ("/user", 200),
        ("/list", 401),
        ("/policy", 401),
        ("/scope", 401),
        ("/anybody", 200),
        ("/resource", 200),
        ("/block", 401),
        ("/layer", 401),
        ("/permit", 401),
        ("/test", 401),
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status().as_u16(), expected, "{path}");
    }
}
