//! No request sees anything of another, in every outcome: answered, panicked, given up half-way or kept alive.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]
#![expect(clippy::panic, reason = "handlers that panic are part of what is tested")]

use std::{
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Waker},
};

use auth_runtime::{
    Acl, Answer, Auth, AuthError, AuthErrorKind, AuthLayer, Groups, Identity, LoginOptions, UserId, acl,
    acl_required, async_trait, auth_required,
    identity::{ChangeContext, Effects, Identification, Identified, IdentityError, IdentityPolicy, Incoming},
    testing::USER_HEADER,
};
use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, Request, StatusCode, request::Builder},
    routing::{get, post},
};
use proptest::{prelude::*, test_runner::TestRunner};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

use crate::support;

/// Waits before every answer, and is always due for renewal.
#[derive(Clone)]
struct Slow;

#[async_trait]
impl IdentityPolicy for Slow {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        Answer::later(async move {
            tokio::task::yield_now().await;
            let user =
                request.headers().get(USER_HEADER).and_then(|name| Identity::new(name.to_str().ok()?).ok());
            Ok(user.map_or_else(Identified::anonymous, |user| Identified::known(user).with_renewal_due(true)))
        })
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        user: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        tokio::task::yield_now().await;
        cookie(user)
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        tokio::task::yield_now().await;
        Ok(Effects::set_cookie("slow", HeaderValue::from_static("slow=")))
    }

    async fn renew(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        tokio::task::yield_now().await;
        context.identified().identity().map_or(Ok(Effects::none()), cookie)
    }
}

fn cookie(user: &Identity) -> Result<Effects, IdentityError> {
    let value = format!("slow={}", user.as_str());
    Ok(Effects::set_cookie("slow", value.parse().map_err(IdentityError::unavailable)?))
}

const PAGES: Acl = acl![(Allow, Group("group of u1"), ["edit"])];

#[auth_required]
async fn who(user: UserId, auth: Auth) -> Result<String, AuthError> {
    Ok(format!("{user} {:?} {}", auth.groups().await?.unwrap(), auth.permits("edit", PAGES).await?))
}

#[acl_required("edit", PAGES)]
async fn edit() {}

async fn login(auth: Auth, Path(name): Path<String>) -> Result<String, AuthError> {
    auth.remember(name).await?;
    Ok(format!("{:?}", auth.groups().await?.unwrap()))
}

async fn logout(auth: Auth) -> Result<(), AuthError> {
    auth.forget().await
}

async fn dies(auth: Auth) -> Result<(), AuthError> {
    auth.groups().await?;
    auth.remember("ghost").await?;
    panic!("{EXPECTED}")
}

const EXPECTED: &str = "a handler's mistake";

type Kept = Arc<Mutex<Vec<(String, Auth)>>>;

async fn keep(State(kept): State<Kept>, auth: Auth) -> Result<(), AuthError> {
    let user = auth.user_id().await?.map(|user| user.to_string()).unwrap_or_default();
    kept.lock().unwrap().push((user, auth));
    Ok(())
}

fn app(kept: &Kept) -> Router {
    let groups = |user: Option<UserId>| async move {
        tokio::task::yield_now().await;
        Ok(Some(user.map_or_else(Groups::none, |user| Groups::from([format!("group of {user}")]))))
    };
    Router::new()
        .route("/who", get(who))
        .route("/edit", get(edit))
        .route("/login/{name}", post(login))
        .route("/logout", post(logout))
        .route("/dies", post(dies))
        .route("/keep", post(keep))
        .route("/plain", get(|| async { "plain" }))
        .with_state(Arc::clone(kept))
        .layer(AuthLayer::new(Slow).with_groups(groups))
        .layer(CatchPanicLayer::new())
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Who(u8),
    Edit(u8),
    Login(u8, u8),
    Logout(u8),
    Dies(u8),
    Keep(u8),
    Plain,
    GiveUp(u8, u8),
    Fresh,
    UseKept,
}

fn acts() -> impl Strategy<Value = Act> {
    let user = 0..4_u8;
    prop_oneof![
        4 => user.clone().prop_map(Act::Who),
        2 => user.clone().prop_map(Act::Edit),
        2 => (user.clone(), 1..4_u8).prop_map(|(user, name)| Act::Login(user, name)),
        1 => user.clone().prop_map(Act::Logout),
        1 => user.clone().prop_map(Act::Dies),
        1 => user.clone().prop_map(Act::Keep),
        1 => Just(Act::Plain),
        3 => (user, 0..8_u8).prop_map(|(user, polls)| Act::GiveUp(user, polls)),
        1 => Just(Act::Fresh),
        1 => Just(Act::UseKept),
    ]
}

