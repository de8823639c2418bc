//! What is not a handler comes in with a guard or a reason, and the layer stands around all of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{convert::Infallible, future::IntoFuture, net::SocketAddr, time::Duration};

use auth_runtime::{
    Acl, Auth, AuthLayer, acl, allow_anonymous, auth_required, guard,
    guarded::{
        App, MethodFilter, MethodRouter, RouteMetadata, Router, any_service, get, get_service, on_service,
        post, unguarded,
    },
    testing::{self, FakeIdentity, USER_HEADER},
};
use axum::{
    Extension,
    body::Bytes,
    extract::{ConnectInfo, MatchedPath, Request, State, ws::WebSocketUpgrade},
    http::{Method, StatusCode, header},
    middleware::{Next, from_fn},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing,
    serve::IncomingStream,
};
use futures_util::stream::{self, Stream};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tower::{Service, ServiceExt as _};

use crate::support;

const FILES: Acl = acl![(Allow, Group("staff"), ["read"])];

#[auth_required]
async fn members() -> &'static str {
    "members"
}

#[allow_anonymous]
async fn who(auth: Auth) -> String {
    auth.user_id().await.unwrap().map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
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

async fn status(app: &impl support::App, path: &str, user: bool) -> u16 {
    let mut request = Request::get(path);
    if user {
        request = request.header(USER_HEADER, "alice");
    }
    support::ask(app, request).await.status.as_u16()
}

#[tokio::test]
async fn one_service_answers_several_methods() {
    let filter = MethodFilter::GET.or(MethodFilter::POST);
    let methods: MethodRouter = on_service(filter, guard::auth!().around(routing::any(file)));
    let routes: Router = Router::new().route("/file", methods);
    assert_eq!(routes.routes()[0].methods().names().collect::<Vec<_>>(), ["GET", "POST"]);
    let app = routes.with_auth(by_header());
    for (method, user, expected) in [
        (Method::GET, "alice", 200),
        (Method::POST, "alice", 200),
        (Method::POST, "", 401),
        (Method::PUT, "alice", 405),
    ] {
        let mut request = Request::builder().method(&method).uri("/file");
        if !user.is_empty() {
            request = request.header(USER_HEADER, user);
        }
        assert_eq!(support::ask(&app, request).await.status, expected, "{method} {user:?}");
    }
}

#[tokio::test]
async fn services_are_reached_through_their_guard_only() {
    let service = || routing::any(file);
    let methods: MethodRouter = get_service(guard::auth!().around(service()));
    let app = Router::new()
        .route_service("/one", guard::auth!().around(service()))
        .nest_service("/tree", guard::auth!().around(service()))
        .nest("/router", guard::auth!().around(files()))
        .merge(guard::auth!().around(axum::Router::new().route("/merged", routing::get(file)).fallback(file)))
        .route("/methods", methods)
        .route("/any", any_service(guard::auth!().around(service())))
        .route("/foreign", guard::auth!().around(routing::get(file)))
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
async fn handlers_with_a_reason_are_open_and_have_a_state() {
    async fn shelf(State(shelf): State<&'static str>) -> &'static str {
        shelf
    }

    let app = Router::new()
        .route("/closure", get(unguarded("a demonstration", || async { "open" })))
        .route("/shelf", post(unguarded("a demonstration", shelf)).get(unguarded("a demonstration", shelf)))
        .fallback(unguarded("a demonstration", file))
        .with_state("history");
    assert_eq!(app.routes().iter().filter_map(RouteMetadata::reason).count(), 4);
    let app = app.with_auth(by_header());
    for (path, body) in [("/closure", "open"), ("/shelf", "history"), ("/none", "a file")] {
        assert_eq!(support::get(&app, path).await.text(), body, "{path}");
    }
}

#[tokio::test]
async fn a_guard_of_the_router_stands_before_services_too() {
    let service = || unguarded("the router has a guard", routing::any(file));
    let inner = Router::new()
        .guarded_by(guard::auth!())
        .guarded_by(guard::acl!("read", FILES))
        .route_service("/one", service())
        .nest_service("/tree", service())
        .nest("/router", unguarded("the router has a guard", files()))
        .route("/foreign", unguarded("the router has a guard", routing::get(file)))
        .route("/closure", get(unguarded("the router has a guard", async || "a file")))
        .route("/wrong", post(members))
        .method_not_allowed_fallback(who)
        .fallback_service(service());
    let app = Router::new().nest("/in", inner).route("/", get(who));
    let staff = app.clone().with_auth(testing::acting_as("alice", ["staff"]));
    let other = app.clone().with_auth(testing::acting_as("mallory", ["visitors"]));
    let nobody = app.with_auth(testing::anonymous());
    for path in [
        "/in/one",
        "/in/tree/a",
        "/in/router",
        "/in/router/a/b",
        "/in/foreign",
        "/in/closure",
        "/in/wrong",
        "/in/none",
    ] {
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

fn application() -> App {
    Router::new().route("/members", get(members)).route("/who", get(who)).with_auth(by_header())
}

#[tokio::test]
async fn an_application_keeps_the_records_of_its_routes() {
    let app = application().layer(from_fn(async |request: Request, next: Next| next.run(request).await));
    let paths: Vec<_> = app.routes().iter().map(RouteMetadata::path).collect();
    assert_eq!(paths, ["/members", "/who"]);
    assert!(format!("{app:?}").contains("/members"), "{app:?}");
    let access = app.access();
    assert_eq!(access.rows().len(), 2);
    assert_eq!(access.verify(app).await.unwrap().confirmed, 4);
}

#[tokio::test]
async fn layers_of_an_application_stand_around_the_auth_layer() {
    async fn before(request: Request, next: Next) -> Response {
        assert!(request.extensions().get::<MatchedPath>().is_some());
        let mut response = next.run(request).await;
        // The `AuthLayer` writes this on the way out, and that has happened.
        assert!(response.headers().contains_key(header::VARY));
        response.headers_mut().insert("x-outer", "1".parse().unwrap());
        response
    }

    let app = application().layer(from_fn(before));
    for (path, user, expected) in [("/members", false, 401), ("/members", true, 200), ("/who", false, 200)] {
        let request = Request::get(path);
        let request = if user { request.header(USER_HEADER, "alice") } else { request };
        let answer = support::ask(&app, request).await;
        assert_eq!((answer.status.as_u16(), answer.header("x-outer")), (expected, "1".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn an_application_is_a_service_of_any_body() {
    let request = Request::get("/members").header(USER_HEADER, "alice");
    let request = request.body(http_body_util::Full::new(Bytes::from_static(b"body"))).unwrap();
    assert_eq!(application().oneshot(request).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn an_application_inside_a_router_of_axum_guards_its_own_routes_only() {
    let around = routing::get(file);
    let embedded = axum::Router::new().route("/members", around.clone()).fallback_service(application());
    assert_eq!(status(&embedded, "/members", false).await, 200, "the router's own route comes first");
    assert_eq!(status(&embedded, "/who", false).await, 200);
    assert_eq!(status(&embedded, "/none", false).await, 404);

    let nested = axum::Router::new().route("/", around).nest_service("/app", application());
    assert_eq!(status(&nested, "/", false).await, 200);
    assert_eq!(status(&nested, "/app/members", false).await, 401);
    assert_eq!(status(&nested, "/app/members", true).await, 200);
}

/// Asks for `/address` over a connection, and says who asked.
async fn served<M, S>(make: M) -> (SocketAddr, String)
where
    M: for<'a> Service<IncomingStream<'a, TcpListener>, Response = S, Error = Infallible, Future: Send>
        + Send
        + 'static,
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(listener, make).into_future());
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = "GET /address HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    server.abort();
    (connection.local_addr().unwrap(), answer)
}

#[tokio::test]
async fn an_application_is_served_as_an_axum_router_is() {
    #[allow_anonymous]
    async fn peer(peer: Option<Extension<ConnectInfo<SocketAddr>>>) -> String {
        peer.map_or_else(|| "unknown".to_owned(), |Extension(ConnectInfo(peer))| peer.to_string())
    }
    let app = || Router::new().route("/address", get(peer)).with_auth(by_header());

    for (_, answer) in [served(app()).await, served(app().into_make_service()).await] {
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nunknown"), "{answer}");
    }
    let (client, answer) = served(app().into_make_service_with_connect_info::<SocketAddr>()).await;
    assert!(answer.ends_with(&format!("\r\n\r\n{client}")), "{answer}");
}
