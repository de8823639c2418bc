//! Policies: the permissions that they answer for, their answers with reasons, and their questions about resources.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use auth_runtime::{
    Auth, AuthError, AuthLayer, BoxError, Groups, Name, Permission, UserId,
    access::AccessRow,
    async_trait,
    authorization::{AuthorizationPolicy, PolicyChain, PolicyDecision, Question, Role, RolePolicy, now},
    guard,
    guarded::{self, unguarded},
    permission_required,
    testing::{self, FakeIdentity, FakePolicy, USER_HEADER},
};
use axum::{
    Router,
    extract::{FromRequestParts, Path},
    http::{Request, StatusCode, request::Parts},
    routing::{get, post},
};

use crate::support::{self, Answer, Log};

#[derive(Clone, Copy, Debug, Eq, PartialEq, Permission)]
enum Can {
    View,
    Approve,
}

#[derive(Clone, Copy, Permission)]
enum May {
    #[permission(name = "approve")]
    Approve,
}

struct Invoice {
    cents: u64,
    owner: &'static str,
}

/// Owners view their invoices, and approve small ones. In the night everything is denied.
struct Invoices;

#[async_trait]
impl AuthorizationPolicy for Invoices {
    type Permission = Can;

    async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        if question.request().headers().contains_key("x-night") {
            return Ok(PolicyDecision::deny("it is night\nin the office"));
        }
        let Some(invoice) = question.resource::<Invoice>() else { return Ok(PolicyDecision::Abstain) };
        let is_owner = question.user().is_some_and(|user| *user == invoice.owner);
        Ok(match question.permission_as::<Can>() {
            _ if invoice.cents == 0 => return Err("the ledger is closed".into()),
            Some(Can::Approve) if invoice.cents > 1_000 => {
                PolicyDecision::deny(format!("{} cents are more than 1000", invoice.cents))
            }
            Some(Can::Approve | Can::View) => PolicyDecision::allow_if(is_owner),
            None => PolicyDecision::Abstain,
        })
    }
}

const fn invoice(cents: u64) -> Invoice {
    Invoice { cents, owner: "alice" }
}

async fn approve(auth: Auth, Path(cents): Path<u64>) -> Result<String, AuthError> {
    let user = auth.check_policy(Can::Approve, &invoice(cents)).await?;
    Ok(user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string()))
}

async fn may(auth: Auth, Path(cents): Path<u64>) -> Result<String, AuthError> {
    let may = auth.policy_permits(Can::Approve, &invoice(cents)).await?;
    let why = auth.policy_decision(Can::Approve, &invoice(cents)).await?;
    assert_eq!(may, why.is_allow());
    Ok(format!("{may} {}", why.reason().unwrap_or("-")))
}

/// Asks about something else than an invoice.
async fn view_all(auth: Auth) -> Result<(), AuthError> {
    auth.check_policy(Can::View, &()).await.map(drop)
}

async fn wrong_enum(auth: Auth) -> Result<(), AuthError> {
    auth.check_policy(May::Approve, &invoice(5)).await.map(drop)
}

#[permission_required(Can::View)]
async fn view() {}

#[permission_required(May::Approve)]
async fn of_another_enum() {}

impl<S: Send + Sync> FromRequestParts<S> for Invoice {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let cents = Path::<u64>::from_request_parts(parts, state).await;
        // No one has an invoice of this number.
        cents.ok().filter(|cents| cents.0 != 404).map(|cents| invoice(cents.0)).ok_or(StatusCode::NOT_FOUND)
    }
}

#[permission_required(Can::Approve, invoice)]
async fn guarded_argument(invoice: Invoice) -> String {
    invoice.cents.to_string()
}

#[permission_required(any(Can::View, Can::Approve), invoice, hide, anonymous)]
async fn hidden_argument(invoice: Invoice) -> String {
    invoice.cents.to_string()
}

