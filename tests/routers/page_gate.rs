//! Which page a visitor gets from a `PageGate`: the table for navigations.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    collections::BTreeSet,
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, BoxError, CurrentUserId, Groups, Identity, IdentityPolicy, LocalPath,
    LoginOptions, UserId, acl, acl_required, async_trait, auth_required,
    clock::UnixTime,
    gate::PageGate,
    guard, guarded,
    identity::{ChangeContext, Effects, Identification, Identified, IdentityError, Incoming},
    users::UserLoader,
};
use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, Method, Request, StatusCode, Uri, header},
    response::{Html, IntoResponse, Redirect},
    routing::{any, any_service, get, get_service},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_http::cors::CorsLayer;

use crate::support::{self, Answer, Log, ask, send};

const HTML: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
const USER: &str = "x-test-user";
const PAGES: Acl = acl![(Allow, Group("editors"), ["edit"])];
const OPEN: Acl = acl![(Allow, Everyone, ["view"])];

/// Takes the user from a header; some names are trouble.
#[derive(Clone, Default)]
struct Visitors {
    asked: Arc<AtomicUsize>,
    asked_for_groups: Arc<AtomicUsize>,
}

#[async_trait]
impl IdentityPolicy for Visitors {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        auth_runtime::Answer::later(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            let Some(name) = request.headers().get(USER) else { return Ok(Identified::anonymous()) };
            match name.to_str().unwrap() {
                "bad" => Err(IdentityError::refuse("the token is malformed")),
                "down" => Err(IdentityError::unavailable("the store is down")),
                "misconfigured" => Err(IdentityError::misconfigured("there is no key")),
                name => {
                    let at = UnixTime::from_secs(request.now().as_secs().saturating_sub(3600));
                    Ok(Identified::known(Identity::new(name).unwrap()).with_authenticated_at(at))
                }
            }
        })
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Ok(Effects::none())
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Ok(Effects::none())
    }
}

impl UserLoader for Visitors {
    type User = String;

    fn load<'a>(
        &'a self,
        user: &'a UserId,
    ) -> auth_runtime::Answer<'a, Result<Option<Arc<String>>, BoxError>> {
        auth_runtime::Answer::later(async move {
            match user.as_str() {
                "gone" => Ok(None),
                "unloadable" => Err("the table is locked".into()),
                name => Ok(Some(Arc::new(name.to_owned()))),
            }
        })
    }

    fn is_disabled(&self, user: &String) -> bool {
        user == "disabled"
    }
}

impl Visitors {
    fn layer(&self) -> AuthLayer {
        let asked = Arc::clone(&self.asked_for_groups);
        AuthLayer::new(self.clone()).with_users(self.clone()).with_groups(move |user: Option<UserId>| {
            asked.fetch_add(1, Ordering::Relaxed);
            async move {
                match user.as_deref() {
                    Some("blocked") => Ok(None),
                    Some("groupless") => Err(BoxError::from("the directory is down")),
                    Some("editor") => Ok(Some(Groups::from(["editors"]))),
                    _ => Ok(Some(Groups::none())),
                }
            }
        })
    }
}

#[auth_required]
async fn private() -> &'static str {
    "private"
}

#[auth_required(fresh = "10m")]
async fn fresh() -> &'static str {
    "fresh"
}

#[acl_required("edit", PAGES, hide)]
async fn hidden() -> &'static str {
    "hidden"
}

#[acl_required("view", OPEN)]
async fn public_by_mistake() {}

async fn article(Path(id): Path<u32>) -> Result<String, (StatusCode, &'static str)> {
    if id == 0 { Err((StatusCode::NOT_FOUND, "no such article")) } else { Ok(format!("article {id}")) }
}

fn routes() -> Router {
    Router::new()
        .route("/", get(async || "the main page"))
        .route("/login", get(async || "the form").post(async || "logged in"))
        .route("/about", get(async || "about us"))
        .route("/articles/{id}", any(article))
        .route("/private", any(private))
        .route("/fresh", any(fresh))
        .route("/hidden", any(hidden))
        .route("/moved", get(async || Redirect::to("/about")))
        .route("/broken", get(async || StatusCode::INTERNAL_SERVER_ERROR))
        .route("/api/orders", any(private))
        .route("/api/open", any(async || "open"))
        .route("/api/hidden", any(hidden))
        .route("/api/missing", any(async || StatusCode::NOT_FOUND))
        .route("/assets/{*path}", get(async |Path(path): Path<String>| format!("asset {path}")))
}

fn gate() -> PageGate {
    PageGate::new(LocalPath::from_static("/login"), LocalPath::from_static("/"))
        .with_public(["/about", "/assets/{*path}", "/news/{id}"])
        .with_protected(["/api/{*path}"])
}

fn app() -> Router {
    routes().layer(gate()).layer(Visitors::default().layer())
}

async fn login_page(headers: HeaderMap) -> impl IntoResponse {
    let kept = [(header::ETAG, "\"login\""), (header::CACHE_CONTROL, "public, max-age=600")];
    (kept, Html(format!("log in, {}", seen(&headers))))
}

async fn main_page(headers: HeaderMap) -> impl IntoResponse {
    let kept = [(header::LAST_MODIFIED, "Sun, 22 Nov 2026 00:00:00 GMT"), (header::EXPIRES, "0")];
    (kept, Html(format!("welcome, {}", seen(&headers))))
}

