//! However routes are put together, a guarded handler stays guarded.

use std::sync::Arc;

use auth_runtime::{
    Acl, Auth, AuthLayer, Groups, acl, acl_required, allow_anonymous, auth_required,
    authorization::now,
    testing::{self, Call, FakeIdentity, USER_HEADER},
};
use axum::{
    Router,
    extract::State,
    http::{Method, Request, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use tower_http::cors::CorsLayer;

use crate::support::{self, Log};

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];

#[auth_required]
async fn profile() -> &'static str {
    "reached"
}

#[acl_required("edit", ARTICLES)]
async fn edit() -> &'static str {
    "reached"
}

#[allow_anonymous]
async fn open() -> &'static str {
    "open"
}

fn by_header() -> AuthLayer {
    let groups = now(|user| Ok(Some(user.map_or_else(Groups::none, |_| Groups::from(["editors"])))));
    AuthLayer::new(FakeIdentity::by_header()).with_groups(groups)
}

async fn pass(request: axum::extract::Request, next: Next) -> Response {
    next.run(request).await
}

#[tokio::test]
async fn compositions_that_lose_a_layer_do_not_lose_a_guard() {
    for (method, path, routes) in [
        (Method::POST, "/", Router::new().route("/", get(open).layer(from_fn(pass)).post(profile))),
        (
            Method::GET,
            "/late",
            Router::new().route("/", get(open)).route_layer(from_fn(pass)).route("/late", get(profile)),
        ),
        (Method::GET, "/none", Router::new().route("/", get(open)).layer(from_fn(pass)).fallback(profile)),
        (
            Method::GET,
            "/none",
            Router::new().route("/", get(open)).fallback(profile).route_layer(from_fn(pass)),
        ),
    ] {
        let request = || Request::builder().method(method.clone()).uri(path);
        let app = routes.layer(by_header());
        assert_eq!(support::ask(&app, request()).await.status, StatusCode::UNAUTHORIZED, "{path}");
        let answer = support::ask(&app, request().header(USER_HEADER, "alice")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn the_same_compositions_with_our_layer_never_let_through() {
    let auth = || testing::acting_as("alice", ["editors"]);
    for (method, path, app) in [
        (Method::POST, "/", Router::new().route("/", get(profile).layer(auth()).post(profile))),
        (Method::GET, "/late", Router::new().route("/", get(open)).layer(auth()).route("/late", get(edit))),
        (Method::GET, "/none", Router::new().route("/", get(open)).layer(auth()).fallback(profile)),
        (Method::GET, "/none", Router::new().route("/", get(open)).fallback(profile).route_layer(auth())),
        (Method::GET, "/", Router::new().route("/", get(edit))),
    ] {
        let asked = support::ask(&app, Request::builder().method(method).uri(path));
        let (answer, told) = Log::of(asked).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let [line] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((line.message.as_str(), line.level), ("misconfigured", tracing::Level::ERROR));
        assert!(line.field("error").contains("add `.layer(AuthLayer::new("), "{line:?}");
    }
}

#[tokio::test]
async fn without_a_layer_no_guard_and_no_extractor_answers_yes() {
    async fn user(_: auth_runtime::UserId) {}
    async fn maybe(_: Option<auth_runtime::UserId>) {}
    async fn handle(_: Auth) {}
    let app: Router = Router::new()
        .route("/profile", any(profile))
        .route("/edit", any(edit))
        .route("/user", any(user))
        .route("/maybe", any(maybe))
        .route("/handle", any(handle))
        .route("/service", any(open).layer(auth_runtime::guard::auth!()))
        .route("/open", any(open));
    for path in ["/profile", "/edit", "/user", "/maybe", "/handle", "/service"] {
        assert_eq!(support::get(&app, path).await.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    }
    assert_eq!(support::get(&app, "/open").await.status, StatusCode::OK);
}

#[tokio::test]
async fn of_two_layers_the_nearest_is_asked_and_the_other_is_not() {
    let (outer, inner) = (FakeIdentity::user("outer"), FakeIdentity::user("inner"));
    #[auth_required]
    async fn who(user: auth_runtime::UserId) -> String {
        user.to_string()
    }
    let app = Router::new()
        .nest("/in", Router::new().route("/who", get(who)).layer(AuthLayer::new(inner.clone())))
        .route("/who", get(who))
        .layer(AuthLayer::new(outer.clone()));
    assert_eq!(support::get(&app, "/in/who").await.text(), "inner");
    assert_eq!((inner.calls(), outer.calls()), (vec![Call::Identify], vec![]));
    assert_eq!(support::get(&app, "/who").await.text(), "outer");

    // Nor does the outer one lend its user to an inner one without users.
    let app = Router::new()
        .route("/who", get(who))
        .layer(testing::anonymous())
        .layer(testing::acting_as("alice", ["editors"]));
    assert_eq!(support::get(&app, "/who").await.status, StatusCode::UNAUTHORIZED);
}

#[derive(Clone)]
struct Shared {
    name: Arc<str>,
}

#[auth_required]
async fn with_state(State(shared): State<Shared>) -> String {
    shared.name.to_string()
}

#[auth_required]
async fn generic_state<S: Clone + Send + Sync + ToString + 'static>(State(state): State<S>) -> String {
    state.to_string()
}

#[tokio::test]
async fn guards_work_with_any_state() {
    let app: Router = Router::new()
        .route("/shared", get(with_state))
        .nest("/number", Router::new().route("/", get(generic_state::<u64>)).with_state(7_u64))
        .nest("/text", Router::new().route("/", get(generic_state::<String>)).with_state("text".to_owned()))
        .with_state(Shared { name: "shared".into() })
        .layer(by_header());
    for (path, expected) in [("/shared", "shared"), ("/number", "7"), ("/text", "text")] {
        assert_eq!(support::get(&app, path).await.status, StatusCode::UNAUTHORIZED);
        let answer = support::ask(&app, Request::get(path).header(USER_HEADER, "alice")).await;
        assert_eq!(answer.text(), expected);
    }
}

#[tokio::test]
async fn beside_a_cors_layer_preflights_pass_and_nothing_is_added() {
    let plain = Router::new().route("/", get(profile).post(profile)).layer(by_header());
    let cors = CorsLayer::new()
        .allow_origin(["https://app.example".parse().unwrap()])
        .allow_methods([Method::POST])
        .allow_credentials(true);
    let preflight = || {
        let request = Request::builder().method(Method::OPTIONS).uri("/");
        request
            .header(header::ORIGIN, "https://app.example")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
    };
    let (outside, inside) = (
        plain.clone().layer(cors.clone()),
        Router::new().route("/", get(profile).post(profile)).layer(cors).layer(by_header()),
    );
    for app in [outside, inside] {
        let answer = support::ask(&app, preflight()).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("access-control-allow-origin"), "https://app.example");
        let refused =
            support::ask(&app, Request::get("/").header(header::ORIGIN, "https://app.example")).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(refused.header("access-control-allow-origin"), "https://app.example");
        let vary = refused.header("vary");
        assert!(vary.contains("origin") && vary.contains("cookie"), "{vary}");
    }
    for request in [preflight(), Request::get("/").header(header::ORIGIN, "https://app.example")] {
        let answer = support::ask(&plain, request).await;
        let ours = answer.headers.keys().filter(|name| name.as_str().starts_with("access-control-"));
        assert_eq!(ours.count(), 0, "{answer:?}");
    }
}

#[tokio::test]
async fn a_request_within_a_request_has_no_part_in_its_user() {
    async fn inside() -> StatusCode {
        let app = Router::new().route("/", get(profile)).layer(by_header());
        support::get(&app, "/").await.status
    }
    #[auth_required]
    async fn calls() -> Response {
        inside().await.into_response()
    }
    let app = Router::new().route("/", get(calls)).layer(testing::acting_as("alice", ["editors"]));
    assert_eq!(support::get(&app, "/").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn head_of_a_guarded_get_is_guarded_alike() {
    let app = Router::new().route("/", get(profile).post(edit)).layer(by_header());
    let head = support::ask(&app, Request::head("/")).await;
    let get = support::get(&app, "/").await;
    assert_eq!((head.status, &head.headers), (get.status, &get.headers));
    assert!(head.body.is_empty() && !get.body.is_empty());
    let known = support::ask(&app, Request::head("/").header(USER_HEADER, "alice")).await;
    assert_eq!(known.status, StatusCode::OK);
}
