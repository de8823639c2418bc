//! Groups from the claims of a token, without a look-up; malformed claims deny, with a log event.

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, BoxError, FirstOf, Groups, KeyRing, TicketCookie, UserId, acl,
    acl_required,
    authorization::{GroupPath, GroupSource, now, union},
    jwt::{BearerJwt, ClaimGroups},
    testing::FrozenClock,
};
use axum::{
    Router,
    http::{Request, StatusCode, header},
    routing::{get, post},
};
use serde_json::{Value, json};
use tracing::Level;

use crate::{
    support::{self, Answer, Log},
    tokens::{self, AUDIENCE, ISSUER, NOON, with_claims},
};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, Group("suspended"), ["comment"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit"]),
    (Allow, Group("realm:editors"), ["publish"]),
];

#[acl_required("view", ARTICLES)]
async fn view() {}

#[acl_required("comment", ARTICLES)]
async fn comment() {}

#[acl_required("edit", ARTICLES)]
async fn edit() {}

#[acl_required("publish", ARTICLES)]
async fn publish() {}

async fn login(auth: Auth) -> Result<(), AuthError> {
    auth.remember("alice").await
}

fn policy() -> BearerJwt {
    BearerJwt::new(tokens::verifying_key()).with_issuer(ISSUER).with_audience(AUDIENCE)
}

fn app(groups: impl GroupSource) -> Router {
    let policy = FirstOf::new(TicketCookie::new(KeyRing::random())).then(policy());
    Router::new()
        .route("/view", get(view))
        .route("/comment", get(comment))
        .route("/edit", get(edit))
        .route("/publish", get(publish))
        .route("/login", post(login))
        .layer(AuthLayer::new(policy).with_groups(groups).with_clock(FrozenClock::at(NOON)))
}

fn roles() -> ClaimGroups {
    ClaimGroups::new(GroupPath::parse("realm_access.roles").unwrap())
}

async fn ask(app: &Router, path: &str, claims: &Value) -> Answer {
    let line = format!("Bearer {}", with_claims(claims));
    support::ask(app, Request::get(path).header(header::AUTHORIZATION, line)).await
}

async fn status(app: &Router, path: &str, claims: &Value) -> StatusCode {
    ask(app, path, claims).await.status
}

#[tokio::test]
async fn a_path_in_the_claims_names_the_groups() {
    let keycloak = json!({ "realm_access": { "roles": ["readers", "editors"] } });
    for path in ["realm_access.roles", "/realm_access/roles"] {
        let app = app(ClaimGroups::new(GroupPath::parse(path).unwrap()));
        assert_eq!(status(&app, "/edit", &keycloak).await, StatusCode::OK, "{path}");
        for others in [
            json!({ "realm_access": { "roles": ["readers"] } }),
            json!({ "realm_access": { "roles": [] } }),
            json!({ "realm_access": {} }),
            json!({ "roles": ["editors"] }),
            json!({ "realm_access.roles": ["editors"] }),
        ] {
            assert_eq!(status(&app, "/edit", &others).await, StatusCode::FORBIDDEN, "{path} {others}");
            assert_eq!(status(&app, "/comment", &others).await, StatusCode::OK, "{path} {others}");
        }
        assert_eq!(support::get(&app, "/edit").await.status, StatusCode::UNAUTHORIZED);
    }
    let flat = app(ClaimGroups::new(GroupPath::from_static("roles")));
    assert_eq!(status(&flat, "/edit", &json!({ "roles": ["editors"] })).await, StatusCode::OK);
    assert_eq!(
        status(&flat, "/edit", &json!({ "roles": "editors" })).await,
        StatusCode::OK,
        "one, as a text"
    );
    let several = json!({ "roles": "editors readers" });
    assert_eq!(status(&flat, "/edit", &several).await, StatusCode::FORBIDDEN, "a text is one group");
    let suspended = json!({ "roles": ["editors", "suspended"] });
    assert_eq!(status(&flat, "/comment", &suspended).await, StatusCode::FORBIDDEN);
    let name = "https://shop.example/roles";
    let namespaced = app(ClaimGroups::new(GroupPath::name(name)));
    assert_eq!(status(&namespaced, "/edit", &json!({ name: ["editors"] })).await, StatusCode::OK);
}

