//! Step-up authentication: `acr` requires a log-in in an authentication context, in every kind of credential.

use std::time::Duration;

use auth_runtime::{
    Auth, AuthError, AuthErrorKind, AuthLayer, IdentityPolicy, KeyRing, LocalPath, Refusal, TicketCookie,
    acl_required, auth_required,
    clock::UnixTime,
    guard,
    guarded::{self, GuardMetadata},
    identity::{Acr, StepUp},
    permission_required, scope_required,
    testing::{FakeIdentity, FakePolicy},
};
use axum::{
    Router,
    http::{Request, StatusCode, header},
    routing::{any, get},
};

use crate::{
    step_up_support::{Article, Browser, Can, NOON, PAGES},
    support::{self, Log},
};

#[auth_required(acr = "phr")]
async fn strong() -> &'static str {
    "passed"
}

#[auth_required(acr = ["phr", "phrh"], fresh = "10m")]
async fn strong_and_recent() -> &'static str {
    "passed"
}

#[auth_required(fresh = "10m")]
async fn recent() -> &'static str {
    "passed"
}

#[acl_required("edit", PAGES, acr = ["phrh", "phr"])]
async fn edit() -> &'static str {
    "passed"
}

#[acl_required("view", PAGES, acr = "phr")]
async fn view() -> &'static str {
    "passed"
}

#[permission_required(Can::Edit, acr = "phr")]
async fn by_policy() -> &'static str {
    "passed"
}

#[scope_required("edit", acr = "phr")]
async fn by_scope() -> &'static str {
    "passed"
}

#[auth_required(acr = "phr", hide)]
async fn hidden() -> &'static str {
    "passed"
}

fn teapot(refusal: &Refusal) -> (StatusCode, String) {
    (StatusCode::IM_A_TEAPOT, format!("{:?} {}", refusal.kind(), refusal.step_up()))
}

#[auth_required(acr = "phr", fresh = "10m", refusal = teapot)]
async fn own_answer() -> &'static str {
    "passed"
}

#[acl_required("edit", article, acr = "phr")]
async fn own_rules(article: Article) -> &'static str {
    let Article = article;
    "passed"
}

async fn asks(auth: Auth) -> Result<&'static str, AuthError> {
    auth.check_acr(&["phr"]).await.map(|_| "passed")
}

async fn which(auth: Auth) -> Result<String, AuthError> {
    let acr = auth.acr().await?;
    let time = auth.authenticated_at().await?.map(UnixTime::as_secs);
    Ok(format!("{} {time:?}", acr.as_ref().map_or("none", Acr::as_str)))
}

const PATHS: [&str; 9] = ["/", "/acl", "/view", "/policy", "/scope", "/hidden", "/own", "/resource", "/asks"];

fn routes() -> Router {
    Router::new()
        .route("/", any(strong))
        .route("/recent", any(recent))
        .route("/both", any(strong_and_recent))
        .route("/acl", any(edit))
        .route("/view", any(view))
        .route("/policy", any(by_policy))
        .route("/scope", any(by_scope))
        .route("/hidden", any(hidden))
        .route("/own", any(own_answer))
        .route("/resource", any(own_rules))
        .route("/asks", any(asks))
        .route("/which", any(which))
}

fn app(identity: FakeIdentity) -> Router {
    let layer = AuthLayer::new(identity)
        .with_groups(|_| async { Ok(Some(auth_runtime::Groups::from(["editors"]))) })
        .with_policy(FakePolicy::permitting([Can::Edit]))
        .with_login_page(LocalPath::from_static("/login"));
    routes().layer(layer)
}

fn alice() -> FakeIdentity {
    FakeIdentity::user("alice").with_scopes(["edit"]).logged_in_ago(Duration::from_secs(1))
}

#[tokio::test]
async fn a_log_in_passes_in_an_accepted_context_only() {
    for (identity, passes) in [
        (alice().with_acr("phr"), true),
        (alice(), false),
        (alice().with_acr("phrx"), false),
        (alice().with_acr("PHR"), false),
        (alice().with_acr("ph"), false),
    ] {
        for identity in [identity.clone(), identity.waiting()] {
            for path in PATHS {
                let expected = match (passes, path) {
                    (true, _) => 200,
                    (false, "/hidden") => 404,
                    (false, "/own") => 418,
                    (false, _) => 401,
                };
                let answer = support::get(&app(identity.clone()), path).await;
                assert_eq!(answer.status.as_u16(), expected, "{path}: {identity:?}");
            }
        }
    }
    let other = app(alice().with_acr("phrh"));
    for (path, expected) in [("/acl", 200), ("/both", 200), ("/", 401)] {
        assert_eq!(support::get(&other, path).await.status.as_u16(), expected, "{path}");
    }
}

