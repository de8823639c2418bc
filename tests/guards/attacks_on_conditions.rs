//! Attacks on conditions of rules: functions that panic, hang, or change their mind, and lists that are decided elsewhere.

#![expect(clippy::panic, reason = "functions for conditions panic here")]

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Acl, Answer, Auth, AuthError, AuthLayer, BoxError, Condition, Permission, Resource, Rule, UserId, acl,
    acl_required,
    authorization::AclPolicy,
    conditions::ConditionQuestion,
    testing::{FakeIdentity, USER_HEADER},
};
use axum::{Router, extract::FromRequestParts, http::Request, http::request::Parts, routing::get};

use crate::support::{Log, ask};

const ON_CALL: Condition = Condition::custom("on-call");

const SERVERS: Acl = acl![(Allow, Authenticated, ["restart", "stop"], if ON_CALL)];
const GATES: Acl = acl![(Deny, Everyone, ["open"], if ON_CALL), (Allow, Authenticated, ["open"])];

#[derive(Clone, Copy, Permission)]
enum Can {
    Open,
}

struct Gate;

impl Resource for Gate {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        &GATES
    }
}

impl<S: Sync> FromRequestParts<S> for Gate {
    type Rejection = AuthError;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, AuthError> {
        Ok(Self)
    }
}

#[acl_required("restart", SERVERS)]
async fn restart() {}

#[acl_required(Can::Open, gate)]
async fn open(gate: Gate) {
    let Gate = gate;
}

async fn by_handler(auth: Auth) -> Result<(), AuthError> {
    auth.check_permission("restart", SERVERS).await.map(drop)
}

async fn filtered(auth: Auth) -> Result<String, AuthError> {
    let user = auth.user_id().await?.ok_or(AuthError::unauthenticated())?;
    let open = auth.filter(Can::Open, [Gate]).await?.len();
    if open == 0 { Err(AuthError::forbidden()) } else { Ok(user.to_string()) }
}

const PATHS: [&str; 4] = ["/restart", "/by-handler", "/open", "/filtered"];

fn app(layer: AuthLayer) -> Router {
    Router::new()
        .route("/restart", get(restart))
        .route("/by-handler", get(by_handler))
        .route("/open", get(open))
        .route("/filtered", get(filtered))
        .layer(layer)
}

/// Only alice is on call: she may restart, and the gates are closed to her.
fn duty(question: ConditionQuestion<'_>) -> Answer<'_, Result<bool, BoxError>> {
    match question.user().map(UserId::as_str) {
        Some("mallory") => panic!("a look-up that panics"),
        Some("late") => Answer::later(async { panic!("a look-up that panics while it waits") }),
        Some("slow") => Answer::later(pending()),
        user => Answer::Now(Ok(user == Some("alice"))),
    }
}

async fn status(app: &Router, path: &str, user: &str) -> u16 {
    ask(app, Request::get(path).header(USER_HEADER, user)).await.status.as_u16()
}

async fn others_are_answered(app: &Router) {
    for (path, alice, bob) in
        [("/restart", 200, 403), ("/by-handler", 200, 403), ("/open", 403, 200), ("/filtered", 403, 200)]
    {
        assert_eq!(
            (status(app, path, "alice").await, status(app, path, "bob").await),
            (alice, bob),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_condition_that_panics_ends_its_request_and_no_other() {
    let app = app(AuthLayer::new(FakeIdentity::by_header()).with_condition(ON_CALL, duty));
    for path in PATHS {
        for user in ["mallory", "late"] {
            let request = {
                let app = app.clone();
                tokio::spawn(async move { status(&app, path, user).await })
            };
            assert!(request.await.unwrap_err().is_panic(), "{path}");
        }
        others_are_answered(&app).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_condition_that_never_answers_holds_up_its_request_and_no_other() {
    let app = app(AuthLayer::new(FakeIdentity::by_header()).with_condition(ON_CALL, duty));
    for path in PATHS {
        let waits = tokio::time::timeout(Duration::from_hours(1), status(&app, path, "slow"));
        assert!(waits.await.is_err(), "{path}");
        others_are_answered(&app).await;
    }
}

/// The guard and the handler act on one answer.
#[tokio::test]
async fn a_condition_that_changes_its_mind_is_asked_once_in_a_request() {
    #[acl_required("restart", SERVERS)]
    async fn twice(auth: Auth) -> Result<String, AuthError> {
        let again = auth.permits("restart", SERVERS).await?;
        let (one, other) = tokio::join!(auth.permits("stop", SERVERS), auth.permits(Can::Open, &GATES));
        Ok(format!("{again} {} {}", one?, other?))
    }

    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let layer = AuthLayer::new(FakeIdentity::by_header()).with_condition(ON_CALL, move |_| {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        Answer::later(async move { Ok(number.is_multiple_of(2)) })
    });
    let app = Router::new().route("/", get(twice)).layer(layer);
    for (asked_before, expected) in [(0, "true true false"), (1, ""), (2, "true true false")] {
        assert_eq!(asked.load(Ordering::SeqCst), asked_before);
        let answer = ask(&app, Request::get("/").header(USER_HEADER, "alice")).await;
        let is_allowed = asked_before % 2 == 0;
        assert_eq!(answer.status.is_success(), is_allowed);
        if is_allowed {
            assert_eq!(answer.text(), expected);
        }
    }
}

/// A condition that only the next rules depend on decides nothing.
#[tokio::test(start_paused = true)]
async fn a_look_up_of_a_shadow_that_panics_or_never_answers_changes_no_response() {
    const PAGES: Acl = acl![(Allow, Everyone, ["read"])];
    const PAGES_NEXT: Acl = acl![(Allow, Authenticated, ["read"], if ON_CALL)];

    #[acl_required("read", PAGES, shadow = PAGES_NEXT)]
    async fn read() {}

    let layer = AuthLayer::new(FakeIdentity::by_header()).with_condition(ON_CALL, duty);
    let app = Router::new().route("/", get(read)).layer(layer);
    for (user, failures) in [("mallory", 1), ("late", 1), ("slow", 1), ("alice", 0), ("bob", 0)] {
        let asked = Log::of(status(&app, "/", user));
        let (answer, told) = tokio::time::timeout(Duration::from_secs(2), asked).await.unwrap();
        assert_eq!(answer, 200, "{user}");
        let failed: Vec<_> = told.iter().filter(|told| told.message == "failed").collect();
        assert_eq!(failed.len(), failures, "{user} {failed:?}");
        assert!(failed.iter().all(|told| told.field("operation") == "shadow"), "{failed:?}");
        let differs = told.iter().any(|told| told.message == "shadow");
        assert_eq!(differs, user == "bob", "{user} {told:?}");
    }
}

/// The policy would allow what an operator denies in the overlay.
#[test]
#[should_panic(expected = "the ACL declares an overlay, which `AclPolicy` does not evaluate")]
fn a_policy_does_not_lose_the_overlay_of_its_list() {
    const GATES: Acl = acl![overlay = "gates", (Allow, Authenticated, [Can::Open])];
    let _ = AclPolicy::<Can>::new(GATES);
}

/// A list that includes one with an overlay has it, too.
#[test]
#[should_panic(expected = "the ACL declares an overlay, which `AclPolicy` does not evaluate")]
fn a_policy_does_not_lose_the_overlay_of_an_included_list() {
    const GATES: Acl = acl![overlay = "gates", (Allow, Authenticated, [Can::Open])];
    const ALL_GATES: Acl = acl![(Deny, User("mallory"), [Can::Open]), ..GATES];
    let _ = AclPolicy::<Can>::new(ALL_GATES);
}
