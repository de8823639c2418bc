//! The groups callback is called at most once per request, and no failure of it lets a request pass (fail
//! closed).

#![expect(clippy::panic, reason = "callbacks that panic are what is tested")]

use std::{
    cell::Cell,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, BoxError, Groups, Permission, UserId, acl, acl_required,
    allow_anonymous, auth_required,
    authorization::never_blocks,
    guard, permission_required,
    testing::{FakeIdentity, FakePolicy, USER_HEADER},
};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, request::Builder},
    routing::get,
};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

use crate::support::{self, Log};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

const PAGES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, User("root"), ["edit"]),
    (Allow, Group("editors"), ["edit", "comment"]),
    (Allow, Authenticated, ["comment"]),
];

thread_local! {
    /// How many handlers were entered; each test has a thread of its own.
    static ENTERED: Cell<usize> = const { Cell::new(0) };
}

fn entered() -> StatusCode {
    ENTERED.set(ENTERED.get().wrapping_add(1));
    StatusCode::OK
}

#[acl_required("view", PAGES)]
async fn view() -> StatusCode {
    entered()
}

#[acl_required("edit", PAGES)]
async fn edit() -> StatusCode {
    entered()
}

#[acl_required("comment", PAGES)]
async fn comment() -> StatusCode {
    entered()
}

#[auth_required]
async fn profile() -> StatusCode {
    entered()
}

#[permission_required(Can::Edit)]
async fn by_policy() -> StatusCode {
    entered()
}

#[acl_required("edit", PAGES, hide)]
async fn hidden() -> StatusCode {
    entered()
}

#[allow_anonymous]
async fn public() -> &'static str {
    "public"
}

#[auth_required]
#[acl_required(any("edit", "comment"), PAGES)]
#[permission_required(Can::Edit)]
async fn everything(auth: Auth, _: UserId) -> Result<String, AuthError> {
    let groups = auth.groups().await?;
    let edit = auth.permits("edit", PAGES).await?;
    let again = auth.explain("comment", PAGES).await?;
    auth.check_authorized().await?;
    auth.authorized_userid().await?;
    Ok(format!("{groups:?} {edit} {again}"))
}

fn routes() -> Router {
    Router::new()
        .route("/view", get(view))
        .route("/edit", get(edit))
        .route("/comment", get(comment))
        .route("/profile", get(profile))
        .route("/policy", get(by_policy))
        .route("/hidden", get(hidden))
        .route("/layer", get(public).route_layer(guard::acl!("edit", PAGES)))
        .route("/public", get(public))
        .route("/everything", get(everything))
}

fn policy() -> FakePolicy<Can> {
    FakePolicy::permitting([Can::Edit])
}

type Asked = Arc<Mutex<Vec<Option<String>>>>;

/// A callback that records the users of its calls.
fn counted(blocks: bool) -> (Router, Asked) {
    let asked = Asked::default();
    let list = Arc::clone(&asked);
    let groups = move |user: Option<UserId>| {
        list.lock().unwrap_or_else(PoisonError::into_inner).push(user.map(|user| user.to_string()));
        async { Ok(Some(Groups::from(["editors"]))) }
    };
    let layer = AuthLayer::new(FakeIdentity::by_header()).with_policy(policy());
    let layer = if blocks { layer.with_groups(groups) } else { layer.with_groups(never_blocks(groups)) };
    (routes().layer(layer), asked)
}

fn taken(asked: &Asked) -> Vec<Option<String>> {
    std::mem::take(&mut *asked.lock().unwrap_or_else(PoisonError::into_inner))
}