/// How many headers a page received that describe another page.
fn seen(headers: &HeaderMap) -> usize {
    [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE, header::RANGE, header::CONTENT_LENGTH]
        .iter()
        .filter(|name| headers.contains_key(*name))
        .count()
}

fn single_page_app() -> Router {
    let gate = gate().with_login_page_in_place(login_page).with_main_page_in_place(main_page);
    routes().layer(gate).layer(Visitors::default().layer())
}

/// Asks as a browser does that goes to a page.
async fn navigate(app: &impl support::App, user: &str, target: &str) -> Answer {
    request(app, "GET", user, target, &[("accept", HTML), ("sec-fetch-mode", "navigate")]).await
}

/// Asks as a script does.
async fn fetch(app: &impl support::App, user: &str, target: &str) -> Answer {
    request(app, "GET", user, target, &[("accept", "application/json"), ("sec-fetch-mode", "cors")]).await
}

async fn request(
    app: &impl support::App,
    method: &str,
    user: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = Request::builder().method(method).uri(target);
    if !user.is_empty() {
        request = request.header(USER, user);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    ask(app, request).await
}

/// The status and the body, or where one is sent.
fn short(answer: &Answer) -> String {
    let location = answer.header("location");
    let what = if location.is_empty() { answer.text() } else { &location };
    format!("{} {what}", answer.status.as_u16()).trim_end().to_owned()
}

// The visitor is not resolved at all, so an invalid credential or a failing store does not take public pages
// down.
#[tokio::test]
async fn a_public_path_is_the_routers_with_any_credential() {
    for layer in [routes().layer(gate()), routes().layer(gate().with_login_page_in_place(login_page))] {
        let visitors = Visitors::default();
        let app = layer.layer(visitors.layer());
        for user in ["", "alice", "bad", "down", "blocked", "disabled", "gone", "misconfigured", "groupless"]
        {
            assert_eq!(short(&navigate(&app, user, "/about").await), "200 about us", "{user}");
            let answer = navigate(&app, user, "/assets/a/b.css").await;
            assert_eq!(short(&answer), "200 asset a/b.css", "{user}");
            assert_eq!(answer.header("vary"), "", "a cache may keep what is the same for all");
            assert_eq!(answer.header("cache-control"), "");
        }
        assert_eq!(visitors.asked.load(Ordering::Relaxed), 0);
    }
    // Even that of the log-in page, which then stays where it is for signed-in users.
    let app = routes().layer(gate().with_public(["/login"])).layer(Visitors::default().layer());
    assert_eq!(short(&navigate(&app, "alice", "/login").await), "200 the form");
    assert_eq!(short(&navigate(&app, "", "/private").await), "303 /login?next=%2Fprivate");
}

// By 303, unless the page is served in place.
#[tokio::test]
async fn a_signed_in_visitor_gets_the_main_page_for_the_log_in_page() {
    for target in ["/login", "/login?error=1", "/login?nextt=/", "/login?x=next"] {
        assert_eq!(short(&navigate(&app(), "alice", target).await), "303 /", "{target}");
        let answer = navigate(&single_page_app(), "alice", target).await;
        assert_eq!(short(&answer), "200 welcome, 0", "{target}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    for user in ["", "bad", "blocked", "disabled", "gone"] {
        assert_eq!(short(&navigate(&app(), user, "/login").await), "200 the form", "{user}");
        assert_eq!(short(&navigate(&single_page_app(), user, "/login").await), "200 log in, 0", "{user}");
    }
    assert_eq!(
        short(&navigate(&app(), "alice", "/login/").await),
        "303 /",
        "that is another page: an unknown one"
    );
    assert_eq!(short(&navigate(&app(), "alice", "/Login").await), "303 /");
    assert_eq!(short(&navigate(&app(), "", "/Login").await), "303 /login?next=%2FLogin");
}

// Guards apply as well.
#[tokio::test]
async fn a_signed_in_visitor_gets_what_the_router_answers() {
    for app in [app(), single_page_app()] {
        assert_eq!(short(&navigate(&app, "alice", "/articles/7").await), "200 article 7");
        assert_eq!(short(&navigate(&app, "alice", "/private").await), "200 private");
        assert_eq!(short(&navigate(&app, "alice", "/").await), "200 the main page");
        assert_eq!(short(&navigate(&app, "editor", "/hidden").await), "200 hidden");
        assert_eq!(short(&fetch(&app, "alice", "/api/orders").await), "200 private");
        assert_eq!(navigate(&app, "alice", "/fresh").await.status, StatusCode::UNAUTHORIZED, "guards hold");
    }
}

// With patterns instead of exact texts, and 401 instead of 403 for a bad credential.
#[tokio::test]
async fn a_protected_api_never_returns_a_page() {
    for app in [app(), single_page_app()] {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"] {
            for headers in [
                &[("accept", HTML)][..],
                &[("accept", HTML), ("sec-fetch-mode", "navigate")],
                &[("accept", "application/json")],
                &[("accept", HTML), ("origin", "null"), ("access-control-request-method", "GET")],
            ] {
                for target in ["/api/orders", "/api/open", "/api/missing", "/api/unknown", "/api/a/b"] {
                    for (user, status) in [
                        ("", 401),
                        ("bad", 401),
                        ("blocked", 403),
                        ("disabled", 403),
                        ("gone", 401),
                        ("down", 503),
                    ] {
                        let foreign = headers.iter().any(|(name, _)| *name == "origin");
                        let safe = matches!(method, "GET" | "HEAD" | "OPTIONS");
                        let is_refused_as_foreign =
                            foreign && !safe && matches!(user, "blocked" | "disabled" | "gone");
                        let status = if is_refused_as_foreign { 403 } else { status };
                        let answer = request(&app, method, user, target, headers).await;
                        let at = format!("{method} {target} {user} {headers:?}");
                        assert_eq!(answer.status.as_u16(), status, "{at}");
                        assert_eq!(answer.header("content-type"), "application/problem+json", "{at}");
                        assert_eq!(answer.header("location"), "", "{at}");
                        assert_eq!(answer.header("cache-control"), "no-store", "{at}");
                        assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401, "{at}");
                    }
                }
            }
        }
        // What is refused by a guard behind the gate is not a page, either, and a missing page stays missing.
        assert_eq!(navigate(&app, "alice", "/api/open").await.text(), "open");
        for target in ["/api/missing", "/api/unknown", "/api/hidden"] {
            assert_eq!(short(&navigate(&app, "alice", target).await), "404", "{target}");
        }
        // A pattern matches whole paths.
        for target in ["/api", "/api/", "/apis", "/API/orders", "/v1/api/orders"] {
            let answer = navigate(&app, "", target).await;
            assert_ne!(answer.header("content-type"), "application/problem+json", "{target}");
        }
    }
}