#[tokio::test]
async fn anonymous_denied_and_failed_requests_are_answered_as_without_the_option() {
    for path in ["/", "/acl", "/view", "/policy", "/scope", "/resource", "/asks"] {
        for identity in [FakeIdentity::anonymous(), FakeIdentity::bad_credential()] {
            let answer = support::get(&app(identity), path).await;
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(answer.text(), r#"{"type":"about:blank","title":"Unauthorized","status":401}"#);
        }
        assert_eq!(support::get(&app(FakeIdentity::failing()), path).await.status, 503, "{path}");
    }
    let blocked = AuthLayer::new(alice()).with_groups(|_| async { Ok(None) });
    assert_eq!(support::get(&routes().layer(blocked), "/").await.status, 403);
    let denied = AuthLayer::new(alice()).with_policy(FakePolicy::permitting([Can::View]));
    assert_eq!(support::get(&routes().layer(denied), "/policy").await.status, 403);
}

#[tokio::test]
async fn the_response_names_all_that_the_guard_requires() {
    let weak = support::get(&app(alice()), "/both").await;
    assert_eq!(
        weak.text(),
        r#"{"type":"about:blank","title":"Unauthorized","status":401,"max_age":600,"acr_values":["phr","phrh"]}"#
    );
    let weak = support::get(&app(alice()), "/asks").await;
    assert_eq!(
        weak.text(),
        r#"{"type":"about:blank","title":"Unauthorized","status":401,"acr_values":["phr"]}"#
    );
    let own = support::get(&app(alice()), "/own").await;
    assert_eq!(own.text(), r#"InsufficientAcr { accepted: ["phr"] } max_age="600", acr_values="phr""#);
    let stale = alice().with_acr("phr").logged_in_ago(Duration::from_secs(601));
    let own = support::get(&app(stale), "/own").await;
    assert_eq!(own.text(), r#"Stale { max_age: 600s } max_age="600", acr_values="phr""#);
}

#[tokio::test]
async fn the_log_in_page_learns_what_the_log_in_has_to_be() {
    let stale = || alice().logged_in_ago(Duration::from_secs(601));
    for (identity, path, query) in [
        (alice(), "/", "&acr_values=phr"),
        (alice(), "/asks", "&acr_values=phr"),
        (alice(), "/both", "&max_age=600&acr_values=phr%20phrh"),
        (stale().with_acr("phr"), "/both", "&max_age=600&acr_values=phr%20phrh"),
        (stale(), "/recent", "&max_age=600"),
        (FakeIdentity::anonymous(), "/both", "&max_age=600&acr_values=phr%20phrh"),
    ] {
        let navigation = Request::get(path).header(header::ACCEPT, "text/html");
        let answer = support::ask(&app(identity), navigation).await;
        let next = path.replace('/', "%2F");
        assert_eq!(answer.status, 303, "{path}");
        assert_eq!(answer.header("location"), format!("/login?next={next}{query}"));
        let form = Request::post(path).header(header::ACCEPT, "text/html");
        assert_eq!(support::ask(&app(FakeIdentity::anonymous()), form).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn layers_require_a_context() {
    for (identity, expected) in [(alice().with_acr("phr"), [200, 200, 404]), (alice(), [401, 401, 404])] {
        let guards = [
            ("/auth", guard::auth!(acr = "phr")),
            ("/acl", guard::acl!("view", PAGES, acr = ["phrh", "phr"])),
            ("/hidden", guard::auth!(acr = "phrh", hide)),
        ];
        for ((path, guard), status) in guards.into_iter().zip(expected) {
            let route = Router::new().route(path, get(|| async { "a file" })).route_layer(guard);
            let app = route.layer(AuthLayer::new(identity.clone()));
            assert_eq!(support::get(&app, path).await.status.as_u16(), status, "{path}");
        }
    }
}

#[test]
fn records_and_the_access_table_show_the_contexts() {
    let routes = guarded::Router::<()>::new()
        .route("/", guarded::get(strong_and_recent).post(strong))
        .route_layer(guard::auth!(acr = "mfa"));
    let mut shown: Vec<_> = routes
        .routes()
        .iter()
        .map(|record| record.guards().iter().map(GuardMetadata::acr_values).collect::<Vec<_>>())
        .collect();
    shown.sort_unstable();
    let layer: &[&str] = &["mfa"];
    assert_eq!(shown, [[layer, &["phr"]], [layer, &["phr", "phrh"]]]);
    let table = routes.access().to_string();
    assert!(table.contains("any user, log-in at most 10m old, log-in by phr or phrh"), "{table}");
    #[cfg(feature = "full")]
    {
        let json: serde_json::Value = serde_json::from_str(&routes.access().to_json()).unwrap();
        let json = json.to_string();
        assert!(
            json.contains(r#""acr_values":["phr","phrh"]"#) && json.contains(r#""max_age":600"#),
            "{json}"
        );
    }
}

/// Simulated requests of the comparison with the access table are strong enough for every guard.
#[cfg(feature = "full")]
#[tokio::test]
async fn the_access_table_matches_what_is_served() {
    let routes = guarded::Router::new().route("/", guarded::get(strong).post(strong_and_recent));
    let table = routes.access();
    let app = routes.with_auth(AuthLayer::new(FakeIdentity::anonymous()));
    table.verify(app).await.unwrap();
}

#[tokio::test]
async fn the_log_says_why() {
    for path in ["/", "/asks"] {
        let (answer, told) = Log::of(support::get(&app(alice()), path)).await;
        assert_eq!(answer.status, 401);
        let denied: Vec<_> = told.iter().filter(|event| event.message == "deny").collect();
        assert_eq!(denied.len(), 1, "{path}: {told:?}");
        assert_eq!((denied[0].field("reason"), denied[0].field("user")), ("acr", "alice"));
    }
}

#[test]
fn a_check_accepts_nothing_without_a_context() {
    let kind = AuthErrorKind::InsufficientAcr { accepted: &[] };
    assert_eq!((kind.status().as_u16(), StepUp::NONE.is_none()), (401, true));
}

fn browser_with(policy: impl IdentityPolicy) -> Browser {
    Browser::new(policy, routes(), |layer, _| layer)
}

/// Every kind of credential carries the context and the time: through rotation, renewal and impersonation, and not
/// into another log-in.
async fn carries_the_authentication<P: IdentityPolicy>(policy: impl Fn() -> P) {
    let mut browser = browser_with(policy());
    browser.post("/login/strong").await;
    assert_eq!(browser.text("/which").await, format!("phr Some({NOON})"));
    assert_eq!(browser.status("/").await, 200);
    browser.post("/rotate").await;
    assert_eq!(browser.status("/").await, 200, "rotated");
    browser.post("/impersonate").await;
    assert_eq!(browser.text("/which").await, format!("phr Some({NOON})"), "of the impersonator");
    browser.post("/stop").await;
    assert_eq!(browser.text("/which").await, format!("phr Some({NOON})"));
    for _ in 0..4 {
        browser.clock.advance(Duration::from_mins(14));
        browser.text("/which").await;
    }
    assert_eq!(browser.text("/which").await, format!("phr Some({NOON})"), "renewed");
    browser.post("/login/plain").await;
    assert_eq!(browser.status("/").await, 401, "a log-in without a context does not keep the one before");

    let mut browser = browser_with(policy());
    browser.post("/login/unknown").await;
    assert_eq!(browser.text("/which").await, "phr None");
    assert_eq!(browser.status("/recent").await, 401, "an unknown time is not recent");
    browser.post("/impersonate").await;
    assert_eq!(browser.status("/recent").await, 401, "an impersonation makes nothing recent");
    browser.post("/stop").await;
    assert_eq!(browser.status("/recent").await, 401);
}

/// The authentication at the provider counts, and not the log-in here.
async fn counts_from_the_authentication<P: IdentityPolicy>(policy: impl Fn() -> P) {
    let mut browser = browser_with(policy());
    browser.post("/login/provider").await;
    assert_eq!(browser.text("/which").await, format!("phr Some({})", NOON - 500));
    assert_eq!(browser.status("/recent").await, 200);
    browser.clock.advance(Duration::from_secs(100));
    assert_eq!(browser.status("/recent").await, 200);
    browser.clock.advance(Duration::from_secs(1));
    assert_eq!(browser.status("/recent").await, 401);
    browser.post("/rotate").await;
    assert_eq!(browser.status("/recent").await, 401);
}

#[tokio::test]
async fn tickets_carry_the_authentication() {
    let policy = || TicketCookie::new(KeyRing::random());
    carries_the_authentication(policy).await;
    counts_from_the_authentication(policy).await;
}

#[cfg(feature = "full")]
#[tokio::test]
async fn encrypted_cookies_carry_the_authentication() {
    use auth_runtime::EncryptedCookie;

    let policy = || EncryptedCookie::new(KeyRing::random());
    carries_the_authentication(policy).await;
    counts_from_the_authentication(policy).await;
}

#[cfg(feature = "full")]
#[tokio::test]
async fn sessions_carry_the_authentication() {
    use auth_runtime::SessionIdentity;

    carries_the_authentication(SessionIdentity::memory).await;
    counts_from_the_authentication(SessionIdentity::memory).await;
}

#[tokio::test]
async fn combined_policies_carry_the_authentication() {
    use auth_runtime::FirstOf;

    let both =
        || FirstOf::new(TicketCookie::new(KeyRing::random())).then(FakeIdentity::anonymous().not_ambient());
    carries_the_authentication(both).await;
    counts_from_the_authentication(both).await;
}
