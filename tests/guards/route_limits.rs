//! Guards limit the requests of each user, or of each client without one, to their route.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{net::SocketAddr, time::Duration};

use auth_runtime::{
    Acl, AuthLayer, Permission, Resource, Rule, acl, acl_required, allow_anonymous, auth_required, guard,
    guarded::{self, GuardMetadata},
    permission_required, scope_required,
    testing::{FakeIdentity, FrozenClock, USER_HEADER},
    throttle::{MemoryThrottle, Throttle},
};
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, FromRequestParts},
    http::{Request, StatusCode, request::Parts},
    response::Redirect,
    routing::get,
};

use crate::support::{Answer, App, Log, send};

const NOON: u64 = 1_700_000_000;
const HOME: [u8; 4] = [192, 0, 2, 1];
const ELSEWHERE: [u8; 4] = [198, 51, 100, 7];

const ARTICLES: Acl =
    acl![(Allow, Everyone, ["view"]), (Deny, User("mallory"), ["edit"]), (Allow, Authenticated, ["edit"])];

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

#[auth_required(limit = "2/10s")]
async fn search() {}

#[auth_required(limit = "2/10s")]
async fn report() {}

#[acl_required("view", ARTICLES, limit = "2/10s")]
async fn view() {}

#[acl_required("edit", ARTICLES, limit = "2/10s", hide)]
async fn edit() {}

#[allow_anonymous(reason = "users log in here", limit = "2/10s")]
async fn login() {}

#[permission_required(Can::View, limit = "1/1h 30m", crate = auth_runtime)]
async fn by_policy() {}

#[scope_required("view", limit = "1000/1s", fresh = "10m")]
async fn by_scope() {}

struct Article;

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        &ARTICLES
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Redirect> {
        if parts.headers.contains_key("x-gone") { Err(Redirect::to("/elsewhere")) } else { Ok(Self) }
    }
}

#[acl_required("edit", article, limit = "2/10s")]
async fn article(article: Article) {
    let _ = article;
}

fn layer(clock: &FrozenClock) -> AuthLayer {
    let throttle = Throttle::new(MemoryThrottle::new());
    AuthLayer::new(FakeIdentity::by_header()).with_clock(clock.clone()).with_throttle(throttle)
}

fn routes() -> Router {
    Router::new()
        .route("/search", get(search))
        .route("/search/{words}", get(search))
        .route("/report", get(report))
        .route("/view", get(view))
        .route("/edit", get(edit))
        .route("/login", get(login))
        .route("/article", get(article))
        .route("/policy", get(by_policy))
        .route("/scope", get(by_scope))
}

async fn ask(app: &impl App, path: &str, from: [u8; 4], user: Option<&str>) -> Answer {
    let mut request = Request::get(path).extension(ConnectInfo(SocketAddr::from((from, 50_000))));
    if let Some(user) = user {
        request = request.header(USER_HEADER, user);
    }
    send(app, request.body(Body::empty()).unwrap()).await
}

async fn status(app: &impl App, path: &str, from: [u8; 4], user: Option<&str>) -> u16 {
    ask(app, path, from, user).await.status.as_u16()
}

#[tokio::test]
async fn each_user_has_a_limit_of_each_route_wherever_they_are() {
    let clock = FrozenClock::at(NOON);
    let app = routes().layer(layer(&clock));
    assert_eq!(status(&app, "/search", HOME, Some("alice")).await, 200);
    assert_eq!(status(&app, "/search", ELSEWHERE, Some("alice")).await, 200);
    let (denied, events) = Log::of(ask(&app, "/search", HOME, Some("alice"))).await;
    assert_eq!((denied.status.as_u16(), denied.header("retry-after")), (429, "5".to_owned()));
    let throttled = events.iter().find(|event| event.message == "throttled").unwrap();
    assert_eq!((throttled.field("what"), throttled.field("wait")), ("route", "5"));
    let deny = events.iter().find(|event| event.message == "deny").unwrap();
    assert_eq!(
        (deny.field("user"), deny.field("reason"), deny.field("status")),
        ("alice", "throttled", "429")
    );

    assert_eq!(status(&app, "/search", HOME, Some("bob")).await, 200, "another user of the same client");
    assert_eq!(status(&app, "/report", HOME, Some("alice")).await, 200, "another route");
    assert_eq!(
        status(&app, "/search/words", HOME, Some("alice")).await,
        200,
        "the same handler on another route"
    );
    for expected in [200, 429] {
        assert_eq!(status(&app, "/search/others", HOME, Some("alice")).await, expected, "the pattern counts");
    }
    clock.advance(Duration::from_secs(5));
    assert_eq!(status(&app, "/search", HOME, Some("alice")).await, 200);
    assert_eq!(status(&app, "/search", HOME, Some("alice")).await, 429);
}

#[tokio::test]
async fn each_client_without_a_user_has_a_limit() {
    let clock = FrozenClock::at(NOON);
    let app = routes().layer(layer(&clock));
    for path in ["/view", "/login"] {
        for expected in [200, 200, 429] {
            assert_eq!(status(&app, path, HOME, None).await, expected, "{path}");
        }
        assert_eq!(status(&app, path, ELSEWHERE, None).await, 200, "{path}");
    }
    assert_eq!(status(&app, "/view", HOME, Some("alice")).await, 200, "a user has a limit of their own");
    // A public route asks for no user.
    assert_eq!(status(&app, "/login", HOME, Some("alice")).await, 429);
}