#[tokio::test]
async fn guards_of_a_protected_api_answer_with_problem_details() {
    let gate =
        PageGate::new(LocalPath::from_static("/login"), LocalPath::root()).with_protected(["/api/{*path}"]);
    let routes = Router::new()
        .route("/api/fresh", any(fresh))
        .route("/fresh", any(fresh))
        .route("/api/extractor", any(async |_: CurrentUserId<u32>| {}))
        .route("/api/handler", any(async |_: Auth| Err::<(), _>(AuthError::unauthenticated())));
    let layer = Visitors::default().layer().with_login_page(LocalPath::from_static("/login"));
    let app = routes.layer(gate).layer(layer);
    assert_eq!(short(&navigate(&app, "alice", "/fresh").await), "303 /login?next=%2Ffresh&max_age=600");
    for target in ["/api/fresh", "/api/extractor", "/api/handler"] {
        let answer = navigate(&app, "alice", target).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{target}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{target}");
    }
}

// For navigations only, with 303 or 401 instead of 200, and not kept by caches.
#[tokio::test]
async fn a_visitor_who_is_not_signed_in_gets_the_log_in_page() {
    for target in
        ["/", "/private", "/articles/7", "/articles/0", "/hidden", "/unknown", "/moved", "/broken", "/api"]
    {
        for user in ["", "bad", "gone"] {
            let answer = navigate(&app(), user, target).await;
            let next = LocalPath::parse(target).unwrap().to_query_value();
            assert_eq!(short(&answer), format!("303 /login?next={next}"), "{target} {user}");
            assert_eq!(answer.header("cache-control"), "no-store", "{target} {user}");
            assert_eq!(answer.header("vary"), "cookie");
            assert_eq!(answer.header("referrer-policy"), "no-referrer");

            let answer = navigate(&single_page_app(), user, target).await;
            assert_eq!(short(&answer), "401 log in, 0", "{target} {user}");
            assert_eq!(answer.header("cache-control"), "no-store", "{target} {user}");
            assert_eq!(answer.header("vary"), "cookie");
            assert!(answer.headers.contains_key("www-authenticate"), "{target} {user}");
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        }
    }
    // Anything else gets what the router answers, so that a script is not given a page with a status of success.
    for app in [app(), single_page_app()] {
        assert_eq!(short(&fetch(&app, "", "/articles/7").await), "200 article 7");
        assert_eq!(fetch(&app, "", "/private").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(short(&fetch(&app, "", "/unknown").await), "404");
    }
}

// Only where there is no route, and not on public paths, which caches may keep.
#[tokio::test]
async fn a_page_that_is_not_there_is_the_main_page_or_the_log_in_page() {
    assert_eq!(short(&navigate(&app(), "alice", "/unknown?x=1").await), "303 /");
    let answer = navigate(&single_page_app(), "alice", "/unknown").await;
    assert_eq!(short(&answer), "200 welcome, 0");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("vary"), "cookie");
    assert_eq!(short(&navigate(&app(), "", "/unknown").await), "303 /login?next=%2Funknown");
    for app in [app(), single_page_app()] {
        for user in ["", "alice"] {
            assert_eq!(short(&fetch(&app, user, "/unknown").await), "404");
            for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
                let answer = request(&app, method, user, "/unknown", &[("accept", HTML)]).await;
                assert_eq!(short(&answer), "404", "{method}");
            }
            assert_eq!(short(&navigate(&app, user, "/news/7").await), "404", "a public path");
        }
    }
    // A fallback that does answer is the router's answer.
    let app = routes()
        .fallback(async |uri: Uri| {
            if uri.path() == "/known-to-it" {
                (StatusCode::OK, "it")
            } else {
                (StatusCode::NOT_FOUND, "not it")
            }
        })
        .layer(gate())
        .layer(Visitors::default().layer());
    assert_eq!(short(&navigate(&app, "alice", "/known-to-it").await), "200 it");
    assert_eq!(short(&navigate(&app, "alice", "/unknown").await), "303 /");
    assert_eq!(short(&fetch(&app, "alice", "/unknown").await), "404 not it");
}

