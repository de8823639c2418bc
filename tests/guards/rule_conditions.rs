//! Rules with conditions: each kind fires if it holds and only then, and what cannot be answered fails closed.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "small numbers in a test, which stops if it cannot go on"
)]

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Acl, Answer, Auth, AuthError, AuthLayer, BoxError, Condition, Name, OWNER, Permission, Resource, Rule,
    TENANT, acl,
    acl::{ConditionAnswer, RowRule, RowValue},
    acl_required,
    authorization::now,
    conditions::{ConditionQuestion, Tenant},
    guarded::{self, Router},
    identity::client_address::ClientAddress,
    permit,
    testing::{self, FakeIdentity, FrozenClock, USER_HEADER},
    watch::{EndReason, Watch},
};
use axum::{
    Extension,
    extract::{ConnectInfo, FromRequestParts, Path},
    http::{Request, StatusCode, request::Parts},
    routing::get,
};

use crate::support::{self, Log, ask};

const NOON: u64 = 1_800_014_400; // 2027-01-15T12:00:00Z
const HOUR: Duration = Duration::from_hours(1);

const DAY: Condition = Condition::daily("day", "08:00", "18:00");
const ELECTION: Condition = Condition::between("election", "2027-01-15T11:00:00Z", "2027-01-15T13:00:00Z");
const OFFICE: Condition = Condition::network("office", &["10.0.0.0/8", "2001:db8::/32"]);
const MAY_WRITE: Condition = Condition::scope("may-write", "articles:write");
const RECENT: Condition = Condition::max_age("recent", 600);
const STRONG: Condition = Condition::acr("strong", &["phr", "phrh"]);
const ON_CALL: Condition = Condition::custom("on-call");
const FROZEN: Condition = Condition::custom("frozen");

const ARTICLES: Acl = acl![
    (Allow, Authenticated, ["by-day"], if DAY),
    (Deny, Everyone, ["not-in-election"], if ELECTION),
    (Allow, Everyone, ["not-in-election"]),
    (Allow, Everyone, ["in-office"], if OFFICE),
    (Deny, Everyone, ["out-of-office"], if OFFICE),
    (Allow, Everyone, ["out-of-office"]),
    (Allow, Authenticated, ["write"], if MAY_WRITE),
    (Deny, Authenticated, ["read-only"], if MAY_WRITE),
    (Allow, Authenticated, ["read-only"]),
    (Allow, Authenticated, ["transfer"], if all(RECENT, STRONG)),
    (Allow, Authenticated, ["restart"], if ON_CALL),
    (Deny, Everyone, ["change"], if FROZEN),
    (Allow, Group("editors"), ["change"]),
    (Allow, Group("editors"), ["either"], if ON_CALL),
    (Allow, Authenticated, ["either"], if all(DAY, FROZEN)),
];

macro_rules! handlers {
    ($($name:ident: $permission:literal,)*) => {
        $(
            #[acl_required($permission, ARTICLES)]
            async fn $name() {}
        )*

        fn routes() -> Router {
            Router::new()$(.route(concat!("/", $permission), guarded::get($name)))*
        }
    };
}

handlers! {
    by_day: "by-day",
    not_in_election: "not-in-election",
    in_office: "in-office",
    out_of_office: "out-of-office",
    write: "write",
    read_only: "read-only",
    transfer: "transfer",
    restart: "restart",
    change: "change",
    either: "either",
}

