//! The examples do what their heads say.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use auth_runtime::{
    KeyRing, TicketCookie,
    access::{AccessTable, Day, FindingKind},
    assert_access_snapshot,
    guarded::App,
};
use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, Response, StatusCode, header},
};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::programs::{custom_policy, hello_guard, page_gate};

const HOST: (header::HeaderName, &str) = (header::HOST, "127.0.0.1:3000");
const PEER: ConnectInfo<SocketAddr> = ConnectInfo(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50_000));

/// A browser with one cookie, or a program without.
struct Client {
    app: App,
    cookie: Option<String>,
}

impl Client {
    fn hello_guard() -> Self {
        let cookie = TicketCookie::new(KeyRing::random()).with_insecure_http_on_loopback().unwrap();
        Self { app: hello_guard::app(cookie), cookie: None }
    }

    fn page_gate() -> Self {
        let cookie = TicketCookie::new(KeyRing::random()).with_insecure_http_on_loopback().unwrap();
        Self { app: page_gate::app(cookie), cookie: None }
    }

    async fn send(&mut self, method: Method, path: &str, form: &'static str) -> Response<Body> {
        self.send_accepting("*/*", method, path, form).await
    }

    /// What a browser shows of a page: its status, its type and its title.
    async fn navigate(&mut self, path: &str) -> (u16, String, String) {
        let response = self.send_accepting("text/html", Method::GET, path, "").await;
        let status = response.status().as_u16();
        let kind = response.headers().get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&body);
        let title = text.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
        (status, kind.unwrap_or_default(), title.unwrap_or_default().to_owned())
    }

    async fn send_accepting(
        &mut self,
        accept: &str,
        method: Method,
        path: &str,
        form: &'static str,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path).header(HOST.0, HOST.1).extension(PEER);
        request = request.header(header::ACCEPT, accept);
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
async fn page_gate_shows_the_log_in_page_or_the_application() {
    let html = |status, title: &str| (status, "text/html; charset=utf-8".to_owned(), title.to_owned());
    let problem = (401, "application/problem+json".to_owned(), String::new());
    let script = (200, "text/javascript".to_owned(), String::new());
    let mut client = Client::page_gate();
    assert_eq!(client.navigate("/orders/7").await, html(401, "Log in"));
    assert_eq!(client.navigate("/login").await, html(200, "Log in"));
    assert_eq!(client.navigate("/api/me").await, problem);
    assert_eq!(client.navigate("/assets/app.js").await, script);
    assert_eq!(client.get("/orders/7").await, StatusCode::NOT_FOUND);

    let form = "name=user&password=password&next=/orders/7";
    let response = client.send(Method::POST, "/login", form).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], "/orders/7");
    for path in ["/orders/7", "/", "/login"] {
        assert_eq!(client.navigate(path).await, html(200, "The application"), "{path}");
    }
    assert_eq!(client.get("/api/me").await, StatusCode::OK);
    assert_eq!(client.navigate("/api/us").await.0, 404);
    assert_eq!(client.navigate("/api/%6De").await.0, 400);
    assert_eq!(client.navigate("/assets/app.js").await, script);
    assert_eq!(client.get("/orders/7").await, StatusCode::NOT_FOUND);

    let elsewhere = "name=user&password=password&next=//evil.example";
    let response = client.send(Method::POST, "/login", elsewhere).await;
    assert_eq!(response.headers()[header::LOCATION], "/");
    client.send(Method::POST, "/logout", "").await;
    assert_eq!(client.navigate("/").await, html(401, "Log in"));
}

#[tokio::test]
async fn page_gate_escapes_the_way_back() {
    let mut client = Client::page_gate();
    for (path, next) in [("/orders\"?a=1&b=%22", "/orders&quot;?a=1&amp;b=%22"), ("/login?x", "/")] {
        let response = client.send_accepting("text/html", Method::GET, path, "").await;
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let expected = format!(r#"<input name="next" type="hidden" value="{next}">"#);
        assert!(String::from_utf8_lossy(&body).contains(&expected), "{path}: {body:?}");
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
async fn check(access: &AccessTable, app: App) {
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
    assert_access_snapshot!("examples/hello-guard/access.md", access);
    check(&access, hello_guard::app(TicketCookie::new(KeyRing::random()))).await;
}

#[tokio::test]
async fn who_may_call_what_in_custom_policy_is_reviewed() {
    let access = custom_policy::routes().access();
    assert_access_snapshot!("examples/custom-policy/access.md", access);
    check(&access, custom_policy::app()).await;
}

#[tokio::test]
async fn who_may_call_what_in_page_gate_is_reviewed() {
    let access = page_gate::routes().access();
    assert_access_snapshot!("examples/page-gate/access.md", access);
    check(&access, page_gate::app(TicketCookie::new(KeyRing::random()))).await;
}