#[tokio::test]
async fn what_else_goes_wrong_is_passed_on() {
    for app in [app(), single_page_app()] {
        let (answers, told) = Log::of(async {
            let moved = navigate(&app, "alice", "/moved").await;
            let method = request(&app, "DELETE", "alice", "/about", &[("accept", HTML)]).await;
            let broken = navigate(&app, "alice", "/broken").await;
            let bad = navigate(&app, "alice", "/articles/x").await;
            [moved, method, broken, bad].map(|answer| answer.status.as_u16())
        })
        .await;
        assert_eq!(answers, [303, 405, 500, 400]);
        assert!(told.iter().all(|told| told.target != "auth"), "{told:?}");
    }
}

#[tokio::test]
async fn what_a_handler_says_is_not_there_stays_so() {
    for app in [app(), single_page_app()] {
        assert_eq!(short(&navigate(&app, "alice", "/articles/0").await), "404 no such article");
        assert_eq!(short(&fetch(&app, "", "/articles/0").await), "404 no such article");
    }
    // But `Missing` is what a guard that hides says, and the two are not to be told apart.
    let app = Router::new()
        .route("/thing", any(async || guard::Missing))
        .layer(gate())
        .layer(Visitors::default().layer());
    assert_eq!(short(&navigate(&app, "alice", "/thing").await), "303 /");
    assert_eq!(short(&fetch(&app, "alice", "/thing").await), "404");
    // Without a router around it, the gate knows of no routes, and takes every 404 for that of a handler.
    let around = Visitors::default().layer().layer(gate().layer(routes()));
    let request = Request::get("/unknown").header("accept", HTML).header(USER, "alice");
    let answer = around.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

/// Sends one request over the network, and returns every byte of the answer but those of the date.
async fn bytes(address: SocketAddr, method: &str, target: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let text = String::from_utf8(answer).unwrap();
    text.split_inclusive("\r\n").filter(|line| !line.starts_with("date: ")).collect()
}

// RFC 9112, section 3.2.2: a server must accept absolute-form. Proxies and a few clients send it.
#[tokio::test]
async fn a_target_in_absolute_form_is_answered_like_its_path() {
    let mut answers = BTreeSet::new();
    for app in [app(), single_page_app()] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        for user in ["", "alice", "blocked"] {
            let headers = if user.is_empty() { String::new() } else { format!("{USER}: {user}\r\n") };
            let headers = format!("{headers}Accept: text/html\r\n");
            for path in
                ["/", "/login", "/login?next=%2F", "/about", "/private", "/unknown", "/api/orders", "/a//b"]
            {
                let expected = bytes(address, "GET", path, &headers).await;
                for front in ["http://localhost", "http://elsewhere.example:8080", "https://localhost"] {
                    let found = bytes(address, "GET", &format!("{front}{path}"), &headers).await;
                    assert_eq!(found, expected, "{user} {front}{path}");
                }
                answers.insert(expected.lines().next().unwrap().to_owned());
            }
            let expected = bytes(address, "GET", "/", &headers).await;
            assert_eq!(
                bytes(address, "GET", "http://localhost", &headers).await,
                expected,
                "an empty path is `/`"
            );
        }
        server.abort();
    }
    let kinds = ["200 OK", "303 See Other", "400 Bad Request", "401 Unauthorized", "403 Forbidden"];
    assert_eq!(answers, kinds.map(|kind| format!("HTTP/1.1 {kind}")).into());
}

// A proxy strips `/app`: redirects contain it, and the gate's configuration does not.
#[tokio::test]
async fn redirects_of_a_gate_lead_below_the_base_path() {
    let layer = Visitors::default().layer().with_base_path("/app").unwrap();
    let app = routes().layer(gate()).layer(layer);
    for (user, path, expected) in [
        ("", "/settings", "303 /app/login?next=%2Fapp%2Fsettings"),
        ("bad", "/?a=1", "303 /app/login?next=%2Fapp%2F%3Fa%3D1"),
        ("", "/login?next=%2Fapp%2Fsettings", "200 the form"),
        ("alice", "/login", "303 /app/"),
        ("alice", "/unknown", "303 /app/"),
        ("alice", "/", "200 the main page"),
        ("", "/about", "200 about us"),
    ] {
        assert_eq!(short(&navigate(&app, user, path).await), expected, "{user} {path}");
    }
    // The paths of an API are its routes.
    assert_eq!(navigate(&app, "", "/api/orders").await.status, StatusCode::UNAUTHORIZED);
}