/// The unreadable list might have named a group that a rule denies, so everything is denied.
#[tokio::test]
async fn malformed_claims_deny_and_are_logged() {
    let app = app(roles());
    for (value, found) in [
        (json!(7), "a number"),
        (json!(null), "null"),
        (json!(true), "a boolean"),
        (json!({ "proofreaders": true }), "an object"),
        (json!(["proofreaders", 7]), "a list with a number"),
        (json!([["proofreaders"]]), "a list with a list"),
    ] {
        let claims = json!({ "realm_access": { "roles": value } });
        for path in ["/view", "/comment", "/edit"] {
            let (answer, told) = Log::of(ask(&app, path, &claims)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {claims}");
            let event = told.iter().find(|told| told.message == "malformed groups").unwrap();
            assert_eq!((event.level, event.field("found")), (Level::WARN, found), "{claims}");
            assert_eq!(event.field("path"), "realm_access.roles");
            assert!(!format!("{told:?}").contains("proofreaders"), "the value is not logged: {told:?}");
        }
    }
    let (answer, told) = Log::of(ask(&app, "/edit", &json!({ "realm_access": "editors" }))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(told.iter().any(|told| told.field("found") == "a text"), "{told:?}");
}

#[tokio::test]
async fn a_prefix_keeps_groups_of_an_issuer_apart() {
    let app = app(roles().with_prefix("realm:"));
    let editors = json!({ "realm_access": { "roles": ["editors"] } });
    assert_eq!(status(&app, "/publish", &editors).await, StatusCode::OK);
    assert_eq!(status(&app, "/edit", &editors).await, StatusCode::FORBIDDEN);
    let pretended = json!({ "realm_access": { "roles": ["realm:editors"] } });
    assert_eq!(status(&app, "/publish", &pretended).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn only_named_issuers_put_users_into_groups() {
    let editors = json!({ "realm_access": { "roles": ["editors"] } });
    for (issuer, status_of_edit) in
        [(ISSUER, StatusCode::OK), ("https://other.example", StatusCode::FORBIDDEN)]
    {
        let app = app(roles().with_issuer(issuer));
        assert_eq!(status(&app, "/edit", &editors).await, status_of_edit, "{issuer}");
    }
    let app = app(roles().with_issuer("https://other.example").with_issuer(ISSUER));
    assert_eq!(status(&app, "/edit", &editors).await, StatusCode::OK);
}

/// Users with a cookie have no claims: a table names their groups.
#[tokio::test]
async fn claims_and_a_table_together() {
    let asked = Arc::new(AtomicU32::new(0));
    let table = {
        let asked = Arc::clone(&asked);
        now(move |user: Option<&UserId>| {
            asked.fetch_add(1, Ordering::SeqCst);
            match user.map(UserId::as_str) {
                Some("down") => Err(BoxError::from("the table is locked")),
                Some("blocked") => Ok(None),
                Some("bob") => Ok(Some(Groups::from(["editors"]))),
                _ => Ok(Some(Groups::from(["realm:editors"]))),
            }
        })
    };
    let app = app(union(roles(), table));
    let editors = json!({ "realm_access": { "roles": ["editors"] } });
    assert_eq!(status(&app, "/edit", &editors).await, StatusCode::OK);
    assert_eq!(status(&app, "/publish", &editors).await, StatusCode::OK);
    assert_eq!(status(&app, "/edit", &json!({})).await, StatusCode::FORBIDDEN);
    assert_eq!(status(&app, "/edit", &json!({ "sub": "bob" })).await, StatusCode::OK);
    let blocked = json!({ "sub": "blocked", "realm_access": { "roles": ["editors"] } });
    assert_eq!(status(&app, "/edit", &blocked).await, StatusCode::FORBIDDEN, "one of them blocks");
    let down = json!({ "sub": "down", "realm_access": { "roles": ["editors"] } });
    assert_eq!(status(&app, "/edit", &down).await, StatusCode::SERVICE_UNAVAILABLE, "one of them fails");
    let before = asked.load(Ordering::SeqCst);
    let malformed = json!({ "realm_access": { "roles": 7 } });
    assert_eq!(status(&app, "/edit", &malformed).await, StatusCode::FORBIDDEN);
    assert_eq!(asked.load(Ordering::SeqCst), before, "the second is not asked about a blocked user");
    let cookie = support::ask(&app, Request::post("/login")).await.cookies().remove(0);
    for (path, expected) in [("/publish", StatusCode::OK), ("/edit", StatusCode::FORBIDDEN)] {
        let answer = support::ask(&app, Request::get(path).header(header::COOKIE, &cookie)).await;
        assert_eq!(answer.status, expected, "{path}");
    }
}

/// A watch asks again about the same token.
#[tokio::test(start_paused = true)]
async fn a_watch_reads_the_same_claims_again() {
    async fn feed(auth: Auth) -> Result<String, AuthError> {
        let watch = auth.watch("edit", ARTICLES).await?;
        Ok(match tokio::time::timeout(Duration::from_mins(2), watch).await {
            Ok(ended) => ended.to_string(),
            Err(_) => "still granted".to_owned(),
        })
    }
    let clock = FrozenClock::at(NOON);
    let auth = AuthLayer::new(policy()).with_groups(roles()).with_clock(clock);
    let app = Router::new().route("/feed", get(feed)).layer(auth);
    let editors = json!({ "realm_access": { "roles": ["editors"] } });
    assert_eq!(ask(&app, "/feed", &editors).await.text(), "still granted");
    assert_eq!(status(&app, "/feed", &json!({})).await, StatusCode::FORBIDDEN);
}
