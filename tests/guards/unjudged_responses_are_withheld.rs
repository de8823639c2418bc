//! A layer that demands guards withholds every response that no guard has judged, and no other.

use std::time::Duration;

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, LocalPath, Permission, Refusal, Resource, Rule, UserId, acl,
    acl_required, allow_anonymous, auth_required,
    gate::PageGate,
    guard::{self, GuardKind, Missing, Permit},
    guarded::{self, unguarded},
    permission_required, permit, scope_required,
    testing::{self, Call, FakeIdentity, FakePolicy},
};
use axum::{
    Router,
    extract::{FromRequestParts, Path},
    http::{Method, Request, StatusCode, request::Parts},
    response::{IntoResponse, Response},
    routing::{MethodRouter, any, get, post},
};
use tower_http::cors::CorsLayer;
use tracing::Level;

use crate::support::{self, Log};

#[derive(Clone, Copy, Permission)]
enum Can {
    Restart,
    Edit,
}

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"]), (Allow, Everyone, ["view"])];

#[auth_required]
async fn user() {}

#[allow_anonymous]
async fn public() {}

#[acl_required("edit", ARTICLES)]
async fn edit() {}

#[permission_required(Can::Restart)]
async fn restart() {}

#[scope_required("articles")]
async fn scope() {}

#[acl_required("view", ARTICLES)]
#[auth_required]
async fn both() {}

struct Article;

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = Missing;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Missing> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) if id == "1" => Ok(Self),
            _ => Err(Missing),
        }
    }
}

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        ARTICLES.rules().iter().copied()
    }
}

#[acl_required("edit", article)]
async fn resource(article: Article) {
    let _ = article;
}

permit! {
    struct MayEdit = "edit" in ARTICLES;
    struct MayEditThis = "edit";
}

async fn permitted(_: Permit<MayEdit>) {}

async fn permitted_resource(_: Permit<MayEditThis, Article>) {}

async fn forgotten() -> impl IntoResponse {
    ([("x-secret", "42")], "all invoices")
}

fn guarded_routes() -> Router {
    Router::new()
        .route("/user", get(user))
        .route("/public", get(public))
        .route("/edit", get(edit))
        .route("/restart", get(restart))
        .route("/scope", get(scope))
        .route("/both", get(both))
        .route("/resource/{id}", get(resource))
        .route("/permit", get(permitted))
        .route("/permit/{id}", get(permitted_resource))
        .merge(Router::new().route("/layer", get(forgotten)).route_layer(guard::acl!("edit", ARTICLES)))
        .merge(Router::new().route("/open", get(forgotten)).route_layer(guard::anonymous!(reason = "a test")))
        .route_service("/service", guard::auth!().around(any(forgotten)))
        .route_service("/open-service", guard::anonymous!(reason = "a test").around(any(forgotten)))
}

const GUARDED: [&str; 15] = [
    "/user",
    "/public",
    "/edit",
    "/restart",
    "/scope",
    "/both",
    "/resource/1",
    "/resource/2",
    "/permit",
    "/permit/1",
    "/permit/2",
    "/layer",
    "/open",
    "/service",
    "/open-service",
];

