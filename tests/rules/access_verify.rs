//! The table of who may call what, held against the router that serves.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "small numbers in a test, which stops if it cannot go on"
)]

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
};

use auth_runtime::{
    Acl, AuthLayer, Groups, KeyRing, Permission, Refusal, Resource, Rule, TicketCookie,
    access::{CallerKind, Observed},
    acl, acl_required, allow_anonymous, auth_required, guard,
    guard::Permit,
    guarded::{App, Router, any as guarded_any, get, on as guarded_on, post, unguarded},
    permission_required, permit,
    testing::{self, FakePolicy},
};
use axum::{
    Json,
    extract::{FromRequestParts, Path, Request},
    http::{StatusCode, request::Parts},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{MethodFilter, any, get as axum_get, post as axum_post, put as axum_put},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

#[derive(Clone, Copy, Permission)]
enum Can {
    Restart,
    View,
}

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit"]),
];

/// How often a handler ran. None may.
static RUN: AtomicUsize = AtomicUsize::new(0);

fn ran() {
    RUN.fetch_add(1, Ordering::SeqCst);
}

#[acl_required("view", ARTICLES)]
async fn view(Path(id): Path<u64>) {
    let _ = id;
    ran();
}

#[acl_required("edit", ARTICLES)]
#[auth_required]
async fn edit(body: Json<u64>) {
    let _ = body;
    ran();
}

fn teapot(_: &Refusal) -> Response {
    StatusCode::IM_A_TEAPOT.into_response()
}

#[acl_required("comment", ARTICLES, hide)]
async fn comment() {
    ran();
}

#[acl_required("edit", ARTICLES, refusal = teapot)]
async fn brew() {
    ran();
}

#[permission_required(Can::Restart)]
async fn restart() {
    ran();
}

#[allow_anonymous]
async fn about() {
    ran();
}

permit! {
    struct MayEdit = "edit" in ARTICLES;
}

async fn permitted(_: Permit<MayEdit>) {
    ran();
}

async fn foreign() {
    ran();
}

fn routes() -> Router {
    let files: axum::Router = axum::Router::new().route("/{*path}", axum_get(foreign)).fallback(foreign);
    let inner = Router::new().guarded_by(guard::auth!()).route("/{a}/{b}", get(about)).fallback(comment);
    Router::new()
        .guarded_by(guard::acl!("view", ARTICLES))
        .route("/articles/{id}", get(view).put(edit).post(comment))
        .route("/brew", post(brew))
        .route("/restart", post(restart))
        .route("/permit", get(permitted))
        .nest("/inner", inner)
        .nest("/files", guard::acl!("edit", ARTICLES).around(files))
        .nest_service("/open", unguarded("open to all", any(foreign)))
        .route("/closure", get(unguarded("open to all", async || ran())))
        .route_service("/service", guard::auth!(hide).around(any(foreign)))
        .fallback(about)
}

fn auth() -> AuthLayer {
    AuthLayer::new(TicketCookie::new(KeyRing::random()))
        .with_groups(|_| async { Ok(Some(Groups::none())) })
        .with_policy(policy())
}

fn policy() -> FakePolicy<Can> {
    FakePolicy::permitting([])
}

#[tokio::test]
async fn a_router_does_what_its_table_says() {
    let routes = routes();
    let access = routes.access();
    let verified = access.verify(routes.with_auth(auth())).await.unwrap_or_else(|wrong| {
        let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        panic!("{}\n{access}", lines.join("\n"))
    });
    // The table has the paths of the router, and so has what a proxy passes on that strips a prefix.
    let below = auth().with_base_path("/app").unwrap();
    assert_eq!(access.verify(self::routes().with_auth(below)).await.unwrap(), verified);
    // Four kinds of requests; the route that asks a policy is left out.
    assert_eq!(verified.confirmed + verified.left_out, access.rows().len() * 4);
    assert_eq!(verified.left_out, 4);
    assert_eq!(RUN.load(Ordering::SeqCst), 0, "a handler ran");
}

#[tokio::test]
async fn a_router_that_does_something_else_is_found_out() {
    #[acl_required("comment", ARTICLES)]
    async fn careful() {}
    #[acl_required("view", ARTICLES)]
    async fn careless() {}

    let said = Router::<()>::new().route("/a", get(careful)).route("/b", get(careless)).access();
    let served = Router::<()>::new().route("/a", get(careless)).route("/b", get(careful));
    let wrong = said.verify(served.with_auth(auth())).await.unwrap_err();
    let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    for line in [
        "GET /a for anonymous: the table says 401, but the request got through",
        "GET /a for user mallory: the table says 403, but the request got through",
        "GET /b for anonymous: the table says yes, but a guard answered 401",
        "GET /b for user mallory: the table says yes, but a guard answered 403",
    ] {
        assert!(lines.iter().any(|own| own == line), "{line} is missing: {lines:#?}");
    }
    assert_eq!(lines.len(), 4);

    let nothing = Router::new();
    let wrong = said.verify(nothing.with_auth(auth())).await.unwrap_err();
    assert!(wrong.iter().all(|own| own.found() == Observed::NoGuard(StatusCode::NOT_FOUND)), "{wrong:?}");
    assert_eq!((wrong[0].route(), wrong.len()), ("GET /a", 8));
}