fn no(_: ConditionQuestion<'_>) -> Answer<'_, Result<bool, BoxError>> {
    Answer::Now(Ok(false))
}

fn layer(identity: FakeIdentity, clock: &FrozenClock) -> AuthLayer {
    AuthLayer::new(identity).with_clock(clock.clone()).with_groups(now(|_| Ok(Some(["editors"].into()))))
}

fn bound(identity: FakeIdentity, clock: &FrozenClock) -> AuthLayer {
    layer(identity, clock).with_condition(ON_CALL, no).with_condition(FROZEN, no)
}

async fn status(app: &impl support::App, path: &str) -> StatusCode {
    support::get(app, path).await.status
}

const OK: StatusCode = StatusCode::OK;
const DENIED: StatusCode = StatusCode::FORBIDDEN;

#[tokio::test]
async fn periods_of_time_follow_the_clock_of_the_layer() {
    let clock = FrozenClock::at(NOON);
    let app = routes().with_auth(bound(FakeIdentity::user("alice"), &clock));
    for (hours, by_day, election) in
        [(0, OK, DENIED), (1, OK, OK), (5, OK, OK), (6, DENIED, OK), (20, OK, OK)]
    {
        clock.set(auth_runtime::clock::UnixTime::from_secs(NOON + hours * 3_600));
        assert_eq!(status(&app, "/by-day").await, by_day, "{hours}");
        assert_eq!(status(&app, "/not-in-election").await, election, "{hours}");
    }
    let anonymous = routes().with_auth(bound(FakeIdentity::anonymous(), &FrozenClock::at(NOON)));
    assert_eq!(status(&anonymous, "/by-day").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn networks_are_compared_with_the_client_behind_trusted_proxies() {
    let clock = FrozenClock::at(NOON);
    let direct = routes().with_auth(bound(FakeIdentity::anonymous(), &clock));
    let behind = bound(FakeIdentity::anonymous(), &clock)
        .with_client_address(ClientAddress::behind(["192.0.2.1"]).unwrap());
    let behind = routes().with_auth(behind);
    let (inside, outside) = ([OK, StatusCode::UNAUTHORIZED], [StatusCode::UNAUTHORIZED, OK]);
    // An unknown address: a rule that allows does not fire, and one that denies does.
    let unknown = [StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED];
    for (is_behind, peer, header, expected) in [
        (false, Some("10.1.2.3:80"), "", inside),
        (false, Some("[2001:db8::1]:80"), "", inside),
        (false, Some("[::ffff:10.1.2.3]:80"), "", inside),
        (false, Some("11.1.2.3:80"), "10.1.2.3", outside),
        (false, None, "10.1.2.3", unknown),
        (true, Some("192.0.2.1:80"), "10.1.2.3", inside),
        (true, Some("192.0.2.1:80"), "10.1.2.3, 11.0.0.1", outside),
        (true, Some("192.0.2.1:80"), "", unknown),
        (true, Some("192.0.2.2:80"), "10.1.2.3", outside),
    ] {
        let mut found = Vec::new();
        for path in ["/in-office", "/out-of-office"] {
            let mut request = Request::get(path);
            if let Some(peer) = peer {
                request = request.extension(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
            }
            if !header.is_empty() {
                request = request.header("x-forwarded-for", header);
            }
            let app = if is_behind { &behind } else { &direct };
            found.push(ask(app, request).await.status);
        }
        assert_eq!(found, expected, "{is_behind} {peer:?} {header}");
    }
}

#[tokio::test]
async fn scopes_are_those_of_the_token_and_unknown_for_other_credentials() {
    let clock = FrozenClock::at(NOON);
    let user = || FakeIdentity::user("alice");
    for (identity, [write, read_only]) in [
        (user().with_scopes(["articles:write"]), [OK, DENIED]),
        (user().with_scopes(["articles:read"]), [DENIED, OK]),
        (user(), [DENIED, DENIED]),
    ] {
        let app = routes().with_auth(bound(identity, &clock));
        assert_eq!([status(&app, "/write").await, status(&app, "/read-only").await], [write, read_only]);
    }
}

#[tokio::test]
async fn a_log_in_has_to_be_recent_and_strong() {
    let clock = FrozenClock::at(NOON);
    let user = || FakeIdentity::user("alice");
    let minutes = Duration::from_mins;
    for (identity, expected) in [
        (user().with_acr("phr").logged_in_ago(minutes(10)), OK),
        (user().with_acr("phr").logged_in_ago(minutes(11)), DENIED),
        (user().with_acr("weak").logged_in_ago(minutes(1)), DENIED),
        (user().logged_in_ago(minutes(1)), DENIED),
        (user().with_acr("phrh"), DENIED),
    ] {
        let app = routes().with_auth(bound(identity.clone(), &clock));
        assert_eq!(status(&app, "/transfer").await, expected, "{identity:?}");
    }
}

/// A condition that counts how often it is asked.
fn counted(
    asked: &Arc<AtomicUsize>,
    answer: fn(Option<&str>) -> Result<bool, BoxError>,
) -> impl for<'a> Fn(ConditionQuestion<'a>) -> Answer<'a, Result<bool, BoxError>> + Send + Sync + 'static {
    let asked = Arc::clone(asked);
    let counted = move |question: ConditionQuestion<'_>| {
        asked.fetch_add(1, Ordering::SeqCst);
        let user = question.user().map(|user| user.as_str().to_owned());
        answer(user.as_deref())
    };
    move |question| {
        let found = counted(question);
        Answer::later(async move {
            tokio::task::yield_now().await;
            found
        })
    }
}

#[tokio::test]
async fn a_condition_of_the_application_sees_the_user_and_is_asked_only_if_the_decision_depends_on_it() {
    let clock = FrozenClock::at(NOON);
    let asked = Arc::default();
    let layer = layer(FakeIdentity::by_header(), &clock)
        .with_condition(ON_CALL, counted(&asked, |user| Ok(user == Some("alice"))))
        .with_condition(FROZEN, no);
    let app = routes().with_auth(layer);
    for (user, path, expected, times) in [
        ("alice", "/restart", OK, 1),
        ("bob", "/restart", DENIED, 1),
        ("", "/restart", StatusCode::UNAUTHORIZED, 0),
        ("alice", "/by-day", OK, 0),
        ("alice", "/change", OK, 0),
    ] {
        let mut request = Request::get(path);
        if !user.is_empty() {
            request = request.header(USER_HEADER, user);
        }
        assert_eq!(ask(&app, request).await.status, expected, "{user} {path}");
        assert_eq!(asked.swap(0, Ordering::SeqCst), times, "{user} {path}");
    }
}

#[acl_required("restart", ARTICLES)]
#[acl_required("either", ARTICLES)]
async fn asks_again(auth: Auth) -> Result<String, AuthError> {
    let (first, second) = tokio::join!(auth.permits("restart", ARTICLES), auth.permits("either", ARTICLES));
    auth.check_permission("restart", ARTICLES).await?;
    Ok(format!("{} {}", first?, second?))
}

#[tokio::test]
async fn each_condition_is_asked_at_most_once_per_request() {
    let clock = FrozenClock::at(NOON);
    let asked = Arc::default();
    let layer = layer(FakeIdentity::user("alice"), &clock)
        .with_condition(ON_CALL, counted(&asked, |_| Ok(true)))
        .with_condition(FROZEN, no);
    let app = Router::new().route("/", guarded::get(asks_again)).with_auth(layer);
    let answer = support::get(&app, "/").await;
    assert_eq!((answer.status, answer.text()), (OK, "true true"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_failure_is_503_and_is_logged_once() {
    let clock = FrozenClock::at(NOON);
    let asked = Arc::default();
    let layer = layer(FakeIdentity::user("alice"), &clock)
        .with_condition(ON_CALL, counted(&asked, |_| Err("the roster is down".into())))
        .with_condition(FROZEN, |_| Answer::Now(Err("the switch is down".into())));
    let app = routes().route("/again", guarded::get(asks_again)).with_auth(layer);
    for (path, error) in [("/restart", "the roster is down"), ("/change", "the switch is down")] {
        let (answer, log) = Log::of(support::get(&app, path)).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        let failures: Vec<_> = log.iter().filter(|told| told.field("error").contains(error)).collect();
        assert_eq!(failures.len(), 1, "{path} {log:?}");
        assert_eq!(failures[0].field("operation"), "condition");
    }
    asked.store(0, Ordering::SeqCst);
    assert_eq!(status(&app, "/again").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
#[should_panic(
    expected = "a rule depends on the condition `frozen`, which nothing answers; add `AuthLayer::with_condition` with it"
)]
fn an_application_without_an_answer_does_not_start() {
    let layer = layer(FakeIdentity::anonymous(), &FrozenClock::at(NOON)).with_condition(ON_CALL, no);
    let _ = routes().with_auth(layer);
}

#[test]
#[should_panic(expected = "the condition `on-call` is bound twice; remove one `with_condition`")]
fn a_condition_is_bound_once() {
    let _ = bound(FakeIdentity::anonymous(), &FrozenClock::at(NOON)).with_condition(ON_CALL, no);
}

#[test]
#[should_panic(expected = "the condition `owner` is answered by the layer")]
fn a_condition_of_the_layer_is_not_bound() {
    let _ = testing::anonymous().with_condition(OWNER, no);
}

#[tokio::test]
async fn on_another_router_a_missing_answer_is_500() {
    let app = axum::Router::new().route("/", get(restart)).layer(testing::acting_as("alice", ["editors"]));
    let (answer, log) = Log::of(support::get(&app, "/")).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        log.iter().any(|told| told
            .field("error")
            .contains("which nothing answers; add `AuthLayer::with_condition`")),
        "{log:?}"
    );
}

const SHARED: Acl = acl![
    (Deny, Authenticated, ["approve"], if OWNER),
    (Allow, Group("editors"), ["approve"]),
    (Allow, Authenticated, ["edit"], if OWNER),
    (Allow, Authenticated, ["read"], if TENANT),
    (Deny, Everyone, ["leave"], if TENANT),
    (Allow, Authenticated, ["leave"]),
];

#[derive(Clone, Copy, Permission)]
enum Can {
    Approve,
    Edit,
    Leave,
    Read,
}

/// `/alice/acme`: who owns it, and of which tenant it is. It need not be `Sync`.
struct Article {
    owner: Option<String>,
    tenant: Option<String>,
    section: Section,
    looked_at: std::cell::Cell<u32>,
}

/// The section of every article, which is carol's.
struct Section;

impl Resource for Section {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        &SHARED
    }

    fn owner(&self) -> Option<&str> {
        Some("carol")
    }
}

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        self.looked_at.set(self.looked_at.get() + 1);
        &SHARED
    }

    fn parent(&self) -> Option<impl Resource> {
        Some(&self.section)
    }

    fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    fn tenant(&self) -> Option<Name<'_>> {
        self.tenant.as_deref().map(Name::Text)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((owner, tenant)) = path.map_err(|_| StatusCode::NOT_FOUND)?;
        let known = |text: String| Some(text).filter(|text| text != "-");
        Ok(Self { owner: known(owner), tenant: known(tenant), section: Section, looked_at: 0.into() })
    }
}

