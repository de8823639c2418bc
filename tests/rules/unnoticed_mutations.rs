//! Whether tests notice when a rule says the opposite, or loses a condition.

use auth_runtime::{
    Acl, Answer, Auth, AuthError, AuthLayer, Condition, OWNER, Permission, Resource, Rule, acl, acl_required,
    allow_anonymous,
    conditions::ConditionQuestion,
    guard,
    guard::Missing,
    testing::{self, FakeIdentity, USER_HEADER, unnoticed_mutations},
};
use axum::{
    Router,
    extract::FromRequestParts,
    http::{Request, StatusCode, request::Parts},
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
        let numbers: Vec<usize> = unnoticed_mutations(PAGES, careless)
            .await
            .iter()
            .map(testing::UnnoticedMutation::number)
            .collect();
        assert_eq!(numbers, [1, 2, 4], "{path}");

        let careful = async || {
            assert_eq!(status(path, "alice", "editors").await, StatusCode::OK);
            assert_eq!(status(path, "alice", "admins").await, StatusCode::OK);
            assert_eq!(status(path, "mallory", "editors").await, StatusCode::FORBIDDEN);
        };
        let left = unnoticed_mutations(PAGES, careful).await;
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

const ON_CALL: Condition = Condition::custom("on-call");
const AT_DESK: Condition = Condition::custom("at-desk");

const RESTARTS: Acl = acl![
    (Deny, User("mallory"), ["restart"], if AT_DESK),
    (Allow, Authenticated, ["restart"], if all(ON_CALL, AT_DESK)),
];

struct Server;

impl Resource for Server {
    type Permission = Restart;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::deny(auth_runtime::User("root"), auth_runtime::ALL).with_conditions(&[OWNER])]
            .into_iter()
            .chain(RESTARTS.iter())
    }
}

#[derive(Clone, Copy, Permission)]
enum Restart {
    Restart,
}

impl<S: Send + Sync> FromRequestParts<S> for Server {
    type Rejection = Missing;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> {
        Ok(Self)
    }
}

#[acl_required("restart", RESTARTS)]
async fn restart_by_guard() {}

#[acl_required("restart", server)]
async fn restart_by_resource(server: Server) {
    let _ = server;
}

async fn restart_by_handle(auth: Auth) -> Result<(), AuthError> {
    auth.check_permission("restart", RESTARTS).await.map(drop)
}

/// Users whose name contains `call` are on call, and `desk` at their desk.
fn restart_app() -> Router {
    Router::new()
        .route("/guard", get(restart_by_guard))
        .route("/resource", get(restart_by_resource))
        .route("/handle", get(restart_by_handle))
        .layer(
            AuthLayer::new(FakeIdentity::by_header())
                .with_condition(ON_CALL, |question: ConditionQuestion<'_>| {
                    Answer::Now(Ok(question.user().is_some_and(|user| user.as_str().contains("call"))))
                })
                .with_condition(AT_DESK, |question: ConditionQuestion<'_>| {
                    Answer::Now(Ok(question.user().is_some_and(|user| !user.as_str().contains("away"))))
                }),
        )
}

async fn restart(path: &str, user: &str) -> StatusCode {
    let request = Request::get(path).header(USER_HEADER, user);
    support::ask(&restart_app(), request).await.status
}

#[tokio::test]
async fn conditions_that_no_test_looks_at_are_found() {
    for path in ["/guard", "/resource", "/handle"] {
        let missed = async |tests: &[(&str, StatusCode)]| -> Vec<(usize, Option<&str>)> {
            let tests = async || {
                for (user, expected) in tests {
                    assert_eq!(restart(path, user).await, *expected, "{path} {user}");
                }
            };
            let found = unnoticed_mutations(RESTARTS, tests).await;
            found.iter().map(|mutation| (mutation.number(), mutation.dropped_condition())).collect()
        };
        let allowed = ("ann-on-call", StatusCode::OK);
        let expected = [(1, None), (1, Some("at-desk")), (2, Some("on-call")), (2, Some("at-desk"))];
        assert_eq!(missed(&[allowed]).await, expected, "{path}");
        let denied = ("ann", StatusCode::FORBIDDEN);
        assert_eq!(missed(&[allowed, denied]).await, [expected[0], expected[1], expected[3]], "{path}");
        let away = ("ann-on-call-away", StatusCode::FORBIDDEN);
        // Rule 1 is about mallory, who is in no test.
        assert_eq!(missed(&[allowed, denied, away]).await, [expected[0], expected[1]], "{path}");
    }
    let found = unnoticed_mutations(RESTARTS, async || ()).await;
    let text = found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(
        text.contains("no test notices when rule 2 loses the condition `on-call`: (Allow, Authenticated"),
        "{text}"
    );
}

#[tokio::test]
#[should_panic(expected = "the tests fail before any rule is flipped")]
async fn tests_that_fail_anyway_prove_nothing() {
    unnoticed_mutations(PAGES, async || assert_eq!(status("/guard", "bob", "x").await, StatusCode::OK)).await;
}