/// A request by a user; 0 is anonymous.
fn by(user: u8, request: Builder) -> Builder {
    if user == 0 { request } else { request.header(USER_HEADER, format!("u{user}")) }
}

fn renewed(user: u8) -> Vec<String> {
    if user == 0 { vec![] } else { vec![format!("slow=u{user}")] }
}

async fn act(app: &mut Router, kept: &Kept, act: Act) {
    match act {
        Act::Who(0) => assert_eq!(support::get(app, "/who").await.status, StatusCode::UNAUTHORIZED),
        Act::Who(user) => {
            let answer = support::ask(app, by(user, Request::get("/who"))).await;
            assert_eq!(answer.text(), format!("u{user} {{\"group of u{user}\"}} {}", user == 1));
            assert_eq!(answer.cookies(), renewed(user));
        }
        Act::Edit(user) => {
            let answer = support::ask(app, by(user, Request::get("/edit"))).await;
            let expected = match user {
                0 => 401,
                1 => 200,
                _ => 403,
            };
            assert_eq!(answer.status.as_u16(), expected);
        }
        Act::Login(user, name) => {
            let answer = support::ask(app, by(user, Request::post(format!("/login/u{name}")))).await;
            assert_eq!(answer.text(), format!("{{\"group of u{name}\"}}"));
            assert_eq!(answer.cookies(), renewed(name));
        }
        Act::Logout(user) => {
            let answer = support::ask(app, by(user, Request::post("/logout"))).await;
            assert_eq!((answer.status, answer.cookies()), (StatusCode::OK, vec!["slow=".to_owned()]));
        }
        Act::Dies(user) => {
            let answer = support::ask(app, by(user, Request::post("/dies"))).await;
            assert_eq!((answer.status, answer.cookies()), (StatusCode::INTERNAL_SERVER_ERROR, vec![]));
        }
        Act::Keep(user) => {
            let answer = support::ask(app, by(user, Request::post("/keep"))).await;
            assert_eq!((answer.status, answer.cookies()), (StatusCode::OK, renewed(user)));
        }
        Act::Plain => {
            let answer = support::get(app, "/plain").await;
            assert_eq!(
                (answer.text(), answer.header("vary"), answer.cookies()),
                ("plain", String::new(), vec![])
            );
        }
        Act::GiveUp(user, polls) => {
            let request = by(user, Request::post("/login/ghost")).body(Body::empty()).unwrap();
            let mut future = pin!(app.clone().oneshot(request));
            let mut context = Context::from_waker(Waker::noop());
            for _ in 0..polls {
                if future.as_mut().poll(&mut context).is_ready() {
                    break;
                }
            }
        }
        Act::Fresh => *app = self::app(kept),
        Act::UseKept => {
            let Some((user, auth)) = kept.lock().unwrap().pop() else { return };
            assert_eq!(auth.user_id().await.unwrap().map(|user| user.to_string()).unwrap_or_default(), user);
            assert_eq!(
                auth.remember("ghost").await.unwrap_err().kind(),
                AuthErrorKind::ResponseAlreadyStarted
            );
            let groups = auth.groups().await.unwrap().unwrap();
            assert_eq!(groups.contains(format!("group of {user}")), !user.is_empty());
        }
    }
}

/// Keeps the expected panics out of the output.
fn silence() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str() != Some(EXPECTED) {
            usual(panic);
        }
    }));
}

#[test]
fn no_request_sees_another_in_ten_thousand_lives() {
    silence();
    let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let config = ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&prop::collection::vec(acts(), 10..30), |acts| {
            let kept = Kept::default();
            let mut app = app(&kept);
            rt.block_on(async {
                for it in acts {
                    act(&mut app, &kept, it).await;
                }
            });
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn a_request_given_up_at_any_poll_changes_nothing_for_the_next() {
    let kept = Kept::default();
    let mut app = app(&kept);
    for polls in 0..16 {
        for user in 0..4 {
            act(&mut app, &kept, Act::GiveUp(user, polls)).await;
            for other in 0..4 {
                act(&mut app, &kept, Act::Who(other)).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_at_once_stay_apart() {
    let kept = Kept::default();
    let app = app(&kept);
    let mut tasks = Vec::new();
    for n in 0..2_000_u32 {
        let (mut app, kept) = (app.clone(), Arc::clone(&kept));
        let user = u8::try_from(n % 4).unwrap();
        let it =
            [Act::Who(user), Act::Login(user, 2), Act::Edit(user), Act::Logout(user), Act::GiveUp(user, 3)];
        let it = it.into_iter().cycle().nth(n.isqrt() as usize).unwrap();
        tasks.push(tokio::spawn(async move { act(&mut app, &kept, it).await }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}
