//! A group source sees the request, the credential and the loaded user; a cache of groups sees only the user.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use auth_runtime::{
    Acl, Answer, Auth, AuthError, AuthLayer, BoxError, CurrentUser, Groups, KeyRing, TicketCookie, UserId,
    acl, acl_required, auth_required,
    authorization::{
        CachedGroups, GroupPath, GroupQuestion, GroupRules, GroupSource, Role, SessionGroups, by_request,
        never_blocks, now, union,
    },
    testing::{FakeIdentity, FrozenClock, USER_HEADER},
    users::Users,
};
use axum::{
    Router,
    http::{Request, StatusCode, header, request::Builder},
    routing::{get, post},
};

use crate::support;

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];

#[acl_required("edit", ARTICLES)]
async fn edit() {}

/// Asks in the handler, and not by a guard.
async fn ask_in_handler(auth: Auth) -> Result<String, AuthError> {
    Ok(auth.permits("edit", ARTICLES).await?.to_string())
}

#[auth_required]
async fn loads_first(_: CurrentUser<Person>, auth: Auth) -> Result<String, AuthError> {
    Ok(auth.permits("edit", ARTICLES).await?.to_string())
}

struct Person {
    teams: &'static [&'static str],
}

fn load(user: &UserId) -> Option<Person> {
    match user.as_str() {
        "alice" => Some(Person { teams: &["editors"] }),
        "bob" => Some(Person { teams: &[] }),
        _ => None,
    }
}

fn teams(question: GroupQuestion<'_>) -> Groups {
    question.loaded_user::<Person>().map(|person| person.teams.iter().copied().collect()).unwrap_or_default()
}

fn routes() -> Router {
    Router::new()
        .route("/edit", get(edit))
        .route("/ask", get(ask_in_handler))
        .route("/loads-first", get(loads_first))
}

fn as_user(path: &str, user: &str) -> Builder {
    Request::get(path).header(USER_HEADER, user)
}

#[tokio::test]
async fn the_source_sees_the_loaded_user() {
    let users = |user: UserId| async move { Ok::<_, BoxError>(load(&user)) };
    let groups = || by_request(|question| Ok(Some(teams(question))));
    let app =
        routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_users(users).with_groups(groups()));
    assert_eq!(support::ask(&app, as_user("/edit", "alice")).await.status, StatusCode::OK);
    assert_eq!(support::ask(&app, as_user("/edit", "bob")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(support::get(&app, "/edit").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(support::ask(&app, as_user("/ask", "alice")).await.text(), "true");

    // Without a loader, or with users of another type, there is none.
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_groups(groups()));
    assert_eq!(support::ask(&app, as_user("/edit", "alice")).await.status, StatusCode::FORBIDDEN);
    let others = |_: UserId| async move { Ok::<_, BoxError>(Some("another type")) };
    let app =
        routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_users(others).with_groups(groups()));
    assert_eq!(support::ask(&app, as_user("/edit", "alice")).await.status, StatusCode::FORBIDDEN);
}

/// The groups must not depend on which extractor ran first.
#[tokio::test]
async fn a_user_that_is_loaded_on_demand_is_not_seen() {
    let users = Users::new(|user: UserId| async move { Ok::<_, BoxError>(load(&user)) }).on_demand();
    let groups = by_request(|question| Ok(Some(teams(question))));
    let app = routes()
        .layer(AuthLayer::new(FakeIdentity::by_header()).with_users(users).with_groups(never_blocks(groups)));
    assert_eq!(support::ask(&app, as_user("/ask", "alice")).await.text(), "false");
    assert_eq!(support::ask(&app, as_user("/loads-first", "alice")).await.text(), "false");
}

/// Groups in the tenant that the request names.
struct Tenants(BTreeMap<(&'static str, &'static str), Groups>, Arc<AtomicU32>);