// Byte for byte, be the answer 404, the log-in page or the main page.
#[tokio::test]
async fn a_hidden_route_equals_a_missing_one() {
    let mut statuses = BTreeSet::new();
    for app in [app(), single_page_app()] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        for user in ["", "alice", "bad", "blocked", "disabled", "gone"] {
            for method in ["GET", "HEAD", "POST", "OPTIONS"] {
                for accept in ["", "Accept: text/html\r\n", "Accept: application/json\r\n"] {
                    for (hidden, missing) in [("/hidden", "/hiddem"), ("/api/hidden", "/api/hiddem")] {
                        let headers =
                            if user.is_empty() { String::new() } else { format!("{USER}: {user}\r\n") };
                        let headers = format!("{headers}{accept}");
                        let found = bytes(address, method, hidden, &headers).await;
                        let expected = bytes(address, method, missing, &headers).await;
                        assert_eq!(
                            found,
                            expected.replace("hiddem", "hidden"),
                            "{method} {hidden} {headers}"
                        );
                        statuses.insert(found.split(' ').nth(1).unwrap().to_owned());
                    }
                }
            }
        }
        server.abort();
    }
    assert_eq!(Vec::from_iter(statuses), ["200", "303", "401", "403", "404"]);
    for app in [app(), single_page_app()] {
        assert_eq!(
            short(&fetch(&app, "alice", "/hidden").await),
            "404",
            "no page for a request that is not a navigation"
        );
        assert_eq!(short(&navigate(&app, "alice", "/api/hidden").await), "404");
        assert_eq!(short(&navigate(&app, "editor", "/hidden").await), "200 hidden");
    }
}

#[tokio::test]
async fn invalid_credentials_are_anonymous_and_failures_are_not() {
    for app in [app(), single_page_app()] {
        for target in ["/", "/login", "/login?next=%2F", "/private", "/unknown"] {
            for (user, status) in
                [("down", 503), ("unloadable", 503), ("groupless", 503), ("misconfigured", 500)]
            {
                let answer = navigate(&app, user, target).await;
                assert_eq!(answer.status.as_u16(), status, "{user} {target}");
                assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "a page says so");
                assert_eq!(answer.header("cache-control"), "no-store");
            }
        }
        let (answer, told) = Log::of(navigate(&app, "down", "/private")).await;
        assert_eq!(answer.header("retry-after"), "5");
        assert!(told.iter().any(|told| told.message == "failed" && told.field("operation") == "identify"));
    }
    // The challenge says that there was a credential.
    let answer = navigate(&app(), "bad", "/api/orders").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn blocked_and_disabled_users_get_403_and_may_log_in_as_another_user() {
    for (app, form) in [(app(), "200 the form"), (single_page_app(), "200 log in, 0")] {
        for user in ["blocked", "disabled"] {
            for target in ["/", "/private", "/articles/7", "/unknown", "/hidden"] {
                assert_eq!(
                    navigate(&app, user, target).await.status,
                    StatusCode::FORBIDDEN,
                    "{user} {target}"
                );
            }
            for target in ["/login", "/login?next=%2Fprivate"] {
                assert_eq!(short(&navigate(&app, user, target).await), form, "{user} {target}");
            }
            assert_eq!(fetch(&app, user, "/api/open").await.status, StatusCode::FORBIDDEN);
            assert_eq!(short(&fetch(&app, user, "/articles/7").await), "200 article 7", "no guard was asked");
        }
    }
}

#[tokio::test]
async fn there_is_no_redirect_loop() {
    let login = LocalPath::from_static("/login");
    let fresh_main = || {
        Router::new()
            .route("/", get(fresh))
            .route("/login", get(async || "the form"))
            .layer(PageGate::new(login.clone(), LocalPath::root()))
            .layer(Visitors::default().layer().with_login_page(login.clone()))
    };
    let pages_are_missing = || {
        Router::new()
            .layer(PageGate::new(login.clone(), LocalPath::root()))
            .layer(Visitors::default().layer().with_login_page(login.clone()))
    };
    let guarded_login = || {
        Router::new()
            .route("/login", get(fresh))
            .layer(PageGate::new(login.clone(), LocalPath::root()))
            .layer(Visitors::default().layer().with_login_page(login.clone()))
    };
    for app in [app(), single_page_app(), fresh_main(), pages_are_missing(), guarded_login()] {
        for user in ["", "alice", "bad", "blocked", "disabled", "gone", "down"] {
            for target in ["/", "/login", "/login?next=%2F", "/unknown", "/fresh", "/api/orders", "/a//b"] {
                let mut target = target.to_owned();
                let mut hops: usize = 0;
                loop {
                    let answer = navigate(&app, user, &target).await;
                    if answer.status != StatusCode::SEE_OTHER {
                        break;
                    }
                    hops = hops.saturating_add(1);
                    assert!(hops <= 2, "{user} {target}");
                    target = answer.header("location");
                }
            }
        }
    }
    // A signed-in user who has to log in again gets the page for it.
    let answer = navigate(&fresh_main(), "alice", "/").await;
    assert_eq!(short(&answer), "303 /login?next=%2F&max_age=600");
    assert_eq!(short(&navigate(&fresh_main(), "alice", "/login?next=%2F").await), "200 the form");
    let in_place = navigate(&single_page_app(), "alice", "/login?next=%2Ffresh").await;
    assert_eq!(short(&in_place), "200 log in, 0");
    // So it is by another name.
    let app = routes().layer(gate().with_return_parameter("back")).layer(Visitors::default().layer());
    assert_eq!(short(&navigate(&app, "", "/private").await), "303 /login?back=%2Fprivate");
    assert_eq!(short(&navigate(&app, "alice", "/login?a&back=%2F").await), "200 the form");
    assert_eq!(short(&navigate(&app, "alice", "/login?next=%2F").await), "303 /");
}