#[tokio::test]
async fn a_layer_that_answers_for_the_application_is_found_out() {
    let routes: Router = Router::new().route("/about", get(about));
    let access = routes.access();
    let app = routes.with_auth(auth()).layer(from_fn(async |_: Request, _| StatusCode::SERVICE_UNAVAILABLE));
    let wrong = access.verify(app).await.unwrap_err();
    assert_eq!(wrong[0].found(), Observed::NoGuard(StatusCode::SERVICE_UNAVAILABLE));
}

/// What `served` has for the routes of `said`, by anonymous requests.
async fn found(said: &Router, served: App) -> Vec<(String, Observed)> {
    let wrong = said.access().verify(served).await.err().unwrap_or_default();
    assert_eq!(RUN.load(Ordering::SeqCst), 0, "a handler ran");
    let of_nobody = wrong.into_iter().filter(|own| own.caller() == CallerKind::Anonymous);
    of_nobody.map(|own| (own.route().to_owned(), own.found())).collect()
}

#[tokio::test]
async fn no_handler_of_another_application_runs() {
    let said = Router::<()>::new()
        .route("/articles/{id}", get(view).put(edit))
        .nest("/inner", Router::new().route("/{a}/{b}", get(about)).fallback(comment));
    let found_everywhere = |found: Observed, tree: Observed| {
        [
            ("GET /articles/{id}", found),
            ("PUT /articles/{id}", found),
            ("/inner fallback", tree),
            ("GET /inner/{a}/{b}", found),
        ]
        .map(|(route, found)| (route.to_owned(), found))
    };
    let not_asked = found_everywhere(Observed::NotAsked, Observed::NotAsked);

    // Whole routers without guards, with a reason
    let plain = || {
        axum::Router::new()
            .route("/articles/{id}", any(foreign))
            .nest("/inner", axum::Router::new().route("/{a}/{b}", axum_get(foreign)))
            .fallback(foreign)
    };
    let merged = Router::new().merge(unguarded("a test", plain()));
    let merged = merged.fallback_service(unguarded("a test", any(foreign)));
    assert_eq!(found(&said, merged.with_auth(auth())).await, not_asked);
    let service = Router::new().fallback_service(unguarded("a test", plain()));
    assert_eq!(found(&said, service.with_auth(auth())).await, not_asked);
    // The table's own application as a service of another one, which asks nothing of what it has
    let hidden = Router::new().fallback_service(unguarded("a test", said.clone().with_auth(auth())));
    assert_eq!(found(&said, hidden.with_auth(auth())).await, not_asked);
    // Single routes without guards
    let open = Router::<()>::new()
        .route("/articles/{id}", unguarded("a test", any(foreign)))
        .nest("/inner", unguarded("a test", axum::Router::new().fallback(foreign)))
        .with_auth(auth());
    assert_eq!(found(&said, open).await, not_asked);
    // Handlers with a reason
    let closure = || unguarded("a test", foreign);
    let inner = Router::new().route("/{a}/{b}", get(closure())).fallback(closure());
    let open =
        Router::<()>::new().route("/articles/{id}", get(closure()).put(closure())).nest("/inner", inner);
    assert_eq!(found(&said, open.with_auth(auth())).await, not_asked);
}

#[tokio::test]
async fn what_comes_before_the_tables_routes_is_found_out() {
    let said = Router::<()>::new().route("/articles/{id}", get(view)).fallback(about);
    let beside = said
        .clone()
        .route("/articles/0", unguarded("a test", axum_get(foreign)))
        .fallback_service(unguarded("a test", any(foreign)));
    assert_eq!(
        found(&said, beside.with_auth(auth())).await,
        ["/ fallback", "GET /articles/{id}"].map(|route| (route.to_owned(), Observed::NotAsked))
    );
    // A layer around the application may have paths of its own.
    let before = said.clone().with_auth(auth()).layer(from_fn(async |request: Request, next: Next| {
        if request.uri().path() == "/articles/0" { "hello".into_response() } else { next.run(request).await }
    }));
    assert_eq!(
        found(&said, before).await,
        [("GET /articles/{id}".to_owned(), Observed::NoGuard(StatusCode::OK))]
    );
}