fn routes() -> Router {
    Router::new()
        .route("/approve/{cents}", post(approve))
        .route("/may/{cents}", get(may))
        .route("/all", post(view_all))
        .route("/wrong-enum", post(wrong_enum))
        .route("/guard", post(view))
        .route("/argument/{cents}", post(guarded_argument))
        .route("/hidden/{cents}", post(hidden_argument))
        .route("/guard-of-another-enum", post(of_another_enum))
}

fn app() -> Router {
    let groups = now(|user: Option<&UserId>| match user.map(UserId::as_str) {
        Some("blocked") => Ok(None),
        _ => Ok(Some(Groups::none())),
    });
    routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_policy(Invoices).with_groups(groups))
}

async fn ask(path: &str, user: &str) -> Answer {
    let request = if path.starts_with("/may") { Request::get(path) } else { Request::post(path) };
    let request = if user.is_empty() { request } else { request.header(USER_HEADER, user) };
    support::ask(&app(), request).await
}

#[tokio::test]
async fn a_check_in_a_handler_gives_the_policy_the_resource() {
    for (path, user, expected) in [
        ("/approve/500", "alice", 200),
        ("/approve/500", "bob", 403),
        ("/approve/500", "", 401),
        ("/approve/5000", "alice", 403),
        ("/approve/5000", "", 401),
        ("/approve/0", "alice", 503),
        ("/approve/500", "blocked", 403),
        ("/all", "alice", 403),
        ("/all", "", 401),
        ("/wrong-enum", "alice", 500),
    ] {
        assert_eq!(ask(path, user).await.status.as_u16(), expected, "{path} {user}");
    }
    assert_eq!(ask("/approve/500", "alice").await.text(), "alice");
}

#[tokio::test]
async fn a_guard_gives_the_policy_the_argument() {
    for (path, user, expected) in [
        ("/argument/500", "alice", 200),
        ("/argument/500", "bob", 403),
        ("/argument/5000", "alice", 403),
        ("/argument/0", "alice", 503),
        ("/argument/404", "alice", 404),
        // These are rejected before the invoice is loaded.
        ("/argument/404", "", 401),
        ("/argument/404", "blocked", 403),
        ("/hidden/5000", "alice", 200),
        ("/hidden/500", "bob", 404),
        ("/hidden/500", "", 404),
        ("/hidden/500", "blocked", 404),
        ("/hidden/0", "alice", 503),
    ] {
        assert_eq!(ask(path, user).await.status.as_u16(), expected, "{path} {user}");
    }
    assert_eq!(ask("/argument/500", "alice").await.text(), "500");
    let (_, told) = Log::of(ask("/argument/5000", "alice")).await;
    let reason = told.iter().find(|told| told.message == "policy reason").unwrap();
    assert_eq!(reason.field("text"), "5000 cents are more than 1000");
    let denial = told.iter().find(|told| told.message == "deny").unwrap();
    assert_eq!(["permission", "context"].map(|name| denial.field(name)), ["approve", "invoice"]);
}