#[tokio::test]
async fn only_a_path_of_this_site_is_one_to_come_back_to() {
    for (target, location) in [
        ("/private?a=1&b=//x", "/login?next=%2Fprivate%3Fa%3D1%26b%3D%2F%2Fx".to_owned()),
        ("/caf%C3%A9", "/login?next=%2Fcaf%25C3%25A9".to_owned()),
        (&format!("/{}", "a".repeat(2048)), "/login".to_owned()),
    ] {
        assert_eq!(navigate(&app(), "", target).await.header("location"), location);
    }
    let gate = PageGate::new(LocalPath::from_static("/login?lang=en"), LocalPath::from_static("/app?tab=1"));
    let app = routes().layer(gate).layer(Visitors::default().layer());
    assert_eq!(navigate(&app, "", "/private").await.header("location"), "/login?lang=en&next=%2Fprivate");
    assert_eq!(navigate(&app, "alice", "/login").await.header("location"), "/app?tab=1");
    assert_eq!(short(&navigate(&app, "alice", "/app?tab=1").await), "404", "and not to itself");
}

#[tokio::test]
async fn only_get_and_head_that_prefer_pages_are_navigations() {
    for app in [app(), single_page_app()] {
        let mut pages: usize = 0;
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get"] {
            for accept in ["", "*/*", HTML, "application/json", "application/json, text/html;q=0.5"] {
                for mode in ["", "navigate", "cors", "no-cors", "same-origin", "websocket"] {
                    for extra in ["", "x-requested-with", "hx-request", "upgrade"] {
                        let mut headers = Vec::new();
                        headers.extend(
                            [("accept", accept), ("sec-fetch-mode", mode)].map(|(name, value)| (name, value)),
                        );
                        headers.retain(|(_, value)| !value.is_empty());
                        if !extra.is_empty() {
                            headers.push((extra, "websocket"));
                        }
                        let is_navigation = matches!(method, "GET" | "HEAD")
                            && accept == HTML
                            && matches!(mode, "" | "navigate")
                            && extra.is_empty();
                        let answer = request(&app, method, "", "/articles/7", &headers).await;
                        let at = format!("{method} {headers:?}");
                        if is_navigation {
                            pages = pages.saturating_add(1);
                            assert!(matches!(answer.status.as_u16(), 303 | 401), "{at}");
                        } else {
                            assert_eq!(answer.status, StatusCode::OK, "{at}");
                        }
                    }
                }
            }
        }
        assert_eq!(pages, 4);
        let form =
            request(&app, "POST", "", "/login", &[("accept", HTML), ("sec-fetch-mode", "navigate")]).await;
        assert_eq!(short(&form), "200 logged in", "the way in is the handler's");
        let form = request(&app, "POST", "alice", "/login", &[("accept", HTML)]).await;
        assert_eq!(short(&form), "200 logged in");
    }
}

#[tokio::test]
async fn a_page_in_place_of_another_cannot_be_kept_or_revalidated() {
    let app = single_page_app();
    for (user, target) in [("", "/login"), ("", "/private"), ("alice", "/login"), ("alice", "/unknown")] {
        for method in ["GET", "HEAD"] {
            let headers = [
                ("accept", HTML),
                ("if-none-match", "\"login\", \"main\""),
                ("if-modified-since", "Sun, 22 Nov 2026 00:00:00 GMT"),
                ("range", "bytes=0-3"),
                ("content-length", "9"),
            ];
            let answer = request(&app, method, user, target, &headers).await;
            let at = format!("{method} {user} {target}");
            assert!(matches!(answer.status.as_u16(), 200 | 401), "{at}");
            assert_eq!(answer.header("cache-control"), "no-store", "{at}");
            assert_eq!(answer.header("vary"), "cookie", "{at}");
            for name in ["etag", "last-modified", "expires", "age"] {
                assert!(!answer.headers.contains_key(name), "{at} {name}");
            }
            if method == "GET" {
                assert!(answer.text().ends_with(" 0"), "{at}: {}", answer.text());
            } else {
                assert!(answer.body.is_empty(), "{at}");
            }
        }
    }
    // What is not a page is left as it is.
    let gate = gate().with_login_page_in_place(async || StatusCode::INTERNAL_SERVER_ERROR);
    let app = routes().layer(gate).layer(Visitors::default().layer());
    assert_eq!(navigate(&app, "", "/private").await.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn services_are_pages_too() {
    let file =
        || service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Html("from a file").into_response()));
    let gate = gate()
        .with_login_page_in_place(get_service(file()))
        .with_main_page_in_place(any_service(guard::acl!("edit", PAGES).around(file())));
    let app = routes().layer(gate).layer(Visitors::default().layer());
    assert_eq!(short(&navigate(&app, "", "/private").await), "401 from a file");
    assert_eq!(navigate(&app, "alice", "/unknown").await.status, StatusCode::FORBIDDEN);
    assert_eq!(short(&navigate(&app, "editor", "/unknown").await), "200 from a file");
}

#[tokio::test]
async fn what_a_nested_service_does_not_have_is_a_page_that_is_not_there_unless_it_is_public() {
    let files = || {
        service_fn(async |request: Request<Body>| {
            let found = request.uri().path() == "/a";
            let status = if found { StatusCode::OK } else { StatusCode::NOT_FOUND };
            Ok::<_, Infallible>((status, "files").into_response())
        })
    };
    let routes = || routes().nest_service("/files", files()).nest_service("/assets/more", files());
    let app = routes().layer(gate()).layer(Visitors::default().layer());
    assert_eq!(short(&navigate(&app, "alice", "/files/a").await), "200 files");
    assert_eq!(short(&navigate(&app, "alice", "/files/b").await), "303 /");
    assert_eq!(short(&fetch(&app, "alice", "/files/b").await), "404 files");
    for user in ["", "alice"] {
        assert_eq!(short(&navigate(&app, user, "/assets/more/a").await), "200 files");
        assert_eq!(short(&navigate(&app, user, "/assets/more/b").await), "404 files");
    }
}