#[tokio::test]
async fn rejected_requests_count_and_a_hidden_route_stays_hidden() {
    let clock = FrozenClock::at(NOON);
    let app = routes().layer(layer(&clock));
    for expected in [401, 401, 429] {
        assert_eq!(status(&app, "/search", HOME, None).await, expected);
    }
    let mut answers = Vec::new();
    for _ in 0..4 {
        let answer = ask(&app, "/edit", HOME, Some("mallory")).await;
        answers.push((answer.status, answer.headers, answer.body));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]) && answers[0].0 == StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_resource_is_not_loaded_beyond_the_limit() {
    let clock = FrozenClock::at(NOON);
    let app = routes().layer(layer(&clock));
    let gone = async || {
        let request = Request::get("/article").header(USER_HEADER, "alice").header("x-gone", "1");
        send(&app, request.body(Body::empty()).unwrap()).await.status.as_u16()
    };
    assert_eq!(status(&app, "/article", HOME, Some("alice")).await, 200);
    assert_eq!(gone().await, 303);
    assert_eq!(gone().await, 429);
    assert_eq!(status(&app, "/article", HOME, Some("alice")).await, 429);
    assert_eq!(status(&app, "/article", HOME, Some("bob")).await, 200);
    assert_eq!(status(&app, "/article", HOME, None).await, 401);
}

#[tokio::test]
async fn a_layer_limits_each_route_under_it() {
    let clock = FrozenClock::at(NOON);
    let plain = || get(|| async {});
    let app = Router::new()
        .route("/a", plain())
        .route("/b", plain())
        .route_layer(guard::auth!(limit = "1/10s"))
        .layer(layer(&clock));
    for path in ["/a", "/b"] {
        for expected in [200, 429] {
            assert_eq!(status(&app, path, HOME, Some("alice")).await, expected, "{path}");
        }
    }
    let public = Router::new()
        .route("/health", plain())
        .route_layer(guard::anonymous!(reason = "the load balancer asks", limit = "1/10s"))
        .layer(layer(&clock));
    for expected in [200, 429] {
        assert_eq!(status(&public, "/health", HOME, None).await, expected);
    }
}

#[tokio::test]
async fn a_limit_without_a_throttle_or_an_address_is_a_500_that_says_what_to_add() {
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()));
    for (path, user) in [("/search", Some("alice")), ("/login", None)] {
        let (answer, events) = Log::of(ask(&app, path, HOME, user)).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(
            events.iter().any(|event| event.field("error").contains("AuthLayer::with_throttle")),
            "{path}"
        );
    }
    let clock = FrozenClock::at(NOON);
    let app = routes().layer(layer(&clock));
    let request = || Request::get("/view").body(Body::empty()).unwrap();
    let (answer, events) = Log::of(send(&app, request())).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(events.iter().any(|event| event.field("error").contains("into_make_service_with_connect_info")));
    // A user is counted by name.
    let request = Request::get("/view").header(USER_HEADER, "alice").body(Body::empty()).unwrap();
    assert_eq!(send(&app, request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_access_table_shows_limits_and_its_test_requests_are_not_counted() {
    let routes = guarded::Router::new()
        .route("/search", guarded::get(search))
        .route("/login", guarded::get(login))
        .route("/view", guarded::get(view));
    let clock = FrozenClock::at(NOON);
    let app = routes.with_auth(layer(&clock));
    let table = app.access();
    let text = table.to_string();
    assert!(text.contains("any user, 2 requests in 10s"), "{text}");
    assert!(text.contains("anybody, 2 requests in 10s"), "{text}");
    let json = table.to_json();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let shown = json.to_string().matches(r#""limit":{"requests":2,"seconds":10}"#).count();
    assert_eq!(shown, 3, "{json}");
    let guards = table.rows().iter().flat_map(|row| row.route().guards());
    assert_eq!(guards.map(GuardMetadata::limit).collect::<Vec<_>>(), [Some((2, Duration::from_secs(10))); 3]);
    for _ in 0..3 {
        table.verify(app.clone()).await.unwrap();
    }
    assert_eq!(status(&app, "/view", HOME, None).await, 200);
}

#[tokio::test]
async fn requests_from_another_site_do_not_use_up_the_limit_of_a_client() {
    let clock = FrozenClock::at(NOON);
    let app = routes().layer(layer(&clock));
    let from_elsewhere = || {
        let request = Request::get("/login").header("sec-fetch-site", "cross-site");
        request.extension(ConnectInfo(SocketAddr::from((HOME, 50_000)))).body(Body::empty()).unwrap()
    };

    let mut statuses = Vec::new();
    for _ in 0..50 {
        statuses.push(send(&app, from_elsewhere()).await.status.as_u16());
    }
    assert_eq!(statuses.last(), Some(&429), "they have a limit of their own");
    assert_eq!(status(&app, "/login", HOME, None).await, 200);
}
