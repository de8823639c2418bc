//! What each method of the handle answers about each kind of request.

use std::time::Duration;

use auth_runtime::{
    Acl, Answer, Auth, AuthError, AuthErrorKind, AuthLayer, Groups, Identity, LoginOptions, Permission, acl,
    async_trait, auth_required,
    authorization::now,
    identity::{ChangeContext, Effects, Identification, IdentityError, IdentityPolicy, Incoming},
    testing::{self, FakeIdentity, FakePolicy},
};
use axum::{
    Router,
    http::{Request, StatusCode, header},
    routing::{any, get},
};

use crate::support;

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

const PAGES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, Group("editors"), ["edit"]),
    (Allow, Authenticated, ["comment"]),
];

/// Finds credentials that contradict each other.
struct Torn;

#[async_trait]
impl IdentityPolicy for Torn {
    fn identify<'a>(&'a self, _: &'a Incoming<'a>) -> Identification<'a> {
        Answer::later(async move { Err(IdentityError::refuse("two users at once")) })
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Ok(Effects::none())
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Ok(Effects::none())
    }
}

fn told<T: std::fmt::Debug>(answer: Result<T, AuthError>) -> String {
    answer.map_or_else(|error| format!("{:?}", error.kind()), |answer| format!("{answer:?}"))
}

async fn all(auth: Auth) -> String {
    [
        told(auth.identity().await.map(|identity| identity.is_some())),
        told(auth.user_id().await.map(|user| user.map(|user| user.to_string()))),
        told(auth.authorized_userid().await.map(|user| user.map(|user| user.to_string()))),
        told(auth.is_anonymous().await),
        told(auth.groups().await),
        told(auth.permits("view", PAGES).await),
        told(auth.permits("edit", PAGES).await),
        told(auth.check_authorized().await.map(|user| user.to_string())),
        told(auth.check_permission("comment", PAGES).await.map(|user| user.is_some())),
        told(auth.check_permission("view", PAGES).await.map(|user| user.is_some())),
        told(auth.policy_permits(Can::Edit, &()).await),
        told(auth.credential_data::<String>().await),
        told(
            auth.explain("edit", PAGES).await.map(|why| why.to_string().lines().take(1).collect::<String>()),
        ),
        told(auth.authenticated_at().await),
        told(auth.check_fresh(Duration::from_mins(10)).await.map(|user| user.to_string())),
        told(auth.scopes().await.map(|scopes| scopes.map(|scopes| scopes.to_string()))),
        told(auth.has_scope("read").await),
    ]
    .join("; ")
}