#[tokio::test]
async fn another_method_of_a_guarded_path_is_found_out() {
    let said = Router::<()>::new().route("/articles/{id}", get(view).put(edit));
    let put = unguarded("a test", axum_put(foreign));
    let served = Router::<()>::new().route("/articles/{id}", get(view)).route("/articles/{id}", put);
    let found = found(&said, served.with_auth(auth())).await;
    assert_eq!(found, [("PUT /articles/{id}".to_owned(), Observed::NotAsked)]);
}

#[tokio::test]
async fn a_service_behind_fewer_guards_than_the_table_says_is_not_called() {
    let files = || guard::auth!().around(any(foreign));
    let said = Router::<()>::new()
        .guarded_by(guard::auth!())
        .guarded_by(guard::auth!())
        .route_service("/f", files());
    let served = Router::<()>::new().route_service("/f", files());
    let verified = said.access().verify(served.with_auth(auth())).await.unwrap();
    assert_eq!((verified.confirmed, RUN.load(Ordering::SeqCst)), (2, 0));
}

struct Article;

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = guard::Missing;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, guard::Missing> {
        ran();
        Ok(Self)
    }
}

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        ARTICLES.rules().iter().copied()
    }
}

permit! {
    struct MayView = "view", anonymous;
}

#[tokio::test]
async fn nothing_is_loaded_for_a_table_that_did_not_know_of_it() {
    #[acl_required("view", article, anonymous)]
    async fn its_own(article: Article) {
        let _ = article;
        ran();
    }
    async fn its_permit(_: Permit<MayView, Article>) {
        ran();
    }
    #[acl_required("view", article)]
    async fn of_users(article: Article) {
        let _ = article;
        ran();
    }

    let said = || Router::<()>::new().route("/a", get(view)).route("/b", get(view));
    let served = Router::<()>::new().route("/a", get(its_own)).route("/b", get(its_permit));
    let expected = ["GET /a", "GET /b"].map(|route| (route.to_owned(), Observed::NotAsked));
    assert_eq!(found(&said(), served.with_auth(auth())).await, expected);

    let served = Router::<()>::new().route("/a", get(of_users)).route("/b", get(view));
    let expected = [("GET /a".to_owned(), Observed::Refused(StatusCode::UNAUTHORIZED))];
    assert_eq!(found(&said(), served.with_auth(auth())).await, expected);
}

#[tokio::test]
async fn users_blocked_by_the_application_are_skipped() {
    let routes = routes();
    let access = routes.access();
    let verified = access
        .verify(routes.with_auth(testing::acting_as_blocked("alice").with_policy(policy())))
        .await
        .unwrap();
    assert_eq!(verified.left_out, 4);
}

/// The answers of the table's own router; none of them may be wrong.
#[expect(clippy::panic, reason = "a test that cannot go on must stop")]
async fn verified(routes: Router) -> (usize, usize) {
    let access = routes.access();
    let verified = access.verify(routes.with_auth(auth())).await.unwrap_or_else(|wrong| {
        let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        panic!("{}\n{access}", lines.join("\n"))
    });
    (verified.confirmed, verified.left_out)
}

fn every_common_method() -> MethodFilter {
    let safe = MethodFilter::GET.or(MethodFilter::HEAD);
    safe.or(MethodFilter::POST).or(MethodFilter::PUT).or(MethodFilter::PATCH).or(MethodFilter::DELETE)
}

fn every_method() -> MethodFilter {
    every_common_method().or(MethodFilter::OPTIONS).or(MethodFilter::TRACE).or(MethodFilter::CONNECT)
}

#[tokio::test]
async fn every_method_of_a_route_is_asked() {
    let filter = || MethodFilter::GET.or(MethodFilter::POST);
    let said = Router::<()>::new().route("/a", guarded_on(filter(), view)).route("/b", guarded_any(view));
    let post = || unguarded("a test", axum_post(foreign));
    let served = Router::<()>::new().route("/a", get(view)).route("/b", get(view));
    let served = served.route("/a", post()).route("/b", post()).with_auth(auth());
    let expected = ["POST /a", "POST /b"].map(|route| (route.to_owned(), Observed::NotAsked));
    assert_eq!(found(&said, served).await, expected);

    // A handler of GET answers HEAD as well, unless there is another one.
    let said = Router::<()>::new().route("/a", get(view));
    assert_eq!(found(&said, said.clone().with_auth(auth())).await, []);
    let head = said.clone().route("/a", unguarded("a test", axum::routing::head(foreign)));
    assert_eq!(found(&said, head.with_auth(auth())).await, [("HEAD /a".to_owned(), Observed::NotAsked)]);
}