#[tokio::test]
async fn a_guarded_router_and_its_table_know_guards_of_arguments() {
    let router: guarded::Router = guarded::Router::new()
        .route("/argument/{cents}", guarded::post(guarded_argument))
        .route("/hidden/{cents}", guarded::post(hidden_argument));
    let app = router.with_auth(AuthLayer::new(FakeIdentity::by_header()).with_policy(Invoices));
    let rows: Vec<_> = app.access().rows().iter().map(AccessRow::guard).collect();
    let any = "any(Can::View, Can::Approve) of Can @ policy about invoice, anonymous included, hidden";
    assert_eq!(rows, ["approve of Can @ policy about invoice", any]);
    app.access().verify(app.clone()).await.unwrap();
    let allowed = Request::post("/argument/500").header(USER_HEADER, "alice");
    assert_eq!(support::ask(&app, allowed).await.status, StatusCode::OK);
    let denied = Request::post("/argument/500").header(USER_HEADER, "bob");
    assert_eq!(support::ask(&app, denied).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_policy_sees_the_request_of_guards_and_handlers() {
    for path in ["/approve/500", "/guard"] {
        let request = Request::post(path).header(USER_HEADER, "alice").header("x-night", "");
        let (answer, told) = Log::of(support::ask(&app(), request)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        let reason = told.iter().find(|told| told.message == "policy reason");
        assert_eq!(reason.map(|told| told.field("text")), Some("it is night\\u{a}in the office"), "{path}");
    }
}

#[tokio::test]
async fn each_answer_has_its_event_and_reasons_stay_out_of_responses() {
    for (path, user, reason, status, text) in [
        ("/approve/500", "alice", "policy", "", None),
        ("/approve/5000", "alice", "policy", "403", Some("5000 cents are more than 1000")),
        ("/approve/500", "bob", "abstained", "403", None),
        ("/approve/500", "", "abstained", "401", None),
        ("/approve/500", "blocked", "blocked", "403", None),
    ] {
        let (answer, told) = Log::of(ask(path, user)).await;
        let decisions: Vec<_> =
            told.iter().filter(|told| matches!(&*told.message, "allow" | "deny")).collect();
        let [decision] = *decisions else { panic!("{path} {user}: {told:?}") };
        let fields = ["user", "guard", "permission", "reason", "status"].map(|name| decision.field(name));
        assert_eq!(fields, [user, "handler", "approve", reason, status], "{path}");
        let reasons = told.iter().filter(|told| told.message == "policy reason");
        let reasons: Vec<_> = reasons.map(|told| (told.field("permission"), told.field("text"))).collect();
        assert_eq!(
            reasons,
            text.map(|text| ("approve", text)).into_iter().collect::<Vec<_>>(),
            "{path} {user}"
        );
        let response = format!("{:?} {}", answer.headers, answer.text());
        assert!(text.is_none_or(|text| !response.contains(text)), "{response}");
    }
}

#[tokio::test]
async fn a_handler_can_ask_for_the_reason() {
    for (path, user, expected) in [
        ("/may/500", "alice", "true -"),
        ("/may/5000", "alice", "false 5000 cents are more than 1000"),
        ("/may/500", "bob", "false -"),
        ("/may/500", "blocked", "false the user is blocked"),
    ] {
        assert_eq!(ask(path, user).await.text(), expected, "{path} {user}");
    }
}

#[tokio::test]
async fn the_next_policy_decides_where_one_abstains() {
    let roles = RolePolicy::new().allow(Role::user("root".parse().unwrap()), [Can::View, Can::Approve]);
    let layer = AuthLayer::new(FakeIdentity::by_header()).with_policy(PolicyChain::new(Invoices, roles));
    let app = routes().layer(layer);
    for (path, user, expected) in [
        ("/approve/500", "alice", 200),
        ("/approve/500", "root", 200),
        // The first policy denies it, so the second one is not asked.
        ("/approve/5000", "root", 403),
        ("/approve/500", "bob", 403),
        ("/approve/0", "root", 503),
        ("/guard", "root", 200),
        ("/guard", "alice", 403),
    ] {
        let answer = support::ask(&app, Request::post(path).header(USER_HEADER, user)).await;
        assert_eq!(answer.status.as_u16(), expected, "{path} {user}");
    }
}

// A name alone does not suffice: both enums have a permission `approve`.
#[tokio::test]
async fn a_guard_of_another_enum_is_a_configuration_error_on_axums_router() {
    for path in ["/guard-of-another-enum", "/wrong-enum"] {
        let (answer, told) = Log::of(ask(path, "alice")).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        let error = told.iter().find(|told| told.message == "misconfigured").unwrap().field("error");
        assert_eq!(
            error,
            "the permission `approve` of `guards::policy_decisions::May` is asked for, but the policy answers for \
             `guards::policy_decisions::Can`; ask for a variant of `guards::policy_decisions::Can`, or write `type \
             Permission = May;` in the policy"
        );
    }
    let app = routes()
        .layer(testing::acting_as("alice", ["x"]).with_policy(FakePolicy::permitting([May::Approve])));
    let answer = support::ask(&app, Request::post("/guard-of-another-enum")).await;
    assert_eq!(answer.status, StatusCode::OK);
}

fn panic_of(build: impl FnOnce() -> guarded::App) -> String {
    let caught = catch_unwind(AssertUnwindSafe(build)).map(drop).unwrap_err();
    caught.downcast_ref::<String>().unwrap().clone()
}

#[test]
fn a_guarded_router_does_not_start_with_a_policy_for_another_enum() {
    let router = || guarded::Router::new().route("/approve", guarded::post(of_another_enum));
    let layer = || AuthLayer::new(FakeIdentity::by_header());
    let message = panic_of(|| router().with_auth(layer().with_policy(Invoices)));
    assert!(message.starts_with("POST /approve, tests/guards/policy_decisions.rs:"), "{message}");
    assert!(message.ends_with("or write `type Permission = May;` in the policy"), "{message}");

    let message = panic_of(|| router().with_auth(layer()));
    let expected = "the guard asks for `approve` of `guards::policy_decisions::May`, but the layer has no policy; add \
                    `AuthLayer::with_policy`";
    assert!(message.ends_with(expected), "{message}");

    // A guard around a service, and one around a router, are compared as well.
    let files = || Router::new().fallback(|| async { "a file" });
    let service = guarded::Router::new().nest("/files", guard::permission!(May::Approve).around(files()));
    assert!(panic_of(|| service.with_auth(layer().with_policy(Invoices))).contains("/files"));
    let group = guarded::Router::new()
        .route_service("/all", unguarded("a test", get(|| async {})))
        .guarded_by(guard::permission!(May::Approve));
    assert!(panic_of(|| group.with_auth(layer().with_policy(Invoices))).contains("/all"));

    let _: guarded::App = router().with_auth(layer().with_policy(FakePolicy::permitting([May::Approve])));
}

#[test]
fn the_access_table_shows_the_enum_of_a_policys_permissions() {
    let router: guarded::Router = guarded::Router::new()
        .route("/view", guarded::get(view))
        .nest("/files", guard::permission!(May::Approve).around(Router::new().fallback(|| async {})));
    let table = router.access();
    assert_eq!(table.rows()[0].guard(), "approve of May @ policy");
    assert_eq!(table.rows()[1].guard(), "view of Can @ policy");
    let json: serde_json::Value = serde_json::from_str(&table.to_json()).unwrap();
    assert_eq!(json["routes"][1]["guards"][0]["vocabulary"], "guards::policy_decisions::Can");
    let vocabulary = table.rows()[1].route().guards()[0].vocabulary();
    assert_eq!(vocabulary, Some("guards::policy_decisions::Can"));
}

#[test]
fn a_question_knows_its_permission_as_a_variant() {
    let (mut parts, ()) = Request::get("/").body(()).unwrap().into_parts();
    parts.extensions.clear();
    let request =
        auth_runtime::identity::Incoming::new(&parts, None, auth_runtime::clock::UnixTime::from_secs(1));
    let groups = Groups::none();
    let question = |name| Question::new(None, &groups, name, &request);
    assert_eq!(question(Name::Text("approve")).permission_as::<Can>(), Some(Can::Approve));
    assert_eq!(question(Name::Text("view")).permission_as::<Can>(), Some(Can::View));
    for name in [Name::Text("View"), Name::Text(""), Name::Number(0)] {
        assert_eq!(question(name).permission_as::<Can>(), None);
    }
    assert!(question(Name::Text("view")).permission_as::<()>().is_none());
    let invoice = invoice(7);
    let about = question(Name::Text("view")).about(&invoice);
    assert_eq!(about.resource::<Invoice>().map(|invoice| invoice.cents), Some(7));
    assert!(about.resource::<u64>().is_none());
    assert!(question(Name::Text("view")).resource::<Invoice>().is_none());
}
