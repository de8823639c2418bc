//! The table of who may call what, held against the router that serves.

use std::sync::atomic::{AtomicUsize, Ordering};

use auth_runtime::{
    Acl, AuthLayer, Groups, KeyRing, Refusal, TicketCookie,
    access::Found,
    acl, acl_required, allow_anonymous, auth_required, guard,
    guard::Permit,
    guarded::{Router, get, post, unguarded},
    permission_required, permit, testing,
};
use axum::{
    Json,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{any, get as axum_get},
};

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

#[permission_required("restart")]
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
    let inner = Router::new().guarded_by(guard::auth()).route("/{a}/{b}", get(about)).fallback(comment);
    Router::new()
        .guarded_by(guard::acl("view", ARTICLES))
        .route("/articles/{id}", get(view).put(edit).post(comment))
        .route("/brew", post(brew))
        .route("/restart", post(restart))
        .route("/permit", get(permitted))
        .nest("/inner", inner)
        .nest("/files", guard::acl("edit", ARTICLES).around(files))
        .nest_service("/open", unguarded("open to all", any(foreign)))
        .route_service("/service", guard::auth().hide().around(any(foreign)))
        .fallback(about)
}

fn auth() -> AuthLayer {
    AuthLayer::new(TicketCookie::new(KeyRing::random())).with_groups(|_| async { Ok(Some(Groups::none())) })
}

#[tokio::test]
async fn a_router_does_what_its_table_says() {
    let routes = routes();
    let access = routes.access();
    let verified = access.verify(routes.with_auth(auth())).await.unwrap_or_else(|wrong| {
        let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        panic!("{}\n{access}", lines.join("\n"))
    });
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

    let nothing = axum::Router::new();
    let wrong = said.verify(nothing).await.unwrap_err();
    assert!(wrong.iter().all(|own| own.found() == Found::NoGuard(StatusCode::NOT_FOUND)), "{wrong:?}");
    assert_eq!((wrong[0].route(), wrong.len()), ("GET /a", 8));
}

#[tokio::test]
async fn a_layer_that_answers_for_the_application_is_found_out() {
    let routes: Router = Router::new().route("/about", get(about));
    let access = routes.access();
    let app =
        routes.with_auth(auth()).layer(axum::middleware::from_fn(async |_: axum::extract::Request, _| {
            StatusCode::SERVICE_UNAVAILABLE
        }));
    let wrong = access.verify(app).await.unwrap_err();
    assert_eq!(wrong[0].found(), Found::NoGuard(StatusCode::SERVICE_UNAVAILABLE));
}

#[tokio::test]
async fn whoever_the_application_bars_is_not_asked() {
    let routes = routes();
    let access = routes.access();
    let verified = access.verify(routes.with_auth(testing::acting_as_barred("alice"))).await.unwrap();
    assert_eq!(verified.left_out, 4);
}
