//! Whether tests notice when a rule says the opposite.

use auth_runtime::{
    Acl, Auth, AuthError, Permission, Resource, Rule, acl, acl_required, allow_anonymous, guard,
    guard::Missing,
    testing::{self, unnoticed_flips},
};
use axum::{
    Router,
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
    routing::get,
};

use crate::support;

const PAGES: Acl = acl![
    (Deny, User("mallory"), ["edit"]),
    (Allow, Everyone, ["view"]),
    (Allow, Group("editors"), ["edit"]),
    (Allow, Group("admins"), ALL),
];

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

struct Page;

impl Resource for Page {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        PAGES.iter()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Missing;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> {
        Ok(Self)
    }
}

#[acl_required("edit", PAGES)]
async fn by_guard() {}

#[acl_required("edit", page)]
async fn by_resource(page: Page) {
    let _ = page;
}

#[allow_anonymous]
async fn by_layer() {}

async fn by_handle(auth: Auth) -> Result<(), AuthError> {
    auth.check_permission("edit", PAGES).await.map(drop)
}

fn routes() -> Router {
    Router::new()
        .route("/guard", get(by_guard))
        .route("/resource", get(by_resource))
        .route("/layer", get(by_layer).layer(guard::acl!("edit", PAGES)))
        .route("/handle", get(by_handle))
}

async fn status(path: &str, user: &str, group: &'static str) -> StatusCode {
    let app = routes().layer(testing::acting_as(user, [group]));
    support::get(&app, path).await.status
}

#[tokio::test]
async fn rules_that_no_test_looks_at_are_found_wherever_they_are_asked() {
    for path in ["/guard", "/resource", "/layer", "/handle"] {
        let careless = async || assert_eq!(status(path, "alice", "editors").await, StatusCode::OK);
        let numbers: Vec<usize> =
            unnoticed_flips(PAGES, careless).await.iter().map(testing::UnnoticedFlip::number).collect();
        assert_eq!(numbers, [1, 2, 4], "{path}");

        let careful = async || {
            assert_eq!(status(path, "alice", "editors").await, StatusCode::OK);
            assert_eq!(status(path, "alice", "admins").await, StatusCode::OK);
            assert_eq!(status(path, "mallory", "editors").await, StatusCode::FORBIDDEN);
        };
        let left = unnoticed_flips(PAGES, careful).await;
        assert_eq!(left.len(), 1, "{path}: {left:?}");
        let text = left[0].to_string();
        assert!(text.starts_with(&format!("{}:", file!())), "{text}");
        assert!(
            text.ends_with("no test notices when rule 2 is flipped: (Allow, Everyone, [\"view\"])"),
            "{text}"
        );
    }
    // Nothing stays flipped.
    assert_eq!(status("/guard", "mallory", "editors").await, StatusCode::FORBIDDEN);
}

#[tokio::test]
#[should_panic(expected = "the tests fail before any rule is flipped")]
async fn tests_that_fail_anyway_prove_nothing() {
    unnoticed_flips(PAGES, async || assert_eq!(status("/guard", "bob", "x").await, StatusCode::OK)).await;
}
