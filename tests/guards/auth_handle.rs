//! The handle of handlers: asked once, up to date after every change, and never mixed up by what happens at once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthErrorKind, AuthLayer, Groups, KeyRing, TicketCookie, UserId, acl,
    auth_required,
    testing::{self, Call, FakeIdentity, USER_HEADER},
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode, header},
    routing::{get, post},
};
use tokio::sync::{Notify, oneshot};

use crate::support::{self, Log};

const PAGES: Acl = acl![(Allow, Group("group of alice"), ["edit"]), (Allow, User("bob"), ["comment"])];

/// Each user is in a group of their own; the callback waits, and counts how often it is entered.
fn layer(policy: &FakeIdentity) -> (AuthLayer, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let groups = move |user: Option<UserId>| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::task::yield_now().await;
            Ok(Some(user.map_or_else(Groups::none, |user| Groups::from([format!("group of {user}")]))))
        }
    };
    (AuthLayer::new(policy.clone()).with_groups(groups), count)
}

async fn state_of(auth: &Auth) -> Result<String, AuthError> {
    let user = auth.user_id().await?.map_or_else(|| "anonymous".to_owned(), |user| user.to_string());
    let same = auth.identity().await?.map(|identity| identity.to_user_id()) == auth.user_id().await?;
    assert!(same && auth.is_anonymous().await? == auth.user_id().await?.is_none());
    assert_eq!(auth.check_authorized().await.is_ok(), auth.user_id().await?.is_some());
    let groups = auth.groups().await?.unwrap();
    let (edit, comment) = (auth.permits("edit", PAGES).await?, auth.permits("comment", PAGES).await?);
    Ok(format!("{user} {groups:?} {edit} {comment}; "))
}