#[tokio::test]
async fn it_is_asked_once_however_many_want_to_know() {
    for blocks in [true, false] {
        let (app, asked) = counted(blocks);
        let answer = support::ask(&app, Request::get("/everything").header(USER_HEADER, "alice")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.text().starts_with(r#"Some({"editors"}) true"#), "{}", answer.text());
        assert_eq!(taken(&asked), [Some("alice".to_owned())]);
    }
}

#[tokio::test]
async fn it_is_not_asked_where_groups_cannot_matter() {
    let alice = || vec![Some("alice".to_owned())];
    for (path, user, expected) in [
        ("/public", Some("alice"), vec![]),
        ("/no/such/page", Some("alice"), vec![]),
        ("/view", None, vec![]),
        ("/view", Some("alice"), vec![]),
        ("/profile", Some("alice"), vec![]),
        ("/profile", None, vec![]),
        ("/edit", Some("root"), vec![]),
        ("/edit", Some("alice"), alice()),
        ("/edit", None, vec![None]),
        ("/comment", Some("alice"), alice()),
    ] {
        let request = || {
            let request = Request::get(path);
            if let Some(user) = user { request.header(USER_HEADER, user) } else { request }
        };
        let (app, asked) = counted(false);
        support::ask(&app, request()).await;
        assert_eq!(taken(&asked), expected, "{path} {user:?}");
        // One that might bar is asked wherever a guard stands, once.
        let (app, asked) = counted(true);
        support::ask(&app, request()).await;
        let guarded = !matches!(path, "/public" | "/no/such/page") && (path, user) != ("/profile", None);
        let expected = if guarded { vec![user.map(str::to_owned)] } else { vec![] };
        assert_eq!(taken(&asked), expected, "{path} {user:?}");
    }
}

const GUARDED: [&str; 7] = ["/view", "/edit", "/comment", "/profile", "/policy", "/hidden", "/layer"];

#[tokio::test]
async fn none_blocks_even_from_what_everyone_may() {
    let layer = AuthLayer::new(FakeIdentity::by_header())
        .with_policy(policy())
        .with_groups(|_: Option<UserId>| async { Ok(None) });
    let app = routes().layer(layer);
    for path in GUARDED {
        for (user, refused) in [(Some("alice"), 403), (Some("root"), 403), (None, 401)] {
            let request = Request::get(path);
            let request = if let Some(user) = user { request.header(USER_HEADER, user) } else { request };
            let expected = if path == "/hidden" { 404 } else { refused };
            assert_eq!(support::ask(&app, request).await.status.as_u16(), expected, "{path} {user:?}");
        }
    }
    assert_eq!(ENTERED.get(), 0);
    assert_eq!(support::get(&app, "/public").await.status, StatusCode::OK);
}

/// What the callback does in the end.
#[derive(Clone, Copy, Debug)]
enum End {
    Fail,
    Panic,
    Never,
}

/// A callback that waits so many times, and then comes to that end.
fn ending(polls: usize, end: End) -> Router {
    let groups = move |user: Option<UserId>| async move {
        for _ in 0..polls {
            tokio::task::yield_now().await;
        }
        if user.is_some_and(|user| user == "healthy") {
            return Ok(Some(Groups::from(["editors"])));
        }
        match end {
            End::Fail => Err(BoxError::from("the directory is down")),
            End::Panic => panic!("{FIRE}"),
            End::Never => std::future::pending().await,
        }
    };
    let layer = AuthLayer::new(FakeIdentity::by_header()).with_policy(policy()).with_groups(groups);
    routes().layer(layer).layer(CatchPanicLayer::new())
}

fn from(user: &str, path: &str) -> Builder {
    Request::get(path).header(USER_HEADER, user)
}

#[tokio::test]
async fn a_failure_is_neither_yes_nor_no() {
    for polls in 0..4 {
        let app = ending(polls, End::Fail);
        for path in GUARDED {
            let (answer, told) = Log::of(support::ask(&app, from("alice", path))).await;
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert_eq!(
                (answer.header("retry-after"), answer.header("cache-control")),
                ("5".into(), "no-store".into())
            );
            assert!(!answer.text().contains("directory"), "the cause is for the log");
            let failed: Vec<_> = told.iter().filter(|it| it.message == "failed").collect();
            assert!(
                matches!(failed.as_slice(), [it] if it.field("error") == "the directory is down"),
                "{told:?}"
            );
            assert_eq!(told.len(), 2, "and the refusal itself: {told:?}");
        }
        assert_eq!(ENTERED.get(), 0);
        assert_eq!(support::ask(&app, from("alice", "/public")).await.status, StatusCode::OK);
    }
    assert_eq!(support::ask(&ending(0, End::Fail), from("healthy", "/edit")).await.status, StatusCode::OK);
}

/// Keeps the expected panics out of the output.
fn silence() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str() != Some(FIRE) {
            usual(panic);
        }
    }));
}

const FIRE: &str = "the directory is on fire";

#[tokio::test]
async fn a_panic_harms_its_own_request_only() {
    silence();
    for polls in 0..4 {
        let app = ending(polls, End::Panic);
        for path in GUARDED {
            for _ in 0..36 {
                let answer = support::ask(&app, from("alice", path)).await;
                assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            }
            let healthy = support::ask(&app, from("healthy", path)).await.status;
            assert_eq!(healthy, StatusCode::OK, "{path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_given_up_leaves_nothing_behind() {
    for polls in 0..4 {
        let app = ending(polls, End::Never);
        for path in GUARDED {
            let request = from("alice", path).body(Body::empty()).unwrap();
            let answer = tokio::time::timeout(Duration::from_secs(1), app.clone().oneshot(request)).await;
            assert!(answer.is_err(), "{path}");
            assert_eq!(support::ask(&app, from("healthy", path)).await.status, StatusCode::OK, "{path}");
        }
    }
}

#[tokio::test]
async fn a_handler_sees_the_groups_that_its_guard_saw() {
    let count = AtomicUsize::new(0);
    let groups = move |_: Option<UserId>| {
        let first = count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
        async move { Ok(Some(if first { Groups::from(["editors"]) } else { Groups::none() })) }
    };
    let app =
        routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_policy(policy()).with_groups(groups));
    let first = support::ask(&app, from("alice", "/everything")).await;
    assert!(first.text().starts_with(r#"Some({"editors"}) true"#));
    assert_eq!(support::ask(&app, from("alice", "/edit")).await.status, StatusCode::FORBIDDEN);
}

/// Two ways to be `Itself` where a type can become groups, so that naming it then does not compile.
trait NotGroups<A> {
    fn checked() {}
}

impl<T: ?Sized> NotGroups<()> for T {}
impl<T: Into<Groups>> NotGroups<u8> for T {}

#[test]
fn a_text_does_not_become_a_list_of_groups() {
    <&str as NotGroups<_>>::checked();
    <String as NotGroups<_>>::checked();
    <Option<&str> as NotGroups<_>>::checked();
    assert_eq!(Groups::from(["admin"]).len(), 1);
}