#[acl_required("edit", article)]
async fn edit(article: Article) {
    let _ = article;
}

#[acl_required("approve", article)]
async fn approve(article: Article) {
    let _ = article;
}

#[acl_required("leave", article)]
async fn leave(article: Article) {
    let _ = article;
}

permit! {
    struct MayRead = "read";
}

async fn read(article: auth_runtime::guard::Permit<MayRead, Article>) {
    let _ = article.into_inner();
}

fn resource_app(tenants: fn(&str) -> Result<Option<Tenant>, BoxError>) -> guarded::App {
    let layer = AuthLayer::new(FakeIdentity::by_header())
        .with_groups(now(|_| Ok(Some(["editors"].into()))))
        .with_tenants(move |question: ConditionQuestion<'_>| {
            let found = tenants(question.user().map_or("", |user| user.as_str()));
            Answer::later(async move { found })
        });
    Router::new()
        .route("/edit/{owner}/{tenant}", guarded::get(edit))
        .route("/approve/{owner}/{tenant}", guarded::get(approve))
        .route("/leave/{owner}/{tenant}", guarded::get(leave))
        .route("/read/{owner}/{tenant}", guarded::get(read))
        .with_auth(layer)
}

#[expect(clippy::unnecessary_wraps, reason = "one that fails takes its place in another test")]
fn company(user: &str) -> Result<Option<Tenant>, BoxError> {
    Ok(match user {
        "alice" => Some(Tenant::from("acme")),
        "bob" => Some("bolts".into()),
        _ => None,
    })
}

