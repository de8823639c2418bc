//! What a request remembers is its own: several tasks and several extractors share it, and nothing of it stays behind.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop, and one of its handlers panics"
)]

use std::{
    future::pending,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use auth_runtime::{
    Auth, AuthError, AuthLayer, BoxError, CurrentUser, Identity, IdentityPolicy, Key, KeyRing, LoginOptions,
    Permission, Refusal, TicketCookie, UserId, async_trait,
    authorization::{AuthorizationPolicy, PolicyDecision, Question},
    identity::{ChangeContext, Effects, Identification, IdentityError, Incoming},
    refusal::RefusalLayer,
    testing::{self, FakeIdentity, USER_HEADER},
    users::Users,
};
use axum::{
    Router,
    body::Body,
    extract::{FromRequestParts, Request},
    handler::Handler,
    http::{self, HeaderValue, StatusCode},
    middleware::{Next, from_fn},
    response::Response,
    routing::get,
};
use futures_util::FutureExt as _;
use tokio::sync::Notify;
use tower::ServiceExt as _;

use crate::support::{Answer, ask};

#[derive(Clone, Copy, Permission)]
enum Can {
    Read,
}

const TENANT: &str = "x-tenant";

/// Grants what the tenant in the request's head may do.
struct ByTenant;

#[async_trait]
impl AuthorizationPolicy for ByTenant {
    type Permission = Can;

    async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        let tenant = question.request().headers().get(TENANT);
        Ok(PolicyDecision::allow_if(tenant.is_some_and(|tenant| tenant == "good")))
    }
}

/// Takes an `Auth` for itself, and then says which tenant the request is of.
async fn name_tenant(auth: Auth, mut request: Request, next: Next) -> Response {
    assert!(auth.is_anonymous().await.is_ok());
    let tenant = if request.headers().contains_key("x-other") { "bad" } else { "good" };
    request.headers_mut().insert(TENANT, HeaderValue::from_static(tenant));
    next.run(request).await
}

async fn watch(auth: Auth) -> Result<(), AuthError> {
    auth.watch_policy(Can::Read).await.map(drop)
}

// What is asked again is asked as the guard before the handler was.
#[tokio::test]
async fn a_handler_that_comes_later_holds_the_head_that_it_was_given() {
    let layer = AuthLayer::new(FakeIdentity::by_header()).with_policy(ByTenant);
    let app = Router::new().route("/", get(watch)).layer(from_fn(name_tenant)).layer(layer);
    let request = || http::Request::get("/").header(USER_HEADER, "alice");
    assert_eq!(ask(&app, request()).await.status, StatusCode::OK);
    // A head from before the tenant was known, or one with the client's own words about it, would say otherwise.
    let lying = request().header("x-other", "1").header(TENANT, "good");
    assert_eq!(ask(&app, lying).await.status, StatusCode::FORBIDDEN);
}

async fn refuse(auth: Auth) -> Result<(), AuthError> {
    auth.check_authorized().await.map(drop)
}

async fn pass(_: Auth, request: Request, next: Next) -> Response {
    next.run(request).await
}

#[tokio::test]
async fn an_error_is_shown_as_the_innermost_router_wants_it() {
    let teapot = |refusal: &Refusal| (StatusCode::IM_A_TEAPOT, format!("{:?}", refusal.kind()));
    let app = Router::new()
        .route("/", get(refuse))
        .layer(RefusalLayer::new(teapot))
        .layer(from_fn(pass))
        .layer(testing::anonymous());
    assert_eq!(ask(&app, http::Request::get("/")).await.status, StatusCode::IM_A_TEAPOT);
}

/// Hands its own `Auth` on, as an extension.
async fn hand_on(auth: Auth, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(auth);
    next.run(request).await
}

async fn panics(_: Auth, _: Auth) {
    panic!("on purpose")
}

// Whether the handler answers, panics, never ends, or leaves a task behind that does.
#[tokio::test]
async fn nothing_of_a_request_outlives_it() {
    let kept: Arc<Mutex<Vec<Auth>>> = Arc::default();
    let keep = Arc::clone(&kept);
    let app = Router::new()
        .route("/answer", get(async |_: Auth, _: Auth| {}))
        .route("/panic", get(panics))
        .route("/never", get(async |_: Auth, _: Auth| pending::<()>().await))
        .route("/keep", get(async move |one: Auth, other: Auth| keep.lock().unwrap().extend([one, other])))
        .layer(from_fn(hand_on))
        .layer(testing::acting_as("alice", ["readers"]));
    for (path, ends) in [("/answer", true), ("/panic", true), ("/never", false), ("/keep", false)] {
        let sentinel = Arc::new(());
        let request = Request::get(path).extension(Arc::clone(&sentinel)).body(Body::empty()).unwrap();
        let mut answer = Box::pin(AssertUnwindSafe(app.clone().oneshot(request)).catch_unwind());
        for _ in 0..16 {
            if answer.as_mut().now_or_never().is_some() {
                break;
            }
        }
        assert_eq!(Arc::strong_count(&sentinel) == 1, ends, "{path}");
        // The client goes away.
        drop(answer);
        kept.lock().unwrap().clear();
        assert_eq!(Arc::strong_count(&sentinel), 1, "{path}");
    }
}

