//! What is not a handler comes in with a guard or a reason, and the layer stands around all of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod support;

use std::{convert::Infallible, time::Duration};

use auth_runtime::{
    Acl, Auth, AuthLayer, acl, allow_anonymous, auth_required, guard,
    guarded::{MethodRouter, Router, any_service, get, get_service, post, unguarded},
    testing::{self, FakeIdentity, USER_HEADER},
};
use axum::{
    extract::{Request, ws::WebSocketUpgrade},
    http::{Method, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing,
};
use futures_util::stream::{self, Stream};

const FILES: Acl = acl![(Allow, Group("staff"), ["read"])];

#[auth_required]
async fn members() -> &'static str {
    "members"
}

#[allow_anonymous]
async fn who(auth: Auth) -> String {
    auth.user_id().await.unwrap().map_or_else(|| "nobody".to_owned(), |user| user.to_string())
}

async fn file() -> &'static str {
    "a file"
}

fn files<S: Clone + Send + Sync + 'static>() -> axum::Router<S> {
    axum::Router::new().route("/", routing::get(file)).route("/{name}", routing::get(file)).fallback(file)
}

fn by_header() -> AuthLayer {
    AuthLayer::new(FakeIdentity::by_header())
}

async fn status(app: &axum::Router, path: &str, user: bool) -> u16 {
    let mut request = Request::get(path);
    if user {
        request = request.header(USER_HEADER, "alice");
    }
    support::ask(app, request).await.status.as_u16()
}

#[tokio::test]
async fn services_are_reached_through_their_guard_only() {
    let service = || routing::any(file);
    let methods: MethodRouter = get_service(guard::auth().around(service()));
    let app = Router::new()
        .route_service("/one", guard::auth().around(service()))
        .nest_service("/tree", guard::auth().around(service()))
        .nest("/router", guard::auth().around(files()))
        .merge(guard::auth().around(axum::Router::new().route("/merged", routing::get(file)).fallback(file)))
        .route("/methods", methods)
        .route("/any", any_service(guard::auth().around(service())))
        .route("/foreign", guard::auth().around(routing::get(file)))
        .with_auth(by_header());
    let paths = [
        "/one",
        "/tree",
        "/tree/",
        "/tree/a/b",
        "/router",
        "/router/a",
        "/router/a/b",
        "/merged",
        "/methods",
        "/any",
        "/foreign",
    ];
    for path in paths {
        assert_eq!(status(&app, path, false).await, 401, "{path}");
        assert_eq!(status(&app, path, true).await, 200, "{path}");
    }
    // The fallback of a foreign router that is merged does not come along, nor does a guard before it.
    assert_eq!(status(&app, "/none", false).await, 404);
}

#[tokio::test]
async fn services_with_a_reason_are_open() {
    let app = Router::new()
        .nest("/router", unguarded("a demonstration", files()))
        .merge(unguarded(
            "a demonstration",
            axum::Router::new().route("/merged", routing::get(file)).fallback(file),
        ))
        .route("/foreign", unguarded("a demonstration", routing::get(file)))
        .route_service("/one", unguarded("a demonstration", routing::any(file)))
        .with_auth(by_header());
    for path in ["/router", "/router/a", "/router/a/b", "/merged", "/foreign", "/one"] {
        assert_eq!(status(&app, path, false).await, 200, "{path}");
    }
    assert_eq!(status(&app, "/none", false).await, 404);
}

#[tokio::test]
async fn a_guard_of_the_router_stands_before_services_too() {
    let service = || unguarded("the router has a guard", routing::any(file));
    let inner = Router::new()
        .guarded_by(guard::auth())
        .guarded_by(guard::acl("read", FILES))
        .route_service("/one", service())
        .nest_service("/tree", service())
        .nest("/router", unguarded("the router has a guard", files()))
        .route("/foreign", unguarded("the router has a guard", routing::get(file)))
        .route("/wrong", post(members))
        .method_not_allowed_fallback(who)
        .fallback_service(service());
    let app = Router::new().nest("/in", inner).route("/", get(who));
    let staff = app.clone().with_auth(testing::acting_as("alice", ["staff"]));
    let other = app.clone().with_auth(testing::acting_as("mallory", ["visitors"]));
    let nobody = app.with_auth(testing::anonymous());
    for path in
        ["/in/one", "/in/tree/a", "/in/router", "/in/router/a/b", "/in/foreign", "/in/wrong", "/in/none"]
    {
        assert_eq!(support::get(&nobody, path).await.status, 401, "{path}");
        assert_eq!(support::get(&other, path).await.status, 403, "{path}");
        assert_eq!(support::get(&staff, path).await.status, 200, "{path}");
    }
    assert_eq!(support::get(&nobody, "/none").await.status, 404);
}

#[tokio::test]
async fn the_layer_stands_around_everything() {
    let app = Router::new()
        .route("/", get(who))
        .nest("/nested", Router::new().route("/", get(who)).fallback(who))
        .method_not_allowed_fallback(who)
        .fallback(who)
        .with_auth(testing::acting_as("alice", ["staff"]));
    for (method, path) in [
        (Method::GET, "/"),
        (Method::POST, "/"),
        (Method::GET, "/nested"),
        (Method::GET, "/nested/none"),
        (Method::DELETE, "/none"),
    ] {
        let answer = support::ask(&app, Request::builder().method(method.clone()).uri(path)).await;
        assert_eq!(answer.text(), "alice", "{method} {path}");
    }
}

#[auth_required]
async fn events() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let one = stream::iter([Ok(Event::default().data("one"))]);
    Sse::new(one).keep_alive(KeepAlive::new().interval(Duration::from_secs(1)))
}

#[auth_required]
async fn socket(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|_socket| async {}).into_response()
}

#[tokio::test]
async fn streams_and_sockets_are_decided_about_before_they_begin() {
    let app =
        Router::new().route("/events", get(events)).route("/socket", get(socket)).with_auth(by_header());
    assert_eq!(status(&app, "/events", false).await, 401);
    let answer = support::ask(&app, Request::get("/events").header(USER_HEADER, "alice")).await;
    assert_eq!(
        (answer.header("content-type").as_str(), answer.text()),
        ("text/event-stream", "data: one\n\n")
    );

    let upgrade = || {
        Request::get("/socket")
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==")
    };
    assert_eq!(support::ask(&app, upgrade()).await.status, StatusCode::UNAUTHORIZED);
    // There is no connection to upgrade in a test; that is what the extractor behind the guard says.
    let known = support::ask(&app, upgrade().header(USER_HEADER, "alice")).await;
    assert_eq!(known.status, StatusCode::UPGRADE_REQUIRED, "{known:?}");
}

#[test]
#[should_panic(expected = "the reason is empty; say why everybody may call this")]
fn a_reason_that_is_empty_does_not_start() {
    let _: Router = Router::new().nest("/files", unguarded(" ", files()));
}
