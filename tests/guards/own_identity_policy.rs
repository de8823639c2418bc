//! What an application's own identity policy says by `Identified`, `Effects` and `ChangeContext` is done.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Waker},
};

use auth_runtime::{
    Answer, Auth, AuthError, AuthLayer, Identity, LoginOptions, UserId, async_trait, auth_required,
    clock::UnixTime,
    identity::{
        ChangeContext, Effects, Identification, Identified, IdentityError, IdentityPolicy, Incoming,
        cookie::CookieValues,
    },
};
use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, StatusCode, header, request::Builder},
    routing::post,
};
use tower::ServiceExt as _;

use crate::support;

const HEADER: &str = "x-user";

/// Finds a user in a header that only scripts send, or in the cookie `name`. It writes two cookies.
#[derive(Clone, Default)]
struct Names {
    /// The number of log-ins that were rolled back
    undone: Arc<AtomicUsize>,
    /// The identities of the request and of the last change, at each change
    seen: Arc<Mutex<Vec<[String; 2]>>>,
}

fn name(identified: &Identified) -> String {
    identified.identity().map(|identity| identity.as_str().to_owned()).unwrap_or_default()
}

fn known(name: &str) -> Identified {
    Identity::new(name).map_or_else(|_| Identified::bad_credential(), Identified::known)
}

fn two_cookies(value: &str) -> Effects {
    let cookie = |name: &str| {
        Effects::set_cookie(name, HeaderValue::try_from(format!("{name}={value}; Path=/")).unwrap())
    };
    cookie("name").and(cookie("shown"))
}

impl Names {
    fn note(&self, context: &ChangeContext<'_>) {
        self.seen.lock().unwrap().push([name(context.identified()), name(context.current())]);
    }

    fn app(&self) -> Router {
        Router::new()
            .route("/profile", post(profile))
            .route("/twice", post(twice))
            .route("/waiting", post(waiting))
            .route("/forget", post(forget))
            .layer(AuthLayer::new(self.clone()))
    }
}

#[async_trait]
impl IdentityPolicy for Names {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        Answer::Now(Ok(match request.headers().get(HEADER).and_then(|value| value.to_str().ok()) {
            Some(name) => known(name).with_ambient(false),
            None => match CookieValues::new(request.headers(), "name").next() {
                Some(value) => known(value.as_str().unwrap_or_default()).with_ambient(true),
                None => Identified::anonymous(),
            },
        }))
    }

    async fn remember(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        self.note(context);
        let undone = Arc::clone(&self.undone);
        Ok(two_cookies(identity.as_str()).on_discard(move || {
            undone.fetch_add(1, Ordering::SeqCst);
        }))
    }

    async fn forget(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        self.note(context);
        Ok(two_cookies("").with_failure(IdentityError::unavailable("the table of names is locked")))
    }
}

#[auth_required]
async fn profile(user: UserId) -> String {
    user.to_string()
}

async fn twice(auth: Auth) -> Result<(), AuthError> {
    auth.remember("bob").await?;
    auth.remember("carol").await
}

async fn waiting(auth: Auth) -> Result<(), AuthError> {
    auth.remember("bob").await?;
    std::future::pending().await
}

async fn forget(auth: Auth) -> Result<(), AuthError> {
    auth.forget().await
}

fn by_cookie(path: &str) -> Builder {
    Request::post(path).header(header::COOKIE, "name=alice")
}

#[tokio::test]
async fn only_an_ambient_credential_is_rejected_from_another_site() {
    assert_eq!(Identified::anonymous().ambient(), None, "what the policy says counts");
    assert_eq!(known("alice").with_ambient(false).ambient(), Some(false));
    let app = Names::default().app();
    let cross_site = |request: Builder| request.header("sec-fetch-site", "cross-site");
    let by_header = || Request::post("/profile").header(HEADER, "alice");
    for (request, status) in [
        (by_header(), StatusCode::OK),
        (cross_site(by_header()), StatusCode::OK),
        (by_cookie("/profile"), StatusCode::OK),
        (cross_site(by_cookie("/profile")), StatusCode::FORBIDDEN),
    ] {
        assert_eq!(support::ask(&app, request).await.status, status);
    }
}

#[tokio::test]
async fn every_cookie_of_the_last_change_is_written() {
    let effects = two_cookies("alice");
    assert_eq!(effects.cookie_names().collect::<Vec<_>>(), ["name", "shown"]);
    assert_eq!((effects.cookie_name(), Effects::none().cookie_names().count()), (Some("name"), 0));
    let answer = support::ask(&Names::default().app(), Request::post("/twice")).await;
    assert_eq!(answer.cookies(), ["name=carol", "shown=carol"], "and none of the change before it");
}

#[tokio::test]
async fn a_change_that_reaches_no_response_is_rolled_back() {
    let names = Names::default();
    let app = names.app();
    assert_eq!(support::ask(&app, Request::post("/twice")).await.status, StatusCode::OK);
    assert_eq!(names.undone.load(Ordering::SeqCst), 1, "the second log-in replaced the first");

    let names = Names::default();
    {
        let mut request = pin!(names.app().oneshot(Request::post("/waiting").body(Body::empty()).unwrap()));
        let poll = request.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_pending() && names.undone.load(Ordering::SeqCst) == 0);
    }
    assert_eq!(names.undone.load(Ordering::SeqCst), 1, "the client has gone");
}

#[tokio::test]
async fn a_failed_change_writes_its_cookies_all_the_same() {
    let answer = support::ask(&Names::default().app(), by_cookie("/forget")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.cookies(), ["name=", "shown="]);
}

#[tokio::test]
async fn a_change_sees_the_credential_of_the_request_and_the_result_of_earlier_changes() {
    let (carried, current) = (known("alice"), known("bob"));
    let context = ChangeContext::new(UnixTime::from_secs(7), &carried);
    assert_eq!((name(context.identified()), name(context.current())), ("alice".into(), "alice".into()));
    let context = context.with_current(&current);
    assert_eq!((name(context.identified()), name(context.current())), ("alice".into(), "bob".into()));

    let names = Names::default();
    support::ask(&names.app(), by_cookie("/twice")).await;
    assert_eq!(*names.seen.lock().unwrap(), [["alice", "alice"], ["alice", "bob"]]);
}