impl GroupSource for Tenants {
    fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Answer::later(async move {
            tokio::task::yield_now().await;
            let request = question.request().ok_or("there is no request")?;
            let host =
                request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            let user = question.user().map_or("", UserId::as_str);
            Ok(Some(self.0.get(&(host, user)).cloned().unwrap_or_default()))
        })
    }

    fn reads_request(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn the_source_sees_the_request_whoever_asks() {
    let asked = Arc::new(AtomicU32::new(0));
    let table = BTreeMap::from([(("a.example", "alice"), Groups::from(["editors"]))]);
    let auth = AuthLayer::new(FakeIdentity::by_header()).with_groups(Tenants(table, Arc::clone(&asked)));
    let app = routes().layer(auth);
    for (host, user, status, answer) in [
        ("a.example", "alice", StatusCode::OK, "true"),
        ("b.example", "alice", StatusCode::FORBIDDEN, "false"),
        ("a.example", "bob", StatusCode::FORBIDDEN, "false"),
    ] {
        asked.store(0, Ordering::SeqCst);
        let guarded = as_user("/edit", user).header(header::HOST, host);
        assert_eq!(support::ask(&app, guarded).await.status, status, "{host} {user}");
        assert_eq!(asked.load(Ordering::SeqCst), 1, "once per request");
        let in_handler = as_user("/ask", user).header(header::HOST, host);
        assert_eq!(support::ask(&app, in_handler).await.text(), answer, "{host} {user}");
    }
}

/// The credential is that of the user, not of the one who impersonates; both are asked about.
#[tokio::test]
async fn the_credential_is_that_of_its_user() {
    async fn login(auth: Auth) -> Result<(), AuthError> {
        auth.remember("root").await
    }
    #[acl_required("edit", ARTICLES)]
    async fn act_as(auth: Auth) -> Result<(), AuthError> {
        auth.impersonate("alice").await
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let groups = {
        let seen = Arc::clone(&seen);
        by_request(move |question| {
            let identity = question.credential().and_then(|found| found.identity());
            let user = question.user().map(ToString::to_string).unwrap_or_default();
            let found = identity.map_or("none", |identity| identity.as_str()).to_owned();
            seen.lock().unwrap().push((user, found, question.request().is_some()));
            Ok(Some(Groups::from(["editors"])))
        })
    };
    let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_groups(groups);
    let app: Router = Router::new()
        .route("/login", post(login))
        .route("/act-as", post(act_as))
        .route("/edit", get(edit))
        .layer(auth.with_clock(FrozenClock::at(1_700_000_000)));
    let root = support::ask(&app, Request::post("/login")).await.cookies().remove(0);
    let answer = support::ask(&app, Request::post("/act-as").header(header::COOKIE, &root)).await;
    let acting = answer.cookies().remove(0);
    seen.lock().unwrap().clear();
    let answer = support::ask(&app, Request::get("/edit").header(header::COOKIE, &acting)).await;
    assert_eq!(answer.status, StatusCode::OK);
    let expected =
        [("alice".to_owned(), "alice".to_owned(), true), ("root".to_owned(), "none".to_owned(), true)];
    assert_eq!(*seen.lock().unwrap(), expected);
}

/// A cache keeps groups for other requests of the user, so it takes no source that reads the request.
#[test]
fn groups_of_a_request_are_not_cached() {
    let by_question = || by_request(|_| Ok(Some(Groups::none())));
    let session = || SessionGroups::new(GroupPath::from_static("teams"));
    let message = |cached: &dyn Fn()| {
        let panic = catch_unwind(AssertUnwindSafe(cached)).err()?;
        Some((*panic.downcast::<&'static str>().unwrap()).to_owned())
    };
    for rejected in [
        &(|| drop(CachedGroups::new(by_question()))) as &dyn Fn(),
        &|| drop(CachedGroups::new(session())),
        &|| drop(CachedGroups::new(never_blocks(session()))),
        &|| drop(CachedGroups::new(GroupRules::new(session()).with_group("a", Role::group("b")))),
        &|| drop(CachedGroups::new(union(now(|_| Ok(None)), session()))),
        &|| drop(CachedGroups::new(union(session(), now(|_| Ok(None))))),
    ] {
        let told = message(rejected).expect("the source reads the request");
        assert!(told.contains("add this one by `authorization::union`"), "{told}");
    }
    assert!(message(&|| drop(CachedGroups::new(now(|_| Ok(None))))).is_none());
    assert!(message(&|| drop(union(session(), CachedGroups::new(now(|_| Ok(None)))))).is_none());
}

/// What a cache asks has no request, even if its source would read one without saying so.
#[tokio::test]
async fn a_cache_asks_without_the_request() {
    struct Secretly(Arc<Mutex<Vec<bool>>>);
    impl GroupSource for Secretly {
        fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
            let sees = question.request().is_some() || question.credential().is_some();
            self.0.lock().unwrap().push(sees);
            Answer::Now(Ok(Some(Groups::from(["editors"]))))
        }
    }
    let seen = Arc::default();
    let groups = CachedGroups::new(Secretly(Arc::clone(&seen)));
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_groups(groups));
    for _ in 0..2 {
        assert_eq!(support::ask(&app, as_user("/edit", "alice")).await.status, StatusCode::OK);
    }
    assert_eq!(*seen.lock().unwrap(), [false]);
}

/// `union` blocks only if one of the two may.
#[test]
fn a_union_never_blocks_if_neither_does() {
    let source = || now(|_| Ok(Some(Groups::none())));
    assert!(union(never_blocks(source()), never_blocks(source())).never_blocks());
    assert!(!union(source(), never_blocks(source())).never_blocks());
    assert!(!union(never_blocks(source()), source()).never_blocks());
    assert!(!format!("{:?}", GroupQuestion::about(None)).is_empty());
}