#[tokio::test]
async fn the_owner_and_the_tenant_of_a_resource_are_compared_with_the_user() {
    let app = resource_app(company);
    for (user, path, expected) in [
        ("alice", "/edit/alice/acme", OK),
        ("bob", "/edit/alice/acme", DENIED),
        // The owner of the section may edit by the rules of the section.
        ("carol", "/edit/alice/acme", OK),
        ("alice", "/edit/-/acme", DENIED),
        ("alice", "/approve/alice/acme", DENIED),
        ("bob", "/approve/alice/acme", OK),
        // It is not known who must not approve.
        ("bob", "/approve/-/acme", DENIED),
        ("alice", "/read/bob/acme", OK),
        ("bob", "/read/bob/acme", DENIED),
        ("carol", "/read/bob/acme", DENIED),
        ("alice", "/read/bob/-", DENIED),
        ("alice", "/leave/bob/acme", DENIED),
        ("bob", "/leave/bob/acme", OK),
        ("carol", "/leave/bob/acme", DENIED),
        ("alice", "/leave/bob/-", DENIED),
    ] {
        let answer = ask(&app, Request::get(path).header(USER_HEADER, user)).await;
        assert_eq!(answer.status, expected, "{user} {path}");
    }
    assert_eq!(status(&app, "/edit/alice/acme").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_tenant_that_cannot_be_told_is_503_or_500() {
    let request = || Request::get("/read/bob/acme").header(USER_HEADER, "alice");
    let failing = resource_app(|_| Err("no table of companies".into()));
    let (answer, log) = Log::of(ask(&failing, request())).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(log.iter().any(|told| told.field("operation") == "tenants"), "{log:?}");

    let unbound = Router::new().route("/read/{owner}/{tenant}", guarded::get(read));
    let unbound = unbound.with_auth(AuthLayer::new(FakeIdentity::by_header()));
    let (answer, log) = Log::of(ask(&unbound, request())).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(log.iter().any(|told| told.field("error").contains("add `AuthLayer::with_tenants`")), "{log:?}");
}

async fn list(auth: Auth) -> Result<String, AuthError> {
    let article = |owner: &str, tenant: &str| Article {
        owner: Some(owner.to_owned()),
        tenant: Some(tenant.to_owned()),
        section: Section,
        looked_at: 0.into(),
    };
    let all = || [article("alice", "acme"), article("bob", "acme"), article("bob", "bolts")];
    let own = auth.filter("edit", all()).await?.len();
    let of_tenant = auth.filter("read", all()).await?.len();
    Ok(format!("{own} {of_tenant}"))
}

#[tokio::test]
async fn lists_are_filtered_by_conditions() {
    let layer = AuthLayer::new(FakeIdentity::by_header()).with_tenants(|question: ConditionQuestion<'_>| {
        Answer::Now(company(question.user().map_or("", |user| user.as_str())))
    });
    let app = axum::Router::new().route("/", get(list)).layer(layer);
    for (user, expected) in [("alice", "1 2"), ("bob", "2 1"), ("carol", "3 0")] {
        let answer = ask(&app, Request::get("/").header(USER_HEADER, user)).await;
        assert_eq!(answer.text(), expected, "{user}");
    }
}

const COMPANY: Acl = acl![
    (Deny, Authenticated, ["approve"], if OWNER),
    (Allow, Authenticated, ["approve", "read"], if TENANT),
];

/// Returns what is in a query instead of asking about each row.
async fn rows(auth: Auth, Path(permission): Path<String>) -> Result<String, AuthError> {
    let rules = COMPANY.iter().map(|rule| RowRule::from(rule).with_owner("owner").with_tenant("tenant"));
    let filter = auth.row_filter(permission.as_str(), rules).await?;
    let cases = filter.cases().iter().map(|case| {
        let tests = case.tests().iter().map(|test| match test.value() {
            RowValue::User(id) => format!("{} = {id}", test.column()),
            RowValue::OneOf(names) => format!(
                "{} in {:?}",
                test.column(),
                names.iter().map(|name| name.to_string()).collect::<Vec<_>>()
            ),
            RowValue::Null => format!("{} is null", test.column()),
        });
        format!("{} {}", if case.is_allow() { "+" } else { "-" }, tests.collect::<Vec<_>>().join(" and "))
    });
    Ok(cases.collect::<Vec<_>>().join("; "))
}

#[tokio::test]
async fn the_filter_of_a_query_has_the_conditions_of_owner_and_tenant() {
    let app = |tenants: fn(&str) -> Result<Option<Tenant>, BoxError>| {
        let layer =
            AuthLayer::new(FakeIdentity::by_header()).with_tenants(move |question: ConditionQuestion<'_>| {
                Answer::Now(tenants(question.user().map_or("", |user| user.as_str())))
            });
        axum::Router::new().route("/{permission}", get(rows)).layer(layer)
    };
    for (path, user, expected) in [
        ("/read", "alice", "+ tenant in [\"acme\"]"),
        ("/approve", "alice", "- owner = alice; - owner is null; + tenant in [\"acme\"]"),
        // She has no tenant, so no rule allows.
        ("/read", "carol", ""),
        ("/approve", "carol", ""),
        ("/write", "alice", ""),
    ] {
        let answer = ask(&app(company), Request::get(path).header(USER_HEADER, user)).await;
        assert_eq!(answer.text(), expected, "{path} {user}");
    }
    let failing = app(|_| Err("no table of companies".into()));
    let answer = ask(&failing, Request::get("/read").header(USER_HEADER, "alice")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

async fn explained(auth: Auth) -> Result<String, AuthError> {
    Ok(auth.explain("either", ARTICLES).await?.to_string())
}

#[tokio::test]
async fn explanations_show_the_answers_that_a_decision_depended_on() {
    let clock = FrozenClock::at(NOON);
    let app =
        axum::Router::new().route("/", get(explained)).layer(bound(FakeIdentity::user("alice"), &clock));
    let answer = support::get(&app, "/").await;
    // Without the source lines of rules.
    let text: Vec<&str> = answer.text().split(" (line ").collect();
    let text = text.iter().map(|part| {
        part.split_once("); ").map_or(*part, |(line, rest)| if line.len() < 4 { rest } else { part })
    });
    let text = text.collect::<Vec<_>>().join("; ");
    for expected in [
        "(Allow, Group(\"editors\"), [\"either\"], if on-call): does not fire; `on-call` does not hold",
        "if all(day, frozen)): does not fire; `day` holds; `frozen` does not hold",
        "it would be enough to meet the condition `on-call`, or to meet the conditions `day` and `frozen`",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

/// What the last handler made.
type Made = Extension<Arc<Mutex<Option<Watch>>>>;

async fn watched(auth: Auth, made: Made) -> Result<(), AuthError> {
    *made.0.lock().unwrap() = Some(auth.watch("by-day", ARTICLES).await?);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_watch_ends_when_the_period_of_its_rule_does() {
    let clock = FrozenClock::at(NOON);
    let made = Made::default();
    let watches = auth_runtime::watch::Watches::new().with_interval(24 * HOUR);
    let layer = bound(FakeIdentity::user("alice"), &clock).with_watches(watches);
    let app = axum::Router::new().route("/", get(watched)).layer(made.clone()).layer(layer);
    assert_eq!(status(&app, "/").await, OK);
    let mut watch = made.0.lock().unwrap().take().unwrap();
    let began = tokio::time::Instant::now();
    let at_the_end = async {
        tokio::time::sleep(6 * HOUR).await;
        clock.advance(6 * HOUR);
        std::future::pending::<()>().await;
    };
    tokio::select! {
        biased;
        () = at_the_end => {}
        ended = &mut watch => assert_eq!(ended, EndReason::Forbidden),
    }
    assert_eq!(began.elapsed(), 6 * HOUR);
    clock.advance(6 * HOUR);
    assert_eq!(status(&app, "/").await, DENIED);
}

#[test]
fn without_a_request_conditions_are_unknown() {
    let none = auth_runtime::Groups::none();
    let alice = auth_runtime::Principals::user("alice", &none);
    assert!(!ARTICLES.decide("by-day", &alice).is_allow());
    assert!(!ARTICLES.decide("not-in-election", &alice).is_allow());
    let answer = |holds: bool| move |_: &Condition| Some(ConditionAnswer::of(holds));
    let decide = |permission, holds| {
        acl::decide_if(ARTICLES, Name::Text(permission), &alice, answer(holds)).unwrap().is_allow()
    };
    assert!(decide("by-day", true) && !decide("by-day", false));
    assert!(!decide("not-in-election", true) && decide("not-in-election", false));
}

#[tokio::test]
async fn the_table_shows_conditions_and_the_router_does_what_it_says() {
    let clock = FrozenClock::at(NOON);
    let routes = routes();
    let access = routes.access();
    let app = routes.with_auth(bound(FakeIdentity::anonymous(), &clock));
    let text = access.to_markdown();
    for line in [
        "| GET /by-day | by-day @ ARTICLES | 401 | if day (ARTICLES 1) | if day (ARTICLES 1) |",
        "| GET /change | change @ ARTICLES | 401 | 403 | unless frozen (ARTICLES 12) |",
        "| GET /either | either @ ARTICLES | 401 | if day and frozen (ARTICLES 15) | if on-call, if day and frozen (ARTICLES 14) |",
        "| GET /in-office | in-office @ ARTICLES | if office (ARTICLES 4) | if office (ARTICLES 4) | if office (ARTICLES 4) |",
        "- `day`: the time is from 08:00 to 18:00 UTC",
        "- `office`: the client is in 10.0.0.0/8 or 2001:db8::/32",
        "- `on-call`: the application answers",
        "- `strong`: the log-in was by phr or phrh",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let verified = access.verify(app.clone()).await.unwrap();
    assert_eq!((verified.confirmed, verified.left_out), (30, 0));

    // The router of another table: its guards are compared with all answers, too.
    let other: Router =
        Router::new().route("/by-day", guarded::get(write)).route("/write", guarded::get(open));
    let wrong = access.verify(other.with_auth(bound(FakeIdentity::anonymous(), &clock))).await.unwrap_err();
    let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    let expected = "GET /write for signed in: the table says if may-write, but the request got through";
    assert!(wrong.iter().any(|wrong| wrong == expected), "{wrong:?}");
    let json: serde_json::Value = serde_json::from_str(&access.to_json()).unwrap();
    assert_eq!(json["routes"][0]["answers"][1]["on"], "conditions");
    assert_eq!(json["routes"][0]["answers"][1]["conditions"], "if day");
    assert_eq!(json["conditions"][0]["name"], "day");
    assert!(access.to_mermaid().contains("who1 -. \"if day\" .-> routes0"), "{}", access.to_mermaid());
}

const OPEN: Acl = acl![(Allow, Everyone, ["open"])];

#[acl_required("open", OPEN)]
async fn open() {}
