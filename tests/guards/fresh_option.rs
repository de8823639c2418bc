//! Step-up authentication: `fresh` requires a recent log-in, and the response says so.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::time::Duration;

use auth_runtime::{
    Auth, AuthError, AuthErrorKind, AuthLayer, Identity, IdentityPolicy, KeyRing, LocalPath, LoginOptions,
    Refusal, TicketCookie, acl_required, async_trait, auth_required,
    clock::{Clock, UnixTime},
    guard,
    guarded::{self, GuardMetadata},
    identity::{
        Challenge, Challenges, ChangeContext, Effects, Identification, Identified, IdentityError, Incoming,
    },
    permission_required, scope_required,
    testing::{self, FakeIdentity, FakePolicy, FrozenClock},
};
use axum::{
    Router,
    http::{HeaderValue, Request, StatusCode, header},
    routing::{any, get},
};

use crate::{
    step_up_support::{Article, Browser, Can, NOON, PAGES},
    support::{self, Answer, Log},
};

#[auth_required(fresh = "10m")]
async fn ten_minutes() -> &'static str {
    "passed"
}

#[acl_required("edit", PAGES, fresh = "1.5h")]
async fn edit() -> &'static str {
    "passed"
}

#[acl_required("view", PAGES, fresh = "10m")]
async fn view() -> &'static str {
    "passed"
}

#[permission_required(Can::Edit, fresh = "10m")]
async fn by_policy() -> &'static str {
    "passed"
}

#[scope_required("edit", fresh = "10m")]
async fn by_scope() -> &'static str {
    "passed"
}

#[auth_required(fresh = "10m", hide)]
async fn hidden() -> &'static str {
    "passed"
}

fn teapot(refusal: &Refusal) -> (StatusCode, String) {
    (StatusCode::IM_A_TEAPOT, format!("{:?}", refusal.kind()))
}

#[auth_required(fresh = "10m", refusal = teapot)]
async fn own_answer() -> &'static str {
    "passed"
}

#[auth_required]
#[permission_required(Can::Edit, fresh = "30s")]
async fn stacked() -> &'static str {
    "passed"
}

#[acl_required("edit", article, fresh = "10m")]
async fn own_rules(article: Article) -> &'static str {
    let Article = article;
    "passed"
}

/// A handler that asks for itself, and says what the error was.
async fn asks(auth: Auth) -> Result<String, AuthError> {
    auth.check_fresh(Duration::from_mins(10)).await.map(|user| user.to_string())
}

async fn logs_in(auth: Auth) -> Result<String, AuthError> {
    let before = auth.check_fresh(Duration::from_mins(10)).await.map_err(AuthError::kind);
    assert_eq!(before, Err(AuthErrorKind::Stale { max_age: Duration::from_mins(10) }));
    auth.remember("alice").await?;
    asks(auth).await
}

async fn when(auth: Auth) -> Result<String, AuthError> {
    Ok(format!("{:?}", auth.authenticated_at().await?.map(UnixTime::as_secs)))
}

fn routes() -> Router {
    Router::new()
        .route("/", any(ten_minutes))
        .route("/acl", any(edit))
        .route("/view", any(view))
        .route("/policy", any(by_policy))
        .route("/scope", any(by_scope))
        .route("/hidden", any(hidden))
        .route("/own", any(own_answer))
        .route("/stacked", any(stacked))
        .route("/resource", any(own_rules))
        .route("/asks", any(asks))
        .route("/logs-in", any(logs_in))
        .route("/when", any(when))
}

fn app(identity: FakeIdentity) -> Router {
    let layer = AuthLayer::new(identity)
        .with_groups(|_| async { Ok(Some(auth_runtime::Groups::from(["editors"]))) })
        .with_policy(FakePolicy::permitting([Can::Edit]));
    routes().layer(layer)
}

fn alice(ago: u64) -> FakeIdentity {
    FakeIdentity::user("alice").with_scopes(["edit"]).logged_in_ago(Duration::from_secs(ago))
}

/// Finds a user who logged in at a time that the test says.
#[derive(Debug)]
struct At(Option<u64>);