#[tokio::test]
async fn other_methods_of_a_path_are_asked_by_one_of_them() {
    for routes in [
        Router::new().route("/a", get(view).fallback(edit)),
        Router::new().route("/a", get(view).post(view).put(view).patch(view).delete(view).fallback(edit)),
        Router::new().route("/a", guarded_any(edit).get(view)),
        Router::new().route("/a", guarded_any(edit).get(view).head(comment)),
        Router::new().route("/a", guarded_on(every_common_method(), view).fallback(edit)),
        Router::new().route("/a", guarded_on(every_method(), view).fallback(edit)),
    ] {
        let answers = routes.access().rows().len() * 4;
        assert_eq!(verified(routes).await, (answers, 0));
    }
    let said = Router::<()>::new().route("/a", get(view).fallback(edit));
    let others = unguarded("a test", axum_post(foreign).put(foreign).patch(foreign).delete(foreign));
    let served = Router::<()>::new().route("/a", get(view)).route("/a", others);
    assert_eq!(found(&said, served.with_auth(auth())).await, [("any /a".to_owned(), Observed::NotAsked)]);
}

#[tokio::test]
async fn a_route_is_asked_by_a_path_that_no_other_route_answers() {
    for routes in [
        Router::new().route("/{a}", get(view)).route("/0", get(edit)),
        Router::new().route("/{a}", get(edit)).route("/v{a}", get(view)),
        Router::new().route("/{a}", get(edit)).fallback(view),
        Router::new()
            .route("/{a}", get(edit))
            .route("/{a}/{b}", get(edit))
            .route("/", get(edit))
            .fallback(view),
        Router::new()
            .route("/{a}", get(edit))
            .nest("/n", Router::new().route("/{a}", get(edit)).fallback(view)),
        Router::new().route("/{a}", get(edit)).nest(
            "/n/{tenant}",
            Router::new().route("/{a}", get(edit)).route("/0/0", get(edit)).fallback(view),
        ),
        Router::new()
            .route("/files/{a}/{b}", get(edit))
            .nest_service("/more", guard::acl!("view", ARTICLES).around(any(foreign)))
            .route("/{a}/0", get(edit)),
        Router::new().route("/{{a}}", get(view)).route("/{a}", get(edit)),
        Router::new().route("/{*rest}", get(edit)).route("/0/{a}", get(view)),
    ] {
        let answers = routes.access().rows().len() * routes.access().callers().len();
        assert_eq!(verified(routes).await, (answers, 0));
    }
    // What no path leads to is left out.
    let routes = Router::new().route("/", get(edit)).route("/{*rest}", get(edit)).fallback(view);
    assert_eq!(verified(routes).await, (8, 4));
    // So is a router of axum's own that was merged: which paths it has is not known.
    let merged = guard::acl!("edit", ARTICLES).around(axum::Router::new().route("/a", axum_get(foreign)));
    assert_eq!(verified(Router::new().route("/b", get(view)).merge(merged)).await, (4, 4));
}

#[allow_anonymous]
async fn ask_me() -> &'static str {
    "the handler"
}

#[auth_required]
async fn ask_users() -> &'static str {
    "the handler"
}

#[tokio::test]
async fn a_request_from_the_network_is_never_a_probe() {
    let service = || any(async || "the service");
    let app = Router::new()
        .route("/handler", guarded_any(ask_me))
        .route("/users", guarded_any(ask_users))
        .route_service("/service", unguarded("a test", service()))
        .nest("/tree", unguarded("a test", axum::Router::new().fallback_service(service())))
        .route("/methods", unguarded("a test", service()))
        .with_auth(auth());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    // Extensions are not sent. A client cannot make its request a probe, so the handler responds.
    let names = ["probe", "probe-answer", "x-probe", "x-auth-runtime-probe", "extensions"];
    let values =
        ["1", "passed", r#"{"user":"alice","groups":["editors"]}"#, "Probe { user: None, groups: [] }"];
    for (path, expected) in [
        ("/handler", "200 OK\r\n|the handler"),
        ("/service", "200 OK\r\n|the service"),
        ("/tree/a", "200 OK\r\n|the service"),
        ("/methods", "200 OK\r\n|the service"),
        ("/users", "401 Unauthorized\r\n|"),
    ] {
        for method in ["GET", "POST", "PROBE"] {
            for value in values {
                let lines = names.map(|name| format!("{name}: {value}\r\n")).concat();
                let (status, body) = expected.split_once('|').unwrap();
                let answer = sent(address, &format!("{method} {path}?probe=passed"), &lines).await;
                let is_right = answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(body);
                assert!(is_right, "{method} {path} {value}: {answer}");
            }
        }
    }
    server.abort();
}

/// The answer to one request over the network.
async fn sent(address: SocketAddr, line: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[test]
#[should_panic(expected = "`Router::route_service`")]
fn a_router_is_not_a_service_of_one_route() {
    drop(Router::<()>::new().route_service("/a", unguarded("a test", axum::Router::new())));
}