#[tokio::test]
async fn preflights_are_answered_by_a_layer_outside() {
    let cors = || CorsLayer::permissive();
    let preflight = [
        ("origin", "https://app.example.com"),
        ("access-control-request-method", "PUT"),
        ("sec-fetch-mode", "cors"),
    ];
    let outside = app().layer(cors());
    let answer = request(&outside, "OPTIONS", "", "/api/orders", &preflight).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let inside = routes().layer(cors()).layer(gate()).layer(Visitors::default().layer());
    let answer = request(&inside, "OPTIONS", "", "/api/orders", &preflight).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "what looks like one gets nothing, either");
}

#[tokio::test]
async fn a_guard_before_the_main_page_is_asked() {
    let gate = gate().with_main_page_in_place(fresh);
    let app = routes().layer(gate).layer(Visitors::default().layer());
    let answer = navigate(&app, "alice", "/unknown").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_ne!(answer.text(), "fresh");
}

#[tokio::test]
async fn who_asks_is_found_out_once_for_the_gate_and_all_guards() {
    for app in [routes().layer(gate()), routes().layer(gate()).layer(gate())] {
        for (user, target, asked) in [
            ("alice", "/private", (1, 1)),
            ("alice", "/api/orders", (1, 1)),
            ("alice", "/unknown", (1, 1)),
            ("alice", "/login", (1, 1)),
            ("", "/private", (1, 0)),
            ("alice", "/about", (0, 0)),
        ] {
            let visitors = Visitors::default();
            let app = app.clone().layer(visitors.layer());
            navigate(&app, user, target).await;
            let counted =
                (visitors.asked.load(Ordering::Relaxed), visitors.asked_for_groups.load(Ordering::Relaxed));
            assert_eq!(counted, asked, "{user} {target}");
        }
    }
}

#[tokio::test]
async fn on_a_guarded_router_it_is_the_same_and_the_table_tells_what_it_adds() {
    let routes = || {
        guarded::Router::new()
            .route("/private", guarded::get(private))
            .route("/api/orders", guarded::get(private))
            .route("/api/open", guarded::get(public_by_mistake))
    };
    let visitors = Visitors::default();
    let app = routes().layer(gate()).with_auth(visitors.layer());
    assert_eq!(short(&navigate(&app, "", "/private").await), "303 /login?next=%2Fprivate");
    assert_eq!(short(&navigate(&app, "alice", "/unknown").await), "303 /");
    assert_eq!(short(&navigate(&app, "alice", "/private").await), "200 private");
    assert_eq!(fetch(&app, "", "/api/open").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(short(&fetch(&app, "", "/unknown").await), "404");

    // The table is made of guards. Where the gate is stricter, asking the router shows it.
    let wrong = routes().access().verify(app).await.unwrap_err();
    let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    assert_eq!(wrong, ["GET /api/open for anonymous: the table says yes, but a guard answered 401"],);
}

#[tokio::test]
async fn without_an_auth_layer_outside_every_response_is_500_and_logged() {
    let layers = [
        routes().layer(gate()),
        // The wrong way round
        routes().layer(Visitors::default().layer()).layer(gate()),
    ];
    for app in layers {
        for target in ["/", "/about", "/login", "/api/orders", "/unknown"] {
            let (answer, told) = Log::of(navigate(&app, "alice", target)).await;
            assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{target}");
            let line = told.iter().find(|told| told.message == "misconfigured").unwrap();
            assert!(line.field("error").contains("add `.layer(AuthLayer::new(…))`"), "{line:?}");
            assert!(line.field("error").contains("PageGate"), "{line:?}");
        }
    }
}

#[tokio::test]
async fn the_log_tells_who_did_not_get_what_they_asked_for() {
    for (user, target, expected) in [
        ("", "/private", Some(("", "anonymous", "303"))),
        ("bad", "/private", Some(("", "credentials", "303"))),
        ("blocked", "/private", Some(("blocked", "blocked", "403"))),
        ("down", "/private", Some(("", "failure", "503"))),
        ("", "/api/open", Some(("", "anonymous", "401"))),
        ("alice", "/api/open", None),
        ("", "/login", None),
        ("alice", "/login", None),
        ("", "/about", None),
    ] {
        let (_, told) = Log::of(navigate(&app(), user, target)).await;
        let denied: Vec<_> = told.iter().filter(|told| told.message == "deny").collect();
        match expected {
            None => assert!(denied.is_empty(), "{user} {target}: {denied:?}"),
            Some((name, reason, status)) => {
                assert_eq!(denied.len(), 1, "{user} {target}: {denied:?}");
                let fields =
                    ["guard", "user", "reason", "status"].map(|field| denied[0].field(field).to_owned());
                assert_eq!(fields, ["gate", name, reason, status].map(str::to_owned), "{user} {target}");
            }
        }
    }
}

#[tokio::test]
async fn a_socket_is_not_a_navigation_and_is_rejected_as_by_a_guard() {
    let upgrade = [("connection", "upgrade"), ("upgrade", "websocket"), ("accept", HTML)];
    let answer = request(&app(), "GET", "", "/private", &upgrade).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let mut foreign = upgrade.to_vec();
    foreign.extend([("origin", "https://evil.example"), ("host", "example.com")]);
    let answer = request(&app(), "GET", "alice", "/api/open", &foreign).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn forms_of_other_sites_do_not_reach_a_protected_api() {
    let foreign = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("accept", HTML)];
    let answer = request(&app(), "POST", "alice", "/api/open", &foreign).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let own = [("sec-fetch-site", "same-origin"), ("accept", HTML)];
    assert_eq!(short(&request(&app(), "POST", "alice", "/api/open", &own).await), "200 open");
}

#[tokio::test]
async fn the_body_of_a_request_gets_through_whole() {
    let app = Router::new()
        .route("/api/echo", any(async |body: String| body))
        .route("/echo", any(async |body: String| body))
        .layer(gate())
        .layer(Visitors::default().layer());
    for target in ["/api/echo", "/echo"] {
        let request = Request::builder().method(Method::POST).uri(target).header(USER, "alice");
        let answer = send(&app, request.body(Body::from("content")).unwrap()).await;
        assert_eq!(answer.text(), "content", "{target}");
    }
}

#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    let app = Router::new()
        .route("/slow", get(async || tokio::time::sleep(Duration::from_millis(5)).await))
        .layer(gate())
        .layer(Visitors::default().layer());
    assert_eq!(navigate(&app, "alice", "/slow").await.status, StatusCode::OK);
    assert_eq!(fetch(&app, "alice", "/slow").await.status, StatusCode::OK);
}

