//! A guard decides before anything else of a request is looked at, and several guards all have to agree.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use auth_runtime::{Refusal, UserId, auth_required, testing};
use axum::{
    Form, Json, Router,
    body::{Body, Bytes, HttpBody},
    extract::{FromRequest, FromRequestParts, Path, Query, Request as Whole},
    http::{Method, Request, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use http_body_util::combinators::Frame;

use crate::support;

#[derive(serde::Deserialize)]
struct Point {
    x: u32,
}

async fn inside(Path(id): Path<u64>, Json(point): Json<Point>) -> Response {
    let _ = (id, point.x);
    StatusCode::UNAUTHORIZED.into_response()
}

async fn second(Path(id): Path<u64>, user: UserId, Json(point): Json<Point>) -> Response {
    let _ = (id, user, point.x);
    ().into_response()
}

#[auth_required]
async fn guarded(Path(id): Path<u64>, Json(point): Json<Point>) -> String {
    format!("{id} {}", point.x)
}

/// A request that is right, and five that are wrong in one way each.
fn six() -> [Request<Body>; 6] {
    let request = |path: &str, kind: &str, body: Vec<u8>| {
        Request::post(path).header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap()
    };
    [
        request("/7", "application/json", br#"{"x":1}"#.to_vec()),
        request("/seven", "application/json", br#"{"x":1}"#.to_vec()),
        request("/7", "text/plain", br#"{"x":1}"#.to_vec()),
        request("/7", "application/json", b"{".to_vec()),
        request("/7", "application/json", br#"{"x":"y"}"#.to_vec()),
        request("/7", "application/json", [b" ".repeat(3 << 20), br#"{"x":1}"#.to_vec()].concat()),
    ]
}

async fn statuses(app: Router) -> Vec<u16> {
    let mut all = Vec::new();
    for request in six() {
        all.push(support::send(&app, request).await.status.as_u16());
    }
    all
}

#[tokio::test]
async fn only_a_guard_hides_every_other_flaw() {
    let layer = || testing::anonymous().allow_unguarded();
    let app = |route| Router::new().route("/{id}", route).layer(layer());
    assert_eq!(statuses(app(post(inside))).await, [401, 400, 415, 400, 422, 413]);
    assert_eq!(statuses(app(post(second))).await, [401, 400, 401, 401, 401, 401]);
    assert_eq!(statuses(app(post(guarded))).await, [401; 6]);

    let alice = Router::new().route("/{id}", post(guarded)).layer(testing::acting_as("alice", ["readers"]));
    assert_eq!(statuses(alice).await, [200, 400, 415, 400, 422, 413]);
}

/// A body without an end, which counts how often it is asked.
struct Endless(Arc<AtomicUsize>);

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<<Frame<'static, Body> as Future>::Output> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Pin::new(&mut Body::from("0123456789abcdef")).poll_frame(context)
    }
}

#[auth_required]
async fn swallow(bytes: Bytes) -> String {
    bytes.len().to_string()
}

#[auth_required]
async fn swallow_json(Json(point): Json<Point>) -> String {
    point.x.to_string()
}

#[auth_required]
async fn swallow_form(Form(point): Form<Point>) -> String {
    point.x.to_string()
}

#[auth_required]
async fn swallow_whole(request: Whole) -> String {
    format!("{:?}", request.into_body().size_hint())
}

#[tokio::test]
async fn not_one_byte_of_an_endless_body_is_asked_for() {
    let routes = Router::new()
        .route("/bytes", post(swallow))
        .route("/json", post(swallow_json))
        .route("/form", post(swallow_form))
        .route("/whole", post(swallow_whole));
    for path in ["/bytes", "/json", "/form", "/whole"] {
        for (layer, expected) in [
            (testing::anonymous(), 401),
            (testing::acting_as_blocked("mallory"), 403),
            (auth_runtime::AuthLayer::new(testing::FakeIdentity::failing()), 503),
        ] {
            let polls = Arc::new(AtomicUsize::new(0));
            let request = Request::post(path)
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::new(Endless(Arc::clone(&polls))))
                .unwrap();
            let answer = support::send(&routes.clone().layer(layer), request).await;
            assert_eq!((answer.status.as_u16(), polls.load(Ordering::SeqCst)), (expected, 0), "{path}");
        }
    }
    let polls = Arc::new(AtomicUsize::new(0));
    let request = Request::post("/bytes").body(Body::new(Endless(Arc::clone(&polls)))).unwrap();
    let answer = support::send(&routes.layer(testing::acting_as("alice", ["readers"])), request).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(polls.load(Ordering::SeqCst) > 0, "the body of an allowed request is read");
}

/// Counts its extractions.
static EXTRACTED: AtomicUsize = AtomicUsize::new(0);

struct Counted;

impl<S: Send + Sync> FromRequestParts<S> for Counted {
    type Rejection = StatusCode;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        EXTRACTED.fetch_add(1, Ordering::SeqCst);
        Err(StatusCode::IM_A_TEAPOT)
    }
}

impl<S: Send + Sync> FromRequest<S> for Counted {
    type Rejection = StatusCode;

    async fn from_request(_: Whole, _: &S) -> Result<Self, StatusCode> {
        EXTRACTED.fetch_add(1, Ordering::SeqCst);
        Err(StatusCode::IM_A_TEAPOT)
    }
}

#[auth_required]
async fn one_of_everything(
    _: Counted,
    _: Path<u64>,
    _: Query<Point>,
    _: Option<UserId>,
    _: axum::extract::OriginalUri,
    _: Result<Path<u64>, axum::extract::rejection::PathRejection>,
    _: Form<Point>,
) {
}

#[tokio::test]
async fn no_other_extractor_runs_for_a_refused_request() {
    let routes = Router::new().route("/{id}", any(one_of_everything));
    for path in ["/x", "/7", "/7?x=1"] {
        let answer = support::get(&routes.clone().layer(testing::anonymous()), path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(EXTRACTED.load(Ordering::SeqCst), 0);
    let answer = support::get(&routes.layer(testing::acting_as("alice", ["readers"])), "/x").await;
    assert_eq!(answer.status, StatusCode::IM_A_TEAPOT);
    assert_eq!(EXTRACTED.load(Ordering::SeqCst), 1);
}

#[auth_required]
async fn page() -> &'static str {
    "page"
}

#[tokio::test]
async fn no_method_goes_around_a_guard() {
    let shapes = || {
        let plain = Router::new().route("/p", get(page));
        [
            plain.clone(),
            Router::new().route("/p", any(page)),
            Router::new().nest("/n", plain.clone()).merge(Router::new().route("/p", any(page))),
            Router::new().fallback(page),
            Router::new().route("/p", get(page).fallback(page)),
            Router::new().route_service("/p", any(page)),
        ]
    };
    for name in ["GET", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "POST", "TRACK", "BREW"] {
        let method: Method = name.parse().unwrap();
        for over in
            ["x-http-method-override", "x-http-method", "x-method-override", "_method", "x-original-url"]
        {
            for (at, routes) in shapes().into_iter().enumerate() {
                let request = || {
                    let request = Request::builder().method(method.clone()).uri("/p?_method=GET");
                    request.header(over, if over == "x-original-url" { "/public" } else { "GET" })
                };
                let answer = support::ask(&routes.clone().layer(testing::anonymous()), request()).await;
                assert!([401, 404, 405].contains(&answer.status.as_u16()), "{name} {over} {at} {answer:?}");
                assert!(!answer.body.starts_with(b"page"), "{name} {over} {at}");
                // Who may gets the same from the route as without any such header.
                let alice = routes.layer(testing::acting_as("alice", ["readers"]));
                let plain = Request::builder().method(method.clone()).uri("/p");
                let (with, without) =
                    (support::ask(&alice, request()).await, support::ask(&alice, plain).await);
                assert_eq!((with.status, &with.body), (without.status, &without.body), "{name} {over} {at}");
            }
        }
    }
    let head = support::ask(&shapes()[0].clone().layer(testing::anonymous()), Request::head("/p")).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::UNAUTHORIZED, 0));
}

fn upper(_: &Refusal) -> StatusCode {
    StatusCode::PAYMENT_REQUIRED
}

fn lower(_: &Refusal) -> StatusCode {
    StatusCode::GONE
}

#[auth_required(refusal = upper)]
#[auth_required(refusal = lower)]
async fn twice() {}

#[tokio::test]
async fn of_equal_guards_the_upper_one_answers() {
    let app = Router::new().route("/", get(twice)).layer(testing::anonymous());
    assert_eq!(support::get(&app, "/").await.status, StatusCode::PAYMENT_REQUIRED);
}
