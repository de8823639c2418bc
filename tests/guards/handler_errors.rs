//! An error that a handler returns looks like a guard's refusal, and takes nothing from the response it is put into.

use auth_runtime::{
    Auth, AuthError, AuthErrorKind, AuthLayer, BoxError, LocalPath, Permission, Refusal, UserId,
    auth_required,
    identity::IdentityError,
    refusal::RefusalLayer,
    testing::{self, FakeIdentity, FakePolicy, USER_HEADER},
};
use axum::{
    Router,
    extract::Request as Whole,
    http::{HeaderValue, Request, StatusCode, header, request::Builder},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};

use crate::support::{self, Answer, Log};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

#[auth_required]
async fn guard(_: Auth) {}

async fn handler(auth: Auth) -> Result<(), AuthError> {
    auth.check_authorized().await.map(drop)
}

/// The same routes, refused by a guard, by a handler, and by an extractor.
fn routes() -> Router {
    Router::new()
        .route("/guard", any(guard))
        .route("/handler", any(handler))
        .route("/user", any(|_: UserId| async {}))
}

fn requests(path: &str) -> Vec<Builder> {
    let html = "text/html,application/xhtml+xml,*/*;q=0.8";
    vec![
        Request::get(path),
        Request::get(path).header(header::ACCEPT, html),
        Request::get(path).header(header::ACCEPT, html).header("sec-fetch-mode", "navigate"),
        Request::get(path).header(header::ACCEPT, html).header("sec-fetch-mode", "cors"),
        Request::post(path).header(header::ACCEPT, html),
        Request::head(path).header(header::ACCEPT, html),
        Request::get(path).header(header::ACCEPT, "application/json"),
    ]
}

fn parts(answer: &Answer) -> String {
    format!("{} {:?} {:?}", answer.status, answer.headers, answer.body)
        .replace("%2Fguard", "")
        .replace("%2Fhandler", "")
        .replace("%2Fuser", "")
}

#[tokio::test]
async fn a_handlers_error_is_answered_as_a_guard_answers() {
    let teapot = |refusal: &Refusal| {
        (StatusCode::IM_A_TEAPOT, format!("{:?} {}", refusal.kind(), refusal.prefers_html()))
    };
    for layer in [
        testing::anonymous(),
        testing::anonymous().with_login_page(LocalPath::from_static("/login")),
        testing::acting_as_blocked("mallory"),
        testing::anonymous()
            .with_refusal(|refusal: &Refusal| (StatusCode::UNAUTHORIZED, format!("{:?}", refusal.kind()))),
        AuthLayer::new(FakeIdentity::failing()),
    ] {
        let layer = layer.allow_unguarded();
        let app = routes().layer(layer.clone());
        let inner = routes().layer(RefusalLayer::new(teapot)).layer(layer);
        for app in [app, inner] {
            for at in 0..requests("").len() {
                let mut answers = Vec::new();
                for path in ["/guard", "/handler", "/user"] {
                    answers.push(parts(&support::ask(&app, requests(path).remove(at)).await));
                }
                let [guard, handler, user] = &answers[..] else { panic!() };
                assert_eq!(guard, handler);
                // An extractor does not know that a user is blocked.
                if !guard.contains("403") && !guard.contains("418") {
                    assert_eq!(guard, user);
                }
            }
        }
    }
}