#[async_trait]
impl IdentityPolicy for At {
    fn identify<'a>(&'a self, _: &'a Incoming<'a>) -> Identification<'a> {
        auth_runtime::Answer::later(async move {
            let known = Identified::known(Identity::new("alice").unwrap());
            Ok(match self.0 {
                Some(at) => known.with_authenticated_at(UnixTime::from_secs(at)),
                None => known,
            })
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

    fn is_ambient(&self) -> bool {
        false
    }

    fn challenges(&self, why: Challenge<'_>) -> Challenges {
        let value = match why {
            Challenge::InsufficientAuthentication(step_up) => {
                format!("Bearer error=\"insufficient_user_authentication\", {step_up}")
            }
            _ => "Bearer".to_owned(),
        };
        [HeaderValue::try_from(value).unwrap(), HeaderValue::from_static("Other")].into_iter().collect()
    }
}

fn frozen(identity: At) -> AuthLayer {
    AuthLayer::new(identity).with_clock(FrozenClock::at(NOON))
}

#[tokio::test]
async fn a_log_in_is_recent_up_to_and_with_the_last_second() {
    for (path, limit) in [
        ("/", 600),
        ("/acl", 5400),
        ("/view", 600),
        ("/policy", 600),
        ("/scope", 600),
        ("/hidden", 600),
        ("/own", 600),
        ("/stacked", 30),
        ("/resource", 600),
        ("/asks", 600),
    ] {
        for waiting in [false, true] {
            for (ago, passes) in [(0, true), (1, true), (limit, true), (limit + 1, false), (NOON, false)] {
                let identity = if waiting { alice(ago).waiting() } else { alice(ago) };
                let answer = support::get(&app(identity), path).await;
                let expected = match (passes, path) {
                    (true, _) => 200,
                    (false, "/hidden") => 404,
                    (false, "/own") => 418,
                    (false, _) => 401,
                };
                assert_eq!(answer.status.as_u16(), expected, "{path} after {ago} s, waiting: {waiting}");
            }
        }
    }
}

// ASVS 7.5.1: an unknown time is not recent, and a clock that goes back does not make a log-in younger.
#[tokio::test]
async fn unknown_and_impossible_times_are_not_recent() {
    for (at, passes) in [
        (None, false),
        (Some(0), false),
        (Some(NOON), true),
        (Some(NOON + 60), true),
        (Some(NOON + 61), false),
        (Some(u64::MAX), false),
    ] {
        for path in ["/", "/asks"] {
            let answer = support::get(&routes().layer(frozen(At(at))), path).await;
            assert_eq!(answer.status.is_success(), passes, "{path}: {at:?}");
        }
    }
}

#[tokio::test]
async fn a_denied_user_is_not_asked_to_log_in_again() {
    let blocked = AuthLayer::new(alice(9999)).with_groups(|_| async { Ok(None) });
    assert_eq!(support::get(&routes().layer(blocked.clone()), "/").await.status, 403);
    assert_eq!(support::get(&routes().layer(blocked), "/asks").await.status, 403);
    let no_editor = AuthLayer::new(alice(9999)).with_policy(FakePolicy::permitting([Can::View]));
    for path in ["/acl", "/policy"] {
        assert_eq!(support::get(&routes().layer(no_editor.clone()), path).await.status, 403, "{path}");
    }
    let no_scope = AuthLayer::new(FakeIdentity::user("alice"));
    assert_eq!(support::get(&routes().layer(no_scope), "/scope").await.status, 403);
}

#[tokio::test]
async fn anonymous_requests_have_no_recent_log_in() {
    for identity in [FakeIdentity::anonymous(), FakeIdentity::bad_credential()] {
        for path in ["/", "/acl", "/view", "/policy", "/scope", "/stacked", "/resource", "/asks"] {
            let answer = support::get(&app(identity.clone()), path).await;
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(answer.text(), r#"{"type":"about:blank","title":"Unauthorized","status":401}"#);
        }
        assert_eq!(support::get(&app(identity), "/hidden").await.status, 404);
    }
}

#[tokio::test]
async fn a_store_that_is_down_is_not_an_old_log_in() {
    for path in ["/", "/acl", "/view", "/policy", "/scope", "/stacked", "/resource", "/asks", "/hidden"] {
        assert_eq!(support::get(&app(FakeIdentity::failing()), path).await.status, 503, "{path}");
    }
}

// RFC 9470, section 3; the policy writes the challenge with the age.
#[tokio::test]
async fn the_policy_says_how_to_log_in_again() {
    for path in ["/", "/asks"] {
        let app = routes().layer(frozen(At(Some(NOON - 601))));
        let answer = support::get(&app, path).await;
        let challenges: Vec<_> = answer.headers.get_all(header::WWW_AUTHENTICATE).iter().collect();
        assert_eq!(
            challenges,
            ["Bearer error=\"insufficient_user_authentication\", max_age=\"600\"", "Other"],
            "{path}"
        );
        assert_eq!(
            answer.text(),
            r#"{"type":"about:blank","title":"Unauthorized","status":401,"max_age":600}"#,
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("vary"), "cookie");
    }
    // A cookie's challenge knows no reasons.
    let answer = support::get(&app(alice(601)), "/").await;
    assert_eq!(answer.header("www-authenticate"), "Cookie realm=\"restricted\"");
}

#[tokio::test]
async fn people_are_sent_to_the_log_in_page_and_back() {
    let layer = AuthLayer::new(alice(601)).with_login_page(LocalPath::from_static("/login"));
    let app = routes().layer(layer);
    for path in ["/", "/asks"] {
        let navigation = Request::get(format!("{path}?x=1")).header(header::ACCEPT, "text/html");
        let answer = support::ask(&app, navigation).await;
        assert_eq!(answer.status, 303);
        let back = if path == "/" { "%2F%3Fx%3D1" } else { "%2Fasks%3Fx%3D1" };
        assert_eq!(answer.header("location"), format!("/login?next={back}&max_age=600"));
        // What is sent by a form cannot be sent again, and is answered with a page.
        let form = Request::post(path).header(header::ACCEPT, "text/html");
        let answer = support::ask(&app, form).await;
        assert_eq!(answer.status, 401);
        assert!(answer.text().contains("Please log in again."), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_custom_response_gets_the_age() {
    let answer = support::get(&app(alice(601)), "/own").await;
    assert_eq!(answer.text(), format!("{:?}", AuthErrorKind::Stale { max_age: Duration::from_mins(10) }));
}

#[tokio::test]
async fn another_log_in_makes_the_same_request_fresh() {
    let answer = support::get(&app(alice(601)), "/logs-in").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "alice"));
}

#[tokio::test]
async fn handlers_can_read_the_time_of_the_log_in() {
    for (identity, expected) in [
        (FakeIdentity::anonymous(), "None".to_owned()),
        (FakeIdentity::user("alice"), "None".to_owned()),
        (alice(600), format!("Some({})", NOON - 600)),
    ] {
        let layer = AuthLayer::new(identity).with_clock(FrozenClock::at(NOON));
        assert_eq!(support::get(&routes().layer(layer), "/when").await.text(), expected);
    }
}

/// A cookie's renewal makes it live longer, and its user's log-in no younger.
#[tokio::test]
async fn a_renewal_is_not_a_log_in() {
    let mut browser = Browser::new(TicketCookie::new(KeyRing::random()), routes(), |layer, _| layer);
    browser.post("/login/plain").await;
    assert_eq!(browser.status("/").await, 200);
    browser.clock.advance(Duration::from_hours(1));
    let mut renewed = 0;
    for _ in 0..12 {
        assert_eq!(browser.status("/").await, 401, "at {}", browser.clock.now());
        let answer = browser.send(Request::get("/when")).await;
        assert_eq!(answer.text(), format!("Some({NOON})"));
        renewed += answer.cookies().len();
        browser.clock.advance(Duration::from_mins(30));
    }
    assert!(renewed > 0, "nothing was renewed, so nothing was shown");
    browser.post("/login/plain").await;
    assert_eq!(browser.status("/").await, 200);
}

#[tokio::test]
async fn layers_demand_recent_log_ins() {
    let guards = || {
        [
            ("/auth", guard::auth!(fresh = "10m")),
            ("/acl", guard::acl!("edit", PAGES, fresh = "10m")),
            ("/permission", guard::permission!(Can::Edit, fresh = "10m")),
            ("/scope", guard::scope!("edit", fresh = "10m")),
            ("/hidden", guard::auth!(fresh = "10m", hide)),
        ]
    };
    for (ago, expected) in [(600, [200, 200, 200, 200, 200]), (601, [401, 401, 401, 401, 404])] {
        for ((path, guard), status) in guards().into_iter().zip(expected) {
            let route = Router::new().route(path, get(|| async { "a file" }));
            let layer = AuthLayer::new(alice(ago))
                .with_groups(|_| async { Ok(Some(auth_runtime::Groups::from(["editors"]))) })
                .with_policy(FakePolicy::permitting([Can::Edit]));
            let app = route.route_layer(guard).layer(layer);
            assert_eq!(support::get(&app, path).await.status.as_u16(), status, "{path} after {ago} s");
        }
    }
    // A list that lets everybody in does so no more.
    let files = Router::new().route("/", get(|| async {}));
    let guarded = files.route_layer(guard::acl!("view", PAGES, fresh = "10m"));
    assert_eq!(support::get(&guarded.layer(testing::anonymous()), "/").await.status, 401);
}

#[test]
fn records_show_how_recent_the_log_in_must_be() {
    let routes = guarded::Router::<()>::new()
        .route("/", guarded::get(ten_minutes).post(edit))
        .route("/stacked", guarded::get(stacked))
        .route_layer(guard::auth!(fresh = "1m"));
    let mut ages: Vec<_> = routes
        .routes()
        .iter()
        .map(|record| {
            (record.handler(), record.guards().iter().map(GuardMetadata::max_age).collect::<Vec<_>>())
        })
        .collect();
    ages.sort();
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(
        ages,
        [
            (Some("edit"), vec![seconds(60), seconds(5400)]),
            (Some("stacked"), vec![seconds(60), None, seconds(30)]),
            (Some("ten_minutes"), vec![seconds(60), seconds(600)]),
        ]
    );
}

#[tokio::test]
async fn the_log_says_why() {
    for path in ["/", "/asks"] {
        let (answer, told): (Answer, _) = Log::of(support::get(&app(alice(601)), path)).await;
        assert_eq!(answer.status, 401);
        let denied: Vec<_> = told.iter().filter(|event| event.message == "deny").collect();
        assert_eq!(denied.len(), 1, "{path}: {told:?}");
        assert_eq!((denied[0].field("reason"), denied[0].field("user")), ("stale", "alice"));
        assert_eq!(denied[0].field("status"), "401");
    }
}