/// Tickets, the first of which takes long to be looked at.
#[derive(Clone)]
struct Slow {
    tickets: Arc<TicketCookie>,
    /// Whether all others are looked at at once
    asked: Arc<AtomicUsize>,
    begun: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl Slow {
    fn new() -> Self {
        let (asked, begun, go_on) = Default::default();
        Self { tickets: Arc::new(tickets()), asked, begun, go_on }
    }
}

fn tickets() -> TicketCookie {
    TicketCookie::new(KeyRing::new(Key::from_bytes((7..39).collect::<Vec<_>>()).unwrap()))
}

#[async_trait]
impl IdentityPolicy for Slow {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        auth_runtime::Answer::later(async move {
            let found = self.tickets.identify(request).await;
            if self.asked.fetch_add(1, Ordering::SeqCst) == 0 {
                self.begun.notify_one();
                self.go_on.notified().await;
            }
            found
        })
    }

    async fn remember(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        options: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        self.tickets.remember(context, identity, options).await
    }

    async fn forget(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        self.tickets.forget(context).await
    }
}

/// The answer of a handler to a request with alice's ticket, under this policy.
async fn answer_to_alice<H, T>(policy: Slow, handler: H) -> Answer
where
    H: Handler<T, ()>,
    T: 'static,
{
    let login = async |auth: Auth| auth.remember("alice").await;
    let app = Router::new().route("/", get(login)).layer(AuthLayer::new(tickets()));
    let cookie = ask(&app, http::Request::get("/")).await.cookies().remove(0);
    let app = Router::new().route("/", get(handler)).layer(AuthLayer::new(policy));
    ask(&app, http::Request::get("/").header("cookie", cookie)).await
}

#[tokio::test]
async fn two_tasks_of_a_request_ask_once_who_it_is() {
    let policy = Slow::new();
    let Slow { begun, go_on, asked, .. } = policy.clone();
    let handler = async move |request: Request| {
        let (parts, _) = request.into_parts();
        let ask = |mut parts: http::request::Parts| {
            tokio::spawn(async move { UserId::from_request_parts(&mut parts, &()).await.ok().unwrap() })
        };
        let (gone, first) = (ask(parts.clone()), ask(parts.clone()));
        begun.notified().await;
        // Who asked goes away, and the next one asks instead; after that there is an answer for all.
        gone.abort();
        let others = [(); 4].map(|()| ask(parts.clone()));
        tokio::task::yield_now().await;
        go_on.notify_one();
        let mut users = vec![first.await.unwrap()];
        for other in others {
            users.push(other.await.unwrap());
        }
        assert!(users.iter().all(|user| user == "alice"), "{users:?}");
    };
    assert_eq!(answer_to_alice(policy, handler).await.status, StatusCode::OK);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

/// A look-up of the earlier user that ends after a log-out is not used for the later one.
#[tokio::test]
async fn a_user_who_is_loaded_late_is_not_brought_back() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (slow, release) = (Arc::clone(&begun), Arc::clone(&go_on));
    let people = move |user: UserId| {
        let (slow, release) = (Arc::clone(&slow), Arc::clone(&release));
        async move {
            slow.notify_one();
            release.notified().await;
            Ok(Some(user.to_string()))
        }
    };
    let layer = AuthLayer::new(FakeIdentity::user("alice")).with_users(Users::new(people).on_demand());
    let handler = async move |auth: Auth, request: Request| {
        let (mut parts, _) = request.into_parts();
        let loaded = tokio::spawn(async move {
            Option::<CurrentUser<String>>::from_request_parts(&mut parts, &()).await.ok().unwrap()
        });
        begun.notified().await;
        auth.forget().await.unwrap();
        go_on.notify_one();
        assert!(loaded.await.unwrap().is_none() && auth.is_anonymous().await.unwrap());
    };
    let app = Router::new().route("/", get(handler)).layer(layer);
    assert_eq!(ask(&app, http::Request::get("/")).await.status, StatusCode::OK);
}