#[tokio::test]
async fn each_method_answers_for_each_kind_of_request() {
    let policy = || FakePolicy::permitting([Can::Edit]);
    let nobody = || AuthLayer::new(FakeIdentity::anonymous());
    let failed = |kind: &str| vec![kind; 17].join("; ");
    let rows = [
        (
            testing::anonymous(),
            "false; None; None; true; Some({}); true; false; Unauthenticated; Unauthenticated; false; Misconfigured; None; \
             \"`edit` for an anonymous request in no group: denied, since no rule allows it\"; \
             None; Unauthenticated; None; false"
                .to_owned(),
        ),
        (
            testing::acting_as("alice", ["editors"]).with_policy(policy()),
            "true; Some(\"alice\"); Some(\"alice\"); false; Some({\"editors\"}); true; true; \"alice\"; true; true; true; None; \
             \"`edit` for the user `alice` in `editors`: allowed by rule 2\"; \
             None; Stale { max_age: 600s }; None; false"
                .to_owned(),
        ),
        (
            testing::acting_as("bob", ["readers"]).with_policy(policy()),
            "true; Some(\"bob\"); Some(\"bob\"); false; Some({\"readers\"}); true; false; \"bob\"; true; true; true; None; \
             \"`edit` for the user `bob` in `readers`: denied, since no rule allows it\"; None; Stale { max_age: 600s }; None; false"
                .to_owned(),
        ),
        (
            testing::acting_as_blocked("mallory").with_policy(policy()),
            "true; Some(\"mallory\"); None; false; None; false; false; Forbidden; Forbidden; Forbidden; false; None; \
             \"`edit` for a user who is blocked: denied, since the user is blocked\"; None; Forbidden; None; false"
                .to_owned(),
        ),
        (
            nobody().with_groups(now(|_| Ok(None))).with_policy(policy()),
            "false; None; None; true; None; false; false; Unauthenticated; Unauthenticated; Unauthenticated; false; None; \
             \"`edit` for a user who is blocked: denied, since the user is blocked\"; None; Unauthenticated; None; false"
                .to_owned(),
        ),
        (
            nobody().with_groups(now(|_| Ok(Some(Groups::from(["editors"]))))).with_policy(FakePolicy::<Can>::failing()),
            "false; None; None; true; Some({\"editors\"}); true; true; Unauthenticated; Unauthenticated; false; Unavailable; \
             None; \"`edit` for an anonymous request in `editors`: allowed by rule 2\"; \
             None; Unauthenticated; None; false"
                .to_owned(),
        ),
        (
            AuthLayer::new(
                FakeIdentity::user("alice").logged_in_ago(Duration::from_mins(10)).with_scopes(["read", "a"]),
            )
            .with_clock(testing::FrozenClock::at(1_000))
            .with_policy(policy()),
            "true; Some(\"alice\"); Some(\"alice\"); false; Some({}); true; false; \"alice\"; true; true; true; None; \
             \"`edit` for the user `alice` in no group: denied, since no rule allows it\"; \
             Some(UnixTime(400)); \"alice\"; Some(\"a read\"); true"
                .to_owned(),
        ),
        (AuthLayer::new(FakeIdentity::failing()).with_policy(policy()), failed("Unavailable")),
        (AuthLayer::new(Torn).with_policy(policy()), failed("InvalidCredential")),
    ];
    for (layer, expected) in rows {
        let app = Router::new().route("/", any(all)).layer(layer);
        assert_eq!(support::get(&app, "/").await.text(), expected);
    }
    let app = Router::new()
        .route("/", any(all))
        .layer(testing::acting_as("alice", ["editors"]).with_policy(policy()));
    let foreign = support::ask(&app, Request::post("/").header("sec-fetch-site", "cross-site")).await;
    assert_eq!(foreign.text(), failed("CrossOrigin"));
}

#[tokio::test]
async fn an_error_of_each_kind_tells_its_kind_and_no_more() {
    for (error, kind, words) in [
        (AuthError::unauthenticated(), AuthErrorKind::Unauthenticated, "the request is anonymous"),
        (AuthError::forbidden(), AuthErrorKind::Forbidden, "the user may not do this"),
    ] {
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, words));
    }
}

#[tokio::test]
async fn a_condition_or_a_range_does_not_go_before_the_guard() {
    #[auth_required]
    async fn page() -> ([(&'static str, &'static str); 1], &'static str) {
        ([("etag", "\"1\"")], "page")
    }
    let app = Router::new().route("/", get(page)).layer(testing::anonymous());
    let plain = support::get(&app, "/").await;
    for (name, value) in [
        ("if-none-match", "\"1\""),
        ("if-none-match", "*"),
        ("if-match", "\"2\""),
        ("range", "bytes=0-1"),
        ("if-modified-since", "Thu, 01 Jan 2099 00:00:00 GMT"),
        ("expect", "100-continue"),
        ("cache-control", "only-if-cached"),
    ] {
        let answer = support::ask(&app, Request::get("/").header(name, value)).await;
        assert_eq!(
            (answer.status, &answer.headers, &answer.body),
            (StatusCode::UNAUTHORIZED, &plain.headers, &plain.body)
        );
    }
    assert_eq!(plain.header(header::CACHE_CONTROL.as_str()), "no-store");
}