#[tokio::test]
async fn what_a_guard_has_judged_is_sent_as_it_is() {
    for layer in [
        testing::acting_as("alice", ["editors"]),
        testing::acting_as("bob", ["readers"]),
        testing::acting_as_blocked("mallory"),
        testing::anonymous(),
        AuthLayer::new(FakeIdentity::bad_credential()).demand_guards(),
        AuthLayer::new(FakeIdentity::failing()).demand_guards(),
        AuthLayer::new(FakeIdentity::user("alice").waiting()).demand_guards(),
    ] {
        let layer = layer.with_policy(FakePolicy::permitting([Can::Restart]));
        let (demanding, other) = (guarded_routes().layer(layer.clone()), layer.allow_unguarded());
        let other = guarded_routes().layer(other);
        for path in GUARDED {
            let (found, expected) = (support::get(&demanding, path).await, support::get(&other, path).await);
            assert_ne!(found.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            assert_eq!(
                (found.status, found.headers, found.body),
                (expected.status, expected.headers, expected.body),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn a_forgotten_guard_is_an_error_that_says_what_to_write() {
    let routes = Router::new().nest("/books", Router::new().route("/{id}", get(forgotten)));
    let (answer, told) = Log::of(support::get(&routes.layer(testing::anonymous()), "/books/7")).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(!answer.text().contains("invoices") && answer.header("x-secret").is_empty());
    let [event] = &told[..] else { panic!("{told:?}") };
    assert_eq!((event.level, &*event.message), (Level::ERROR, "unguarded"));
    assert_eq!((event.field("method"), event.field("path")), ("GET", "/books/{id}"));
    for remedy in ["#[auth_required]", "#[allow_anonymous]", "guard::auth!()", "guard::anonymous!(reason ="] {
        assert!(event.field("error").contains(remedy), "{event:?}");
    }
}

#[tokio::test]
async fn the_response_in_place_is_of_the_applications_making() {
    let layer = testing::anonymous()
        .with_refusal(|refusal: &Refusal| (refusal.status(), "ours".to_owned()).into_response());
    let answer = support::get(&Router::new().route("/", get(forgotten)).layer(layer), "/").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (500, "ours"));
}

async fn status(routes: Router, method: Method, path: &str) -> u16 {
    let app = routes.layer(testing::anonymous());
    support::ask(&app, Request::builder().method(method).uri(path)).await.status.as_u16()
}

#[tokio::test]
async fn what_routers_and_cors_answer_by_themselves_is_sent() {
    let routes = || Router::new().route("/", get(public)).nest("/n", Router::new().route("/", post(public)));
    for (method, path, expected) in [
        (Method::GET, "/none", 404),
        (Method::GET, "/n/none", 404),
        (Method::PUT, "/", 405),
        (Method::OPTIONS, "/", 405),
    ] {
        assert_eq!(status(routes(), method.clone(), path).await, expected, "{method} {path}");
    }
    assert_eq!(status(routes().layer(CorsLayer::permissive()), Method::OPTIONS, "/").await, 200);
    assert_eq!(status(Router::new(), Method::GET, "/").await, 404);
}

#[tokio::test]
async fn an_empty_response_of_a_handler_that_says_something_is_withheld() {
    let routes = |handlers: MethodRouter| Router::new().route("/", handlers);
    for handlers in [
        any(async || ()),
        any(async || StatusCode::NO_CONTENT),
        any(async || StatusCode::FORBIDDEN),
        any(async || (StatusCode::NOT_FOUND, "not in this room")),
        any(async || (StatusCode::METHOD_NOT_ALLOWED, "no")),
    ] {
        assert_eq!(status(routes(handlers), Method::GET, "/").await, 500);
    }
    assert_eq!(status(routes(any(async || "secret")), Method::OPTIONS, "/").await, 500);
    assert_eq!(status(routes(any(async || StatusCode::NOT_FOUND)), Method::GET, "/").await, 404);
}

#[tokio::test]
async fn what_an_unguarded_handler_changed_is_undone() {
    async fn log_in(auth: Auth) -> Result<StatusCode, AuthError> {
        auth.remember("alice").await?;
        Ok(StatusCode::NOT_FOUND)
    }

    let policy = FakeIdentity::anonymous();
    let app = |layer: AuthLayer| Router::new().route("/", post(log_in)).layer(layer);
    let answer = support::ask(&app(AuthLayer::new(policy.clone()).demand_guards()), Request::post("/")).await;
    assert_eq!((answer.status.as_u16(), answer.cookies().len()), (500, 0));
    assert_eq!(policy.calls(), [Call::Identify, Call::Remember("alice".to_owned())]);
    // Without the demand, which is the default, it goes through.
    let answer = support::ask(&app(AuthLayer::new(policy)), Request::post("/")).await;
    assert_eq!((answer.status.as_u16(), answer.cookies().len()), (404, 1));
}

#[tokio::test]
async fn a_handler_that_rejects_by_itself_has_judged_and_one_that_only_asks_has_not() {
    async fn one(auth: Auth, Path(what): Path<String>) -> Result<Response, AuthError> {
        match &*what {
            "authorized" => drop(auth.check_authorized().await?),
            "permission" => drop(auth.check_permission("view", ARTICLES).await?),
            "fresh" => drop(auth.check_fresh(Duration::from_mins(1)).await?),
            "watch" => drop(auth.watch("view", ARTICLES).await?),
            "permits" => drop(auth.permits("view", ARTICLES).await?),
            "decide" => drop(auth.decide("view", ARTICLES).await?),
            "groups" => drop(auth.groups().await?),
            _ => drop(auth.user_id().await?),
        }
        Ok("done".into_response())
    }
    async fn by_extractor(user: UserId) -> String {
        user.to_string()
    }

    let routes = Router::new().route("/{what}", get(one)).route("/extractor/user", get(by_extractor));
    let known = AuthLayer::new(FakeIdentity::user("alice").logged_in_ago(Duration::from_secs(1)));
    let known = routes.clone().layer(known.demand_guards());
    let anonymous = routes.layer(testing::anonymous());
    for (path, as_alice, as_nobody) in [
        ("/authorized", 200, 401),
        ("/permission", 200, 200),
        ("/fresh", 200, 401),
        ("/watch", 200, 200),
        ("/permits", 500, 500),
        ("/decide", 500, 500),
        ("/groups", 500, 500),
        ("/user", 500, 500),
        ("/extractor/user", 500, 500),
    ] {
        assert_eq!(support::get(&known, path).await.status.as_u16(), as_alice, "{path}");
        assert_eq!(support::get(&anonymous, path).await.status.as_u16(), as_nobody, "{path}");
    }
}

#[tokio::test]
async fn what_is_judged_behind_another_layer_is_judged() {
    let inner = Router::new().route("/user", get(user)).route("/forgotten", get(forgotten));
    let inner = inner.layer(AuthLayer::new(FakeIdentity::user("alice")));
    let app = guarded::Router::new()
        .route("/user", guarded::get(user))
        .nest("/files", unguarded("a test", Router::new().route("/", get(forgotten))))
        .with_auth(testing::anonymous());
    let outer = Router::new()
        .merge(inner)
        .nest_service("/app", app)
        .route("/outside", get(forgotten))
        .layer(testing::anonymous());
    for (path, expected) in
        [("/user", 200), ("/forgotten", 500), ("/app/user", 401), ("/app/files", 200), ("/outside", 500)]
    {
        assert_eq!(support::get(&outer, path).await.status.as_u16(), expected, "{path}");
    }

    let demanding = Router::new().route("/", get(forgotten)).layer(testing::acting_as("alice", ["readers"]));
    let judged_before = demanding.layer(guard::auth!()).layer(testing::acting_as("alice", ["readers"]));
    assert_eq!(support::get(&judged_before, "/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_gate_has_judged_what_it_answers_by_itself() {
    let gate = PageGate::new(LocalPath::from_static("/login"), LocalPath::from_static("/"));
    let app = Router::new()
        .route("/login", get(public))
        .route("/private", get(forgotten))
        .layer(gate)
        .layer(testing::anonymous());
    let navigation =
        |path| Request::get(path).header("accept", "text/html").header("sec-fetch-mode", "navigate");
    for (path, expected) in [("/private", 303), ("/none", 303), ("/login", 200), ("/a/../b", 400)] {
        assert_eq!(support::ask(&app, navigation(path)).await.status.as_u16(), expected, "{path}");
    }
    assert_eq!(support::get(&app, "/private").await.status.as_u16(), 500);
}

#[tokio::test]
async fn a_guard_for_what_is_public_stands_in_the_table_with_its_reason() {
    let routes: guarded::Router = guarded::Router::new()
        .route_service("/health", guard::anonymous!(reason = "a probe asks").around(any(forgotten)))
        .nest("/files", guard::anonymous!(reason = "a mirror").around(Router::new().fallback(forgotten)));
    let app = routes.with_auth(testing::anonymous());
    for (record, reason) in app.routes().iter().zip(["a probe asks", "a mirror"]) {
        assert_eq!((record.guards()[0].kind(), record.reason()), (GuardKind::Anybody, Some(reason)));
    }
    let access = app.access();
    assert_eq!(access.open_to_anonymous().count(), 2);
    assert_eq!(access.rows()[0].guard(), "anybody");
    assert_eq!(support::get(&app, "/health").await.status, StatusCode::OK);
    assert_eq!(access.verify(app).await.unwrap().confirmed, 4);
    // It needs no layer around it.
    let bare = Router::new().route("/", get(forgotten)).layer(guard::anonymous!(reason = "a test"));
    assert_eq!(support::get(&bare, "/").await.status, StatusCode::OK);
}
