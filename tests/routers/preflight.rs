//! Pre-flight requests (CORS): only a CORS layer answers them, and a guard around one is found.

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use auth_runtime::{
    Acl, AuthLayer, Permission, acl, auth_required, guard,
    guarded::{self, any, get, options},
    testing::{FakeIdentity, USER_HEADER},
};
use axum::{
    Router,
    http::{Method, Request, StatusCode, header, request::Builder},
};
use tower_http::cors::CorsLayer;

use crate::support::{self, App, Log, Told};

#[derive(Clone, Copy, Permission)]
enum Can {
    Read,
}

const FILES: Acl = acl![(Allow, Everyone, ["look"]), (Allow, Group("staff"), ["read"])];

#[auth_required]
async fn private() -> &'static str {
    "private"
}

#[auth_required]
async fn describe() -> &'static str {
    "what this resource can do"
}

fn cors() -> CorsLayer {
    CorsLayer::new().allow_origin(["https://app.example".parse().unwrap()]).allow_methods([Method::PUT])
}

fn auth() -> AuthLayer {
    AuthLayer::new(FakeIdentity::by_header())
}

fn preflight(path: &str) -> Builder {
    Request::options(path)
        .header(header::ORIGIN, "https://app.example")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "PUT")
}

async fn assert_answered(app: &impl App, path: &str) {
    let answer = support::ask(app, preflight(path)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example");
    let actual = Request::put(path).header(header::ORIGIN, "https://app.example");
    let denied = support::ask(app, actual).await;
    assert_eq!(denied.status, StatusCode::UNAUTHORIZED, "the request itself is guarded");
    assert_eq!(denied.header("access-control-allow-origin"), "https://app.example");
}

#[tokio::test]
async fn a_cors_layer_outside_answers_preflights() {
    let guarded = || guarded::Router::new().route("/a", any(private)).guarded_by(guard::auth!());
    assert_answered(&guarded().with_auth(auth()).layer(cors()), "/a").await;
    assert_answered(&guarded().layer(cors()).with_auth(auth()), "/a").await;
    let nested = guarded::Router::new().nest("/n", guarded()).layer(cors());
    assert_answered(&nested.with_auth(auth()), "/n/a").await;
    let per_path = guarded::Router::new().route("/a", any(private).layer(guard::auth!()).layer(cors()));
    assert_answered(&per_path.with_auth(auth()), "/a").await;
    let plain = Router::new().route("/a", axum::routing::any(private)).route_layer(guard::auth!());
    assert_answered(&plain.layer(auth()).layer(cors()), "/a").await;
}

/// To let it pass would open the handler to everyone: the two headers are all it takes.
#[tokio::test]
async fn a_guarded_handler_of_options_stays_guarded() {
    let guarded =
        guarded::Router::new().route("/a", options(describe)).route("/b", any(private)).with_auth(auth());
    let layered = Router::new()
        .route("/a", axum::routing::options(async || "reached"))
        .route("/b", axum::routing::any(async || "reached"))
        .route_layer(guard::auth!())
        .layer(auth());
    for path in ["/a", "/b"] {
        let answers =
            [support::ask(&guarded, preflight(path)).await, support::ask(&layered, preflight(path)).await];
        for answer in answers {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        }
        let user = preflight(path).header(USER_HEADER, "alice");
        assert_eq!(support::ask(&guarded, user).await.status, StatusCode::OK);
    }
}

type Build = Box<dyn FnOnce()>;

fn routes() -> guarded::Router {
    guarded::Router::new().route("/a", get(private))
}

fn with_cors() -> guarded::Router {
    routes().layer(cors())
}

fn panics(build: impl FnOnce()) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(build)).err()?;
    Some(*panic.downcast::<String>().unwrap())
}

/// The router says at start that the order is wrong.
#[test]
fn a_guard_around_a_cors_layer_is_found() {
    let wrong: [(&str, Build); 8] = [
        ("/a", Box::new(|| drop(with_cors().guarded_by(guard::auth!())))),
        ("/a", Box::new(|| drop(with_cors().layer(guard::auth!())))),
        ("/a", Box::new(|| drop(routes().route_layer(cors()).route_layer(guard::scope!("files"))))),
        ("/a", Box::new(|| drop(with_cors().guarded_by(guard::acl!("read", FILES))))),
        (
            "/a",
            Box::new(|| {
                drop(with_cors().layer(guard::acl!("look", FILES, fresh = "5m")));
            }),
        ),
        (
            "/a",
            Box::new(|| {
                drop(guarded::Router::<()>::new().guarded_by(guard::auth!()).merge(with_cors()));
            }),
        ),
        (
            "/n/a",
            Box::new(|| {
                drop(guarded::Router::<()>::new().nest("/n", with_cors()).guarded_by(guard::auth!()));
            }),
        ),
        ("", Box::new(|| drop(get::<_, _, ()>(private).layer(cors()).layer(guard::auth!())))),
    ];
    for (path, build) in wrong {
        let told = panics(build).expect("the order is wrong");
        assert!(told.contains(&format!("a CORS layer of `{path}`")), "{told}");
        assert!(told.contains("add the CORS layer after the guard"), "{told}");
    }
    // These let a pre-flight request pass, or may.
    for build in [
        Box::new(|| drop(with_cors().guarded_by(guard::acl!("look", FILES)))) as Build,
        Box::new(|| drop(with_cors().guarded_by(guard::permission!(Can::Read)))),
        Box::new(|| drop(with_cors().layer(guard::anonymous!(reason = "it is public")))),
        Box::new(|| drop(routes().layer(guard::auth!()).layer(cors()))),
        Box::new(|| drop(with_cors().route("/b", get(private)))),
    ] {
        assert_eq!(panics(build), None);
    }
}

fn noted(told: &[Told]) -> Vec<&str> {
    told.iter()
        .filter(|told| told.message == "pre-flight request rejected")
        .map(|told| told.field("path"))
        .collect()
}

/// On axum's router the layer inside is unknown; the first rejected request is logged, and no more: any site sends them.
#[tokio::test]
async fn the_first_rejected_preflight_is_logged() {
    let wrong = Router::new().route("/a", axum::routing::any(async || "reached")).layer(cors());
    let app = wrong.layer(guard::auth!()).layer(auth());
    let other = Request::options("/a").header(header::ORIGIN, "https://app.example");
    let (answer, told) = Log::of(support::ask(&app, other)).await;
    assert_eq!((answer.status, noted(&told).len()), (StatusCode::UNAUTHORIZED, 0), "no pre-flight request");
    let (answer, told) = Log::of(support::ask(&app, preflight("/a"))).await;
    assert_eq!((answer.status, noted(&told)), (StatusCode::UNAUTHORIZED, vec!["/a"]));
    let (answer, told) = Log::of(support::ask(&app, preflight("/a"))).await;
    assert_eq!((answer.status, noted(&told).len()), (StatusCode::UNAUTHORIZED, 0));
    let user = preflight("/a").header(USER_HEADER, "alice");
    assert_eq!(support::ask(&app, user).await.status, StatusCode::OK);
}
