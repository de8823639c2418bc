//! The examples do what their heads say.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    KeyRing, TicketCookie,
    access::{AccessTable, Day, FindingKind},
    assert_access_snapshot,
};
use axum::{
    Router,
    body::Body,
    http::{Method, Request, Response, StatusCode, header},
};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

#[expect(dead_code, reason = "the example's `main` is not called")]
#[path = "../examples/custom_policy.rs"]
mod custom_policy;
#[expect(dead_code, reason = "the example's `main` is not called")]
#[path = "../examples/hello_guard.rs"]
mod hello_guard;

const LOOPBACK: (header::HeaderName, &str) = (header::HOST, "127.0.0.1:3000");

/// A browser with one cookie, or a program without.
struct Client {
    app: Router,
    cookie: Option<String>,
}

impl Client {
    fn hello_guard() -> Self {
        let cookie = TicketCookie::new(KeyRing::random()).with_insecure_http_on_loopback().unwrap();
        Self { app: hello_guard::app(cookie), cookie: None }
    }

    async fn send(&mut self, method: Method, path: &str, form: &'static str) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path).header(LOOPBACK.0, LOOPBACK.1);
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if !form.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let response = self.app.clone().oneshot(request.body(Body::from(form)).unwrap()).await.unwrap();
        if let Some(set) = response.headers().get(header::SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            self.cookie = Some(pair).filter(|pair| !pair.ends_with('='));
        }
        response
    }

    async fn get(&mut self, path: &str) -> StatusCode {
        self.send(Method::GET, path, "").await.status()
    }

    async fn statuses(&mut self) -> [u16; 5] {
        let mut statuses = [0; 5];
        let paths = ["/view", "/view_extra", "/edit", "/strict/view_extra", "/profile"];
        for (status, path) in statuses.iter_mut().zip(paths) {
            *status = self.get(path).await.as_u16();
        }
        statuses
    }
}

#[tokio::test]
async fn hello_guard_tells_its_three_kinds_of_visitors_apart() {
    let mut client = Client::hello_guard();
    assert_eq!(client.statuses().await, [200, 401, 401, 401, 401]);

    let response = client.send(Method::POST, "/login", "name=user&password=password").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(client.statuses().await, [200, 200, 403, 200, 200]);

    client.send(Method::POST, "/login", "name=super_user&password=super_password").await;
    assert_eq!(client.statuses().await, [200, 200, 200, 403, 200]);

    let response = client.send(Method::POST, "/logout", "").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(client.statuses().await, [200, 401, 401, 401, 401]);
}

#[tokio::test]
async fn hello_guard_refuses_a_wrong_password() {
    let mut client = Client::hello_guard();
    let response = client.send(Method::POST, "/login", "name=user&password=guess").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(response.headers().contains_key(header::WWW_AUTHENTICATE));
    assert_eq!(client.cookie, None);
}

#[tokio::test]
async fn hello_guard_greets_on_a_page_and_on_the_profile() {
    let mut client = Client::hello_guard();
    client.send(Method::POST, "/login", "name=user&password=password").await;
    for (path, expected) in [("/", "<strong>user</strong>"), ("/profile", "hello user")] {
        let body = client.send(Method::GET, path, "").await.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&body).contains(expected), "{path}");
    }
}

#[tokio::test]
async fn custom_policy_knows_its_keys() {
    for (path, key, expected) in [
        ("/", None, 200),
        ("/", Some("wrong"), 200),
        ("/settings", None, 401),
        ("/settings", Some("wrong"), 401),
        ("/settings", Some("alice-key"), 403),
        ("/settings", Some("admin-key"), 200),
    ] {
        let mut request = Request::get(path);
        if let Some(key) = key {
            request = request.header("x-api-key", key);
        }
        let response = custom_policy::app().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), expected, "{path} {key:?}");
        assert_eq!(
            response.headers().contains_key(header::WWW_AUTHENTICATE),
            expected == 401,
            "{path} {key:?}"
        );
    }
}

/// Nothing in an example is left to be looked at, and its router does what its table says.
async fn check(access: &AccessTable, app: Router) {
    let today: Day = "2026-11-22".parse().unwrap();
    // That everybody may look is what some of the lists are there to say.
    let findings = access.findings(today).into_iter().filter(|own| own.kind() != FindingKind::NeedlessGuard);
    let findings: Vec<String> = findings.map(|finding| finding.to_string()).collect();
    assert!(findings.is_empty(), "{findings:#?}");
    let wrong = access.verify(app).await.err().unwrap_or_default();
    assert!(wrong.is_empty(), "{:#?}", wrong.iter().map(ToString::to_string).collect::<Vec<_>>());
}

#[tokio::test]
async fn who_may_call_what_in_hello_guard_is_reviewed() {
    let access = hello_guard::routes().access();
    assert_access_snapshot!("examples/access/hello_guard.md", access);
    check(&access, hello_guard::app(TicketCookie::new(KeyRing::random()))).await;
}

#[tokio::test]
async fn who_may_call_what_in_custom_policy_is_reviewed() {
    let access = custom_policy::routes().access();
    assert_access_snapshot!("examples/access/custom_policy.md", access);
    check(&access, custom_policy::app()).await;
}