#[tokio::test]
async fn every_401_has_a_challenge_however_it_came_about() {
    async fn bare() -> AuthError {
        AuthError::unauthenticated()
    }
    async fn with_handle(_: Auth) -> AuthError {
        AuthError::unauthenticated()
    }
    let realm =
        auth_runtime::TicketCookie::new(auth_runtime::KeyRing::random()).with_realm("newsroom").unwrap();
    let layer = AuthLayer::new(realm);
    let naked = layer.clone().with_refusal(|_: &Refusal| StatusCode::UNAUTHORIZED);
    for layer in [layer, naked] {
        let app = routes().route("/bare", get(bare)).route("/with", get(with_handle)).layer(layer);
        for path in ["/guard", "/handler", "/user", "/bare", "/with"] {
            let answer = support::get(&app, path).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(answer.header("www-authenticate"), "Cookie realm=\"newsroom\"", "{path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
    let app: Router = Router::new().route("/", get(bare));
    assert_eq!(support::get(&app, "/").await.header("www-authenticate"), "Cookie realm=\"restricted\"");
}

#[tokio::test]
async fn a_status_that_the_handler_chose_instead_stays() {
    async fn hides(_: Auth) -> (StatusCode, AuthError) {
        (StatusCode::NOT_FOUND, AuthError::forbidden())
    }
    let layer = testing::acting_as("alice", ["readers"]).allow_unguarded();
    let app = Router::new().route("/", get(hides)).layer(layer);
    for accept in ["text/html", "application/json"] {
        let answer = support::ask(&app, Request::get("/").header(header::ACCEPT, accept)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

/// Does to a response what layers between handler and us do: it adds headers and changes the body.
async fn between(request: Whole, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        ("vary", "origin"),
        ("vary", "accept-encoding"),
        ("content-encoding", "gzip"),
        ("etag", "\"of the body\""),
        ("access-control-allow-origin", "https://app.example"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("link", "</a>"),
        ("link", "</b>"),
    ] {
        headers.append(name, HeaderValue::from_static(value));
    }
    response
}

#[tokio::test]
async fn what_layers_in_between_added_is_kept_unless_it_was_about_the_body() {
    let app = routes().layer(from_fn(between)).layer(testing::anonymous());
    for accept in ["text/html", "application/json"] {
        let answer = support::ask(&app, Request::get("/handler").header(header::ACCEPT, accept)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            (answer.header("content-encoding"), answer.header("etag")),
            (String::new(), String::new())
        );
        assert_eq!(answer.header("access-control-allow-origin"), "https://app.example");
        assert_eq!(answer.cookies(), ["a=1", "b=2"]);
        assert_eq!(answer.header("link"), "</a>, </b>");
        for name in ["cookie", "origin", "accept-encoding"] {
            assert!(answer.header("vary").contains(name), "{answer:?}");
        }
        assert!(answer.text().contains("Unauthorized"));
    }
}

#[tokio::test]
async fn every_error_has_its_status_and_says_nothing_of_its_cause() {
    async fn kind(auth: Auth) -> Result<(), AuthError> {
        auth.policy_permits(Can::Edit, &()).await.map(drop)
    }
    async fn empty(auth: Auth) -> Result<(), AuthError> {
        auth.remember("").await
    }
    async fn remember(auth: Auth) -> Result<(), AuthError> {
        auth.remember("bob").await
    }
    let app = |layer| {
        Router::new()
            .route("/policy", get(kind))
            .route("/empty", post(empty))
            .route("/bob", post(remember))
            .layer(layer)
    };
    let fakes = || AuthLayer::new(FakeIdentity::by_header());
    for (app, request, status) in [
        (app(fakes()), Request::get("/policy"), 500),
        (app(fakes().with_policy(FakePolicy::<Can>::failing())), Request::get("/policy"), 503),
        (app(fakes()), Request::post("/empty"), 400),
        (app(fakes()), Request::post("/bob").header("origin", "https://evil.example"), 403),
        (app(AuthLayer::new(FakeIdentity::failing())), Request::post("/bob"), 503),
    ] {
        let answer = support::ask(&app, request.header(USER_HEADER, "alice")).await;
        assert_eq!(answer.status.as_u16(), status);
        let reason = answer.status.canonical_reason().unwrap();
        let body = format!(r#"{{"type":"about:blank","title":"{reason}","status":{status}}}"#);
        assert_eq!(answer.text(), body);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let secret = || BoxError::from("the store said s3cr3t");
    for (error, kind) in [
        (IdentityError::misconfigured("sessions have no index"), AuthErrorKind::Misconfigured),
        (IdentityError::refuse("two that contradict"), AuthErrorKind::InvalidCredential),
        (IdentityError::too_large("4 KiB"), AuthErrorKind::TooLarge),
        (IdentityError::unavailable(secret()), AuthErrorKind::Unavailable),
    ] {
        assert_eq!(error.kind(), kind);
        let (error, told) = Log::of(async { AuthError::from(error) }).await;
        assert_eq!(error.kind(), kind);
        let message = if kind == AuthErrorKind::InvalidCredential { "bad credential" } else { "failed" };
        assert_eq!(told.iter().map(|told| &*told.message).collect::<Vec<_>>(), [message], "{kind:?}");
        let app = Router::new().route("/", get(async move || Err::<(), _>(error)));
        let answer = support::get(&app, "/").await;
        assert_eq!(answer.status, error.status());
        assert!(!answer.text().contains("s3cr3t") && !answer.text().contains("index"), "{}", answer.text());
        // The application's own response is made from the same kind.
        let own = |refusal: &Refusal| (refusal.status(), format!("{:?}", refusal.kind()));
        let answer = support::get(&app.layer(fakes().with_refusal(own)), "/").await;
        assert_eq!((answer.status, answer.text()), (kind.status(), &*format!("{kind:?}")));
    }
    assert_eq!(AuthError::forbidden().kind(), AuthErrorKind::Forbidden);
    assert_eq!(AuthError::forbidden().into_response().status(), StatusCode::FORBIDDEN);
}