#[tokio::test]
async fn after_every_change_the_same_request_sees_the_new_state() {
    async fn handler(auth: Auth) -> Result<String, AuthError> {
        let mut seen = state_of(&auth).await?;
        auth.remember("bob").await?;
        seen += &state_of(&auth).await?;
        auth.forget().await?;
        seen += &state_of(&auth).await?;
        auth.remember("alice").await?;
        Ok(seen + &state_of(&auth).await?)
    }
    let policy = FakeIdentity::user("alice");
    let (layer, _) = layer(&policy);
    let app = Router::new().route("/", post(handler)).layer(layer);
    let answer = support::ask(&app, Request::post("/")).await;
    let alice = r#"alice {"group of alice"} true false; "#;
    assert_eq!(
        answer.text(),
        format!(r#"{alice}bob {{"group of bob"}} false true; anonymous {{}} false false; {alice}"#)
    );
    let [first, rest @ ..] = &policy.calls()[..] else { panic!() };
    assert_eq!(first, &Call::Identify);
    assert_eq!(rest, [Call::Remember("bob".into()), Call::Forget, Call::Remember("alice".into())]);
}

#[auth_required]
async fn asks_a_lot(
    auth: Auth,
    user: UserId,
    again: Option<UserId>,
    other: Auth,
) -> Result<String, AuthError> {
    for auth in [&auth, &other, &auth.clone()] {
        state_of(auth).await?;
    }
    Ok(format!("{user} {again:?}"))
}

#[tokio::test]
async fn everything_is_asked_once_and_only_if_needed() {
    for policy in [FakeIdentity::user("alice"), FakeIdentity::user("alice").waiting()] {
        let (layer, groups) = layer(&policy);
        let app = Router::new().route("/", get(asks_a_lot)).route("/public", get(|| async {})).layer(layer);
        support::get(&app, "/public").await;
        support::get(&app, "/none").await;
        assert_eq!((policy.calls().len(), groups.load(Ordering::SeqCst)), (0, 0));
        assert_eq!(support::get(&app, "/").await.status, StatusCode::OK);
        assert_eq!((policy.calls(), groups.load(Ordering::SeqCst)), (vec![Call::Identify], 1));
    }
}

#[tokio::test]
async fn two_questions_at_once_are_one() {
    async fn handler(auth: Auth) -> Result<(), AuthError> {
        let (a, b) = tokio::join!(auth.groups(), auth.groups());
        assert_eq!(a?, b?);
        let other = auth.clone();
        let task = tokio::spawn(async move { other.permits("edit", PAGES).await });
        assert!(auth.permits("edit", PAGES).await? && task.await.unwrap()?);
        Ok(())
    }
    let policy = FakeIdentity::user("alice");
    let (layer, groups) = layer(&policy);
    let app = Router::new().route("/", get(handler)).layer(layer);
    assert_eq!(support::get(&app, "/").await.status, StatusCode::OK);
    assert_eq!(groups.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_about_the_user_before_is_none_about_the_user_after() {
    async fn handler(auth: Auth) -> Result<String, AuthError> {
        // The look-up for alice has begun when bob is logged in, and ends after that.
        let (before, change) = tokio::join!(auth.groups(), auth.remember("bob"));
        before?;
        change?;
        state_of(&auth).await
    }
    for policy in [FakeIdentity::user("alice"), FakeIdentity::anonymous()] {
        let (layer, _) = layer(&policy);
        let app = Router::new().route("/", post(handler)).layer(layer);
        let answer = support::ask(&app, Request::post("/")).await;
        assert_eq!(answer.text(), r#"bob {"group of bob"} false true; "#);
    }
}

#[tokio::test]
async fn changes_after_the_response_has_begun_are_refused_and_logged() {
    let kept: Arc<Mutex<Option<Auth>>> = Arc::default();
    let keeper = Arc::clone(&kept);
    let handler = move |auth: Auth| async move {
        *keeper.lock().unwrap() = Some(auth);
    };
    let policy = FakeIdentity::user("alice");
    let app = Router::new().route("/", post(handler)).layer(AuthLayer::new(policy.clone()));
    let answer = support::ask(&app, Request::post("/")).await;
    assert!(answer.cookies().is_empty());
    let auth = kept.lock().unwrap().take().unwrap();
    let (results, told) = Log::of(async { [auth.remember("bob").await, auth.forget().await] }).await;
    assert!(
        results.iter().all(|it| it.unwrap_err().kind() == AuthErrorKind::ResponseAlreadyStarted),
        "{results:?}"
    );
    assert_eq!(told.iter().filter(|it| it.message == "misconfigured").count(), 2, "{told:?}");
    assert_eq!(auth.user_id().await.unwrap().unwrap(), "alice", "what was known stays known");
}

#[tokio::test]
async fn a_change_that_is_under_way_when_the_response_begins_is_refused() {
    let (sender, receiver) = oneshot::channel();
    let sender = Arc::new(Mutex::new(Some(sender)));
    let gate = Arc::new(Notify::new());
    let opened = Arc::clone(&gate);
    let handler = move |auth: Auth| async move {
        let sender = sender.lock().unwrap().take().unwrap();
        tokio::spawn(async move {
            opened.notified().await;
            let _ = sender.send(auth.forget().await);
        });
    };
    let app = Router::new().route("/", post(handler)).layer(AuthLayer::new(FakeIdentity::user("alice")));
    let answer = support::ask(&app, Request::post("/")).await;
    gate.notify_one();
    assert_eq!(receiver.await.unwrap().unwrap_err().kind(), AuthErrorKind::ResponseAlreadyStarted);
    assert!(answer.cookies().is_empty());
}

async fn login(auth: Auth, name: String) -> Result<StatusCode, AuthError> {
    auth.remember(name).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn logout(auth: Auth) -> Result<StatusCode, AuthError> {
    auth.forget().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[tokio::test]
async fn no_other_site_logs_anybody_in_or_out() {
    for (policy, expected) in [
        (FakeIdentity::user("alice"), 403),
        (FakeIdentity::anonymous(), 403),
        (FakeIdentity::bad_credential(), 403),
        (FakeIdentity::user("alice").waiting(), 403),
        (FakeIdentity::user("alice").not_ambient(), 204),
    ] {
        let app = Router::new()
            .route("/login", post(login))
            .route("/logout", post(logout))
            .layer(AuthLayer::new(policy.clone()));
        for path in ["/login", "/logout"] {
            let request =
                Request::post(path).header("sec-fetch-site", "cross-site").body(Body::from("mallory"));
            let answer = support::send(&app, request.unwrap()).await;
            assert_eq!(answer.status.as_u16(), expected, "{path} {policy:?}");
            assert_eq!(answer.cookies().is_empty(), expected == 403, "{path}");
        }
        assert_eq!(
            policy.calls().len(),
            if expected == 403 { 2 } else { 4 },
            "identify and perhaps the change"
        );
    }
}

#[tokio::test]
async fn texts_that_are_no_identities_are_refused() {
    let app = Router::new().route("/login", post(login)).layer(testing::anonymous().allow_unguarded());
    let long = "a".repeat(256);
    for (name, expected) in [
        ("", 400),
        (" alice", 400),
        ("alice ", 400),
        ("a\0b", 400),
        ("a\r\nb", 400),
        ("a\u{202E}b", 400),
        ("a\u{200B}b", 400),
        ("\u{FEFF}a", 400),
        ("\u{A0}a", 400),
        (&long, 400),
        (&"a".repeat(255), 204),
        ("alice,bob!;:|= \"x\"", 204),
        ("Zo\u{EB} \u{4F60}\u{597D}", 204),
    ] {
        let request = Request::post("/login").body(Body::from(name.to_owned())).unwrap();
        let answer = support::send(&app, request).await;
        assert_eq!(
            (answer.status.as_u16(), answer.cookies().len()),
            (expected, usize::from(expected == 204)),
            "{name:?}"
        );
    }
}

/// A browser that keeps one cookie.
async fn browse(
    app: &Router,
    path: &str,
    cookie: &mut String,
    body: &'static str,
) -> (StatusCode, HeaderMap, Bytes) {
    let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 50_000)));
    let request = Request::post(path).header(header::HOST, "localhost").extension(peer);
    let request = request.header(header::COOKIE, cookie.as_str());
    let answer = support::send(app, request.body(Body::from(body)).unwrap()).await;
    if let Some(set) = answer.cookies().first() {
        cookie.clone_from(set);
    }
    (answer.status, answer.headers, answer.body)
}

#[tokio::test]
async fn several_changes_of_one_request_work_with_every_kind_of_ticket() {
    async fn switch(auth: Auth) -> Result<StatusCode, AuthError> {
        auth.forget().await?;
        auth.remember("bob").await?;
        auth.remember("carol").await?;
        Ok(StatusCode::NO_CONTENT)
    }
    async fn who(user: Option<UserId>) -> String {
        user.map(|user| user.to_string()).unwrap_or_default()
    }
    let ring = KeyRing::random();
    for tickets in [
        TicketCookie::new(ring.clone()),
        TicketCookie::new(ring.clone()).with_insecure_http_on_loopback().unwrap(),
    ] {
        let app = Router::new()
            .route("/login", post(login))
            .route("/switch", post(switch))
            .route("/who", post(who))
            .layer(AuthLayer::new(tickets));
        for start in ["", "alice"] {
            let mut cookie = String::new();
            if !start.is_empty() {
                assert_eq!(browse(&app, "/login", &mut cookie, start).await.0, StatusCode::NO_CONTENT);
            }
            let (status, headers, body) = browse(&app, "/switch", &mut cookie, "").await;
            assert_eq!(status, StatusCode::NO_CONTENT, "{start} {headers:?} {body:?}");
            assert_eq!(browse(&app, "/who", &mut cookie, "").await.2, "carol");
        }
    }
}

#[tokio::test]
async fn a_handler_may_hold_two_users_requests_apart() {
    let app = Router::new().route("/", get(asks_a_lot)).layer(AuthLayer::new(FakeIdentity::by_header()));
    let mut tasks = Vec::new();
    for n in 0..200 {
        let app = app.clone();
        tasks.push(tokio::spawn(async move {
            let name = format!("user{n}");
            let answer = support::ask(&app, Request::get("/").header(USER_HEADER, &name)).await;
            assert_eq!(answer.text(), format!("{name} Some(UserId({name:?}))"));
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}
