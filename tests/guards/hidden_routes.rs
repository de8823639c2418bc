//! What a guard hides cannot be told from what is not there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    Acl, AuthErrorKind, AuthLayer, LocalPath, Permission, Refusal, acl, acl_required, allow_anonymous,
    auth_required,
    gate::PageGate,
    guard, guarded, permission_required,
    testing::{self, FakeIdentity, FakePolicy},
};
use axum::{
    Router,
    http::StatusCode,
    response::IntoResponse,
    routing::{any, get},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tower_http::cors::CorsLayer;

use crate::support;

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

const PAGES: Acl = acl![(Allow, Group("editors"), ["edit"])];

#[auth_required(hide)]
async fn known() {}

#[acl_required("edit", PAGES, hide)]
async fn permitted() {}

#[permission_required(Can::Edit, hide)]
async fn by_policy() {}

fn routes() -> Router {
    Router::new()
        .route("/0", any(known))
        .route("/1", any(permitted))
        .route("/2", any(by_policy))
        .route("/3", any(|| async {}).layer(guard::acl!("edit", PAGES, hide)))
        .route("/4", get(known))
        .nest("/n", Router::new().route("/5", any(permitted)))
}

/// Sends one request, and returns every byte of the answer but those of the date.
async fn bytes(app: &impl support::App, method: &str, path: &str, headers: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::ServiceExt::<axum::extract::Request>::into_make_service(app.clone());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    server.abort();
    let text = String::from_utf8(answer).unwrap();
    text.split_inclusive("\r\n").filter(|line| !line.starts_with("date: ")).collect()
}

#[tokio::test]
async fn a_hidden_route_answers_like_a_missing_one_byte_for_byte() {
    let layers = || {
        [
            testing::anonymous(),
            testing::acting_as_blocked("alice"),
            AuthLayer::new(FakeIdentity::bad_credential()),
            testing::anonymous().with_login_page(LocalPath::from_static("/login")),
            testing::anonymous().with_disclosed_permissions(),
        ]
    };
    for layer in layers() {
        let layer = layer.with_policy(FakePolicy::<Can>::permitting([]));
        for app in [routes().layer(layer.clone()), routes().layer(CorsLayer::permissive()).layer(layer)] {
            for (method, headers) in [
                ("GET", ""),
                ("GET", "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\n"),
                ("GET", "Accept: application/json\r\nCookie: auth=x\r\n"),
                ("HEAD", ""),
                ("POST", "Content-Length: 3\r\nSec-Fetch-Site: cross-site\r\n"),
                ("DELETE", "Origin: https://evil.example\r\n"),
            ] {
                let missing = bytes(&app, method, "/no/such/thing", headers).await;
                assert!(missing.starts_with("HTTP/1.1 404 Not Found\r\n"), "{missing}");
                for path in ["/0", "/1", "/2", "/3", "/n/5"] {
                    assert_eq!(
                        bytes(&app, method, path, headers).await,
                        missing,
                        "{method} {path} {headers}"
                    );
                }
                // A route of one method is found out by another; `any` leaves that to the guard.
                if matches!(method, "GET" | "HEAD") {
                    assert_eq!(bytes(&app, method, "/4", headers).await, missing);
                }
            }
        }
    }
}

#[allow_anonymous]
async fn visible() {}

fn guarded_routes() -> guarded::Router {
    use guarded::{Router, get, post};
    Router::new()
        .route("/get", get(known))
        .route("/post", post(permitted).delete(by_policy))
        .route("/twice", get(known))
        .route("/twice", post(permitted))
        .route("/layer", get(visible).layer(guard::auth!(hide)))
        .route("/mixed", get(known).post(visible))
        .nest("/n", Router::new().route("/get", get(known)))
        .merge(Router::new().guarded_by(guard::auth!(hide)).route("/by-router", get(visible)))
        .merge(
            Router::new()
                .guarded_by(guard::auth!(hide))
                .nest("/deep", Router::new().route("/get", get(visible)))
                .merge(Router::new().route("/taken-over", get(visible))),
        )
        .merge(Router::new().route("/guarded-later", get(visible)).guarded_by(guard::auth!(hide)))
        .merge(Router::new().route("/around", get(visible)).layer(guard::auth!(hide)))
}

#[tokio::test]
async fn a_hidden_path_is_found_out_by_no_method() {
    for layer in
        [testing::anonymous(), testing::anonymous().with_login_page(LocalPath::from_static("/login"))]
    {
        let layer = layer.with_policy(FakePolicy::<Can>::permitting([]));
        let app = guarded_routes().with_auth(layer);
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"] {
            let missing = bytes(&app, method, "/no/such/thing", "Accept: text/html\r\n").await;
            assert!(missing.starts_with("HTTP/1.1 404 Not Found\r\n"), "{missing}");
            for path in [
                "/get",
                "/post",
                "/twice",
                "/layer",
                "/n/get",
                "/by-router",
                "/deep/get",
                "/taken-over",
                "/guarded-later",
                "/around",
            ] {
                let found = bytes(&app, method, path, "Accept: text/html\r\n").await;
                assert_eq!(found, missing, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_gate_leaves_a_hidden_path_without_its_methods() {
    let routes = guarded::Router::new()
        .guarded_by(guard::acl!("edit", PAGES, hide))
        .merge(guarded::Router::new().route("/api/hidden", guarded::get(visible)))
        .layer(
            PageGate::new(LocalPath::from_static("/login"), LocalPath::root())
                .with_protected(["/api/{*path}"]),
        );
    let app = routes.with_auth(testing::acting_as("alice", [""; 0]));
    for method in ["GET", "POST", "OPTIONS"] {
        let missing = bytes(&app, method, "/api/missing", "").await;
        assert!(missing.starts_with("HTTP/1.1 404 Not Found\r\n"), "{missing}");
        assert_eq!(bytes(&app, method, "/api/hidden", "").await, missing, "{method}");
    }
}

#[tokio::test]
async fn where_another_handler_is_visible_other_methods_answer_405() {
    let app = guarded_routes().with_auth(testing::anonymous().with_policy(FakePolicy::<Can>::permitting([])));
    assert!(bytes(&app, "PUT", "/mixed", "").await.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
    assert!(bytes(&app, "POST", "/mixed", "").await.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(bytes(&app, "GET", "/mixed", "").await.starts_with("HTTP/1.1 404 Not Found\r\n"));
}

#[tokio::test]
async fn a_handler_for_all_methods_leaves_no_other_methods() {
    let routes = guarded::Router::new().route("/all", guarded::get(known).fallback(visible));
    let app = routes.with_auth(testing::anonymous());
    assert!(bytes(&app, "PUT", "/all", "").await.starts_with("HTTP/1.1 200 OK\r\n"));
}

#[test]
#[should_panic(expected = "the handlers of `/get` are hidden, and the answer to its other methods with them")]
fn a_hidden_path_is_not_put_together_from_two_routers() {
    let other: guarded::Router = guarded::Router::new().route("/get", guarded::post(known));
    let _ = guarded_routes().merge(other);
}

#[test]
#[should_panic(expected = "the handlers of `/get` are hidden, and the answer to its other methods with them")]
fn a_hidden_path_gets_no_second_answer_for_other_methods() {
    let _ = guarded_routes().route("/get", guarded::any(visible));
}

#[tokio::test]
async fn a_hidden_route_is_visible_to_permitted_users() {
    let layer = testing::acting_as("alice", ["editors"]).with_policy(FakePolicy::permitting([Can::Edit]));
    let app = routes().layer(layer);
    for path in ["/0", "/1", "/2", "/3", "/4", "/n/5"] {
        assert_eq!(support::get(&app, path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn what_is_broken_is_shown_even_where_it_is_hidden() {
    let app = routes().layer(AuthLayer::new(FakeIdentity::failing()));
    assert_eq!(support::get(&app, "/1").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(support::get(&routes(), "/1").await.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn an_application_with_a_page_for_what_is_missing_can_hide_behind_it() {
    fn missing() -> impl IntoResponse {
        (StatusCode::NOT_FOUND, [("x-own", "page")], "there is no such page")
    }
    let layer = testing::anonymous().allow_unguarded().with_refusal(|refusal: &Refusal| {
        if refusal.kind() == AuthErrorKind::Hidden {
            missing().into_response()
        } else {
            refusal.default_response()
        }
    });
    let app = routes().fallback(|| async { missing() }).layer(layer);
    let none = support::get(&app, "/no/such/thing").await;
    for path in ["/0", "/1", "/3", "/n/5"] {
        let hidden = support::get(&app, path).await;
        assert_eq!(
            (hidden.status, hidden.headers, hidden.body),
            (none.status, none.headers.clone(), none.body.clone())
        );
    }
}