// Some caches go by headers of their own, which count more than `Cache-Control` (RFC 9213).
#[tokio::test]
async fn no_header_for_one_kind_of_cache_comes_along_with_a_page_in_place_of_another() {
    const FOR_ONE: [&str; 5] = [
        "cdn-cache-control",
        "cloudflare-cdn-cache-control",
        "edge-control",
        "surrogate-control",
        "x-accel-expires",
    ];
    let page = async || (FOR_ONE.map(|name| (name, "max-age=600")), Html("a page"));
    let gate = gate().with_login_page_in_place(page).with_main_page_in_place(page);
    let app = routes().layer(gate).layer(Visitors::default().layer());
    for (user, target) in [("", "/login"), ("", "/private"), ("alice", "/login"), ("alice", "/unknown")] {
        let answer = navigate(&app, user, target).await;
        assert_eq!(answer.text(), "a page", "{user} {target}");
        assert_eq!(answer.header("cache-control"), "no-store");
        for name in FOR_ONE {
            assert!(!answer.headers.contains_key(name), "{user} {target} {name}");
        }
    }
}

#[tokio::test]
async fn head_says_nothing_of_the_length_of_a_page_that_comes_in_pieces() {
    let page = async || Html(Body::from_stream(Body::from("a page").into_data_stream()));
    let gate = gate().with_login_page_in_place(page).with_main_page_in_place(page);
    let app = routes().layer(gate).layer(Visitors::default().layer());
    for (user, target) in [("", "/private"), ("", "/unknown"), ("alice", "/login"), ("alice", "/unknown")] {
        for method in ["GET", "HEAD"] {
            let answer = request(&app, method, user, target, &[("accept", HTML)]).await;
            assert_eq!(answer.header("content-length"), "", "{method} {user} {target}");
            assert_eq!(answer.text(), if method == "GET" { "a page" } else { "" });
        }
    }
}

// Guards may call the way back by another name than the gate was told.
#[tokio::test]
async fn two_names_of_the_return_path_cause_no_redirect_loop() {
    let login = LocalPath::from_static("/login");
    let app = Router::new()
        .route("/", get(fresh))
        .route("/login", get(async || "the form"))
        .layer(PageGate::new(login.clone(), LocalPath::root()))
        .layer(Visitors::default().layer().with_login_page_and_parameter(login, "back"));
    assert_eq!(short(&navigate(&app, "alice", "/").await), "303 /login?back=%2F&max_age=600");
    assert_eq!(short(&navigate(&app, "alice", "/login?back=%2F").await), "200 the form");
    assert_eq!(short(&navigate(&app, "alice", "/login?next=%2F").await), "200 the form");
    assert_eq!(short(&navigate(&app, "alice", "/login").await), "303 /");
}

#[tokio::test]
async fn a_page_that_panics_leaves_the_gate_as_it_was() {
    async fn page(headers: HeaderMap) -> &'static str {
        if headers.contains_key("panic") { panic!("a page that panics") } else { "a page" }
    }
    let gate = gate().with_login_page_in_place(page).with_main_page_in_place(page);
    let app = routes().layer(gate).layer(Visitors::default().layer());
    for (user, target, status) in [("", "/private", 401), ("alice", "/unknown", 200)] {
        let asked = app.clone();
        let headers = [("accept", HTML), ("panic", "1")];
        let failing =
            tokio::spawn(async move { request(&asked, "GET", user, target, &headers).await.status });
        assert!(failing.await.unwrap_err().is_panic());
        assert_eq!(navigate(&app, user, target).await.status.as_u16(), status);
    }
}
