//! Services: callers that are programs. Rules name them, guards ask for or exclude them, and no user passes as one.

use auth_runtime::{
    Acl, ApiKey, AuthLayer, Groups, Identity, Name, Principals, Rule, TicketCookie, User, UserId, acl,
    acl_required, auth_required,
    clock::UnixTime,
    guard, guarded,
    identity::{ApiKeyRecord, MemoryApiKeys},
    revocation::{MemoryRevocation, Revocation as _},
    testing::{FakeIdentity, FrozenClock, USER_HEADER},
};
use axum::{
    Router,
    http::{Request, StatusCode},
    routing::get,
};

use crate::support::{self, Log, ask};

const NOON: u64 = 1_700_000_000;

const INVOICES: Acl = acl![
    (Deny, Service("crawler"), ALL),
    (Allow, Service("billing"), ["create"]),
    (Allow, User("billing"), ["delete"]),
    (Allow, Authenticated, ["view"]),
];

#[acl_required("create", INVOICES)]
async fn create(user: UserId) -> String {
    user.to_string()
}

#[acl_required("delete", INVOICES)]
async fn delete() {}

#[acl_required("view", INVOICES)]
async fn view() {}

#[acl_required("view", INVOICES, callers = "users")]
async fn page() {}

#[auth_required(callers = "services")]
async fn hook() {}

#[auth_required(callers = "services", hide)]
async fn hidden() {}

fn app(layer: AuthLayer) -> Router {
    let layered = Router::new().route("/layer", get(async || ())).layer(guard::auth!(callers = "services"));
    Router::new()
        .route("/create", get(create))
        .route("/delete", get(delete))
        .route("/view", get(view))
        .route("/page", get(page))
        .route("/hook", get(hook))
        .route("/hidden", get(hidden))
        .merge(layered)
        .layer(layer)
}

async fn statuses(app: &Router, user: Option<&str>) -> Vec<u16> {
    let mut found = Vec::new();
    for path in ["/create", "/delete", "/view", "/page", "/hook", "/hidden", "/layer"] {
        let mut request = Request::get(path);
        if let Some(user) = user {
            request = request.header(USER_HEADER, user);
        }
        found.push(ask(app, request).await.status.as_u16());
    }
    found
}

#[tokio::test]
async fn a_service_and_a_user_of_one_name_are_told_apart() {
    let app = app(AuthLayer::new(FakeIdentity::by_header()));
    for (caller, expected) in [
        (Some("service:billing"), [200, 403, 200, 403, 200, 200, 200]),
        (Some("billing"), [403, 200, 200, 200, 403, 404, 403]),
        (Some("service:crawler"), [403, 403, 403, 403, 200, 200, 200]),
        (Some("crawler"), [403, 403, 200, 200, 403, 404, 403]),
        (None, [401, 401, 401, 401, 401, 404, 401]),
    ] {
        assert_eq!(statuses(&app, caller).await, expected, "{caller:?}");
    }
}

#[tokio::test]
async fn the_log_names_the_service_and_the_reason() {
    let app = app(AuthLayer::new(FakeIdentity::by_header()));
    let request = Request::get("/page").header(USER_HEADER, "service:billing");
    let (answer, told) = Log::of(ask(&app, request)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let event = told.iter().find(|event| event.field("reason") == "callers").unwrap();
    assert_eq!(event.field("user"), "service:billing");
}

#[test]
fn no_text_from_outside_names_a_service() {
    for text in ["service:billing", "service:", "service:service:billing"] {
        assert!(UserId::new(text).is_err() && Identity::new(text).is_err(), "{text}");
        assert!(text.parse::<UserId>().is_err() && UserId::try_from(text).is_err(), "{text}");
        assert!(text.parse::<Identity>().is_err() && Identity::try_from(text.to_owned()).is_err(), "{text}");
    }
    for name in ["", " billing", "bill\u{200b}ing", "service:billing", &"x".repeat(248)] {
        assert!(Identity::service(name).is_err() && UserId::service(name).is_err(), "{name}");
    }
    assert!(Identity::from_stored("service:").is_err());
    let service = Identity::service("billing").unwrap();
    assert_eq!((service.as_str(), service.service_name()), ("service:billing", Some("billing")));
    assert_eq!(Identity::from_stored(service.as_str()).unwrap(), service);
    assert_eq!(service.to_user_id(), UserId::service("billing").unwrap());
    assert!(UserId::service("7").unwrap().parse_as::<i64>().is_err(), "it is not the user 7");
    for user in ["Service:billing", "service", "services:x", "my service:x"] {
        assert_eq!(UserId::new(user).unwrap().service_name(), None, "{user}");
    }
}

#[test]
fn rules_and_explanations_show_services() {
    let service = UserId::service("billing").unwrap();
    let rule = Rule::allow(User(&service), &["create"]);
    assert_eq!(rule.to_string(), r#"(Allow, Service("billing"), ["create"])"#);
    let none = Groups::none();
    let explained = INVOICES.explain("delete", &Principals::user(&service, &none)).to_string();
    assert!(explained.contains("the service `billing`"), "{explained}");
    let explained = INVOICES.explain("create", &Principals::user("alice", &none)).to_string();
    assert!(explained.contains("be the service `billing`"), "{explained}");
    assert!(INVOICES.decide(Name::Text("create"), &Principals::user(&service, &none)).is_allow());
    assert!(!INVOICES.decide(Name::Text("create"), &Principals::user("billing", &none)).is_allow());
}

#[test]
fn the_access_table_shows_services_apart_from_users() {
    let app = guarded::Router::new()
        .route("/create", guarded::get(create))
        .route("/page", guarded::get(page))
        .route("/hook", guarded::get(hook))
        .with_auth(AuthLayer::new(FakeIdentity::anonymous()));
    let table = app.access();
    let text = table.to_string();
    for shown in ["service billing", "user billing", "users only", "services only"] {
        assert!(text.contains(shown), "{shown} is missing in\n{text}");
    }
    let cells = |caller: &str| -> Vec<(String, bool)> {
        let at = table.callers().iter().position(|own| own.to_string() == caller).unwrap();
        let rows = table.rows().iter();
        rows.map(|row| (row.name(), row.cells().get(at).unwrap().to_string().starts_with("yes"))).collect()
    };
    let allowed = |caller: &str| -> Vec<bool> { cells(caller).into_iter().map(|(_, is)| is).collect() };
    let paths: Vec<String> = cells("user billing").into_iter().map(|(name, _)| name).collect();
    let of = |path: &str| paths.iter().position(|name| name.contains(path)).unwrap();
    for (caller, path, expected) in [
        ("service billing", "/create", true),
        ("service billing", "/page", false),
        ("service billing", "/hook", true),
        ("user billing", "/create", false),
        ("user billing", "/page", true),
        ("user billing", "/hook", false),
        ("signed in", "/hook", false),
        ("anonymous", "/hook", false),
    ] {
        assert_eq!(allowed(caller).get(of(path)), Some(&expected), "{caller} {path}\n{text}");
    }
}

#[cfg(feature = "full")]
#[test]
fn json_has_the_kind_of_each_caller() {
    let router =
        guarded::Router::new().route("/create", guarded::get(create)).route("/page", guarded::get(page));
    let app = router.with_auth(AuthLayer::new(FakeIdentity::anonymous()));
    let json: serde_json::Value = serde_json::from_str(&app.access().to_json()).unwrap();
    let callers = json.pointer("/callers").unwrap().as_array().unwrap();
    for kind in ["user", "service"] {
        assert!(callers.contains(&serde_json::json!({ "kind": kind, "name": "billing" })), "{json}");
    }
    let guards: Vec<_> = json.pointer("/routes").unwrap().as_array().unwrap().iter().collect();
    assert!(guards.iter().any(|route| route.pointer("/guards/0/callers") == Some(&"users".into())), "{json}");
}

#[tokio::test]
async fn an_api_key_of_a_service_is_that_service_until_it_is_revoked() {
    let clock = FrozenClock::at(NOON);
    let (keys, revoked) = (MemoryApiKeys::new(), MemoryRevocation::new());
    let owner = Identity::service("billing").unwrap();
    let (key, record) = ApiKeyRecord::issue("shop", owner, UnixTime::from_secs(NOON - 10)).unwrap();
    keys.add(record);
    let layer = AuthLayer::new(ApiKey::new(keys)).with_revocation(revoked.clone()).with_clock(clock);
    let app = app(layer);
    let status = async || ask(&app, Request::get("/create").header("x-api-key", key.expose())).await;
    let answer = status().await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "service:billing"));
    // The user of that name is another one.
    revoked.revoke_user(&UserId::new("billing").unwrap()).await.unwrap();
    assert_eq!(status().await.status, StatusCode::OK);
    revoked.revoke_user(&UserId::service("billing").unwrap()).await.unwrap();
    assert_eq!(status().await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn no_log_in_makes_a_service() {
    use auth_runtime::{Auth, AuthError, KeyRing};

    async fn login(auth: Auth) -> Result<(), AuthError> {
        auth.remember("service:billing").await
    }
    let layer = AuthLayer::new(TicketCookie::new(KeyRing::random()));
    let app = Router::new().route("/login", get(login)).layer(layer);
    let answer = support::get(&app, "/login").await;
    assert_eq!((answer.status, answer.cookies()), (StatusCode::BAD_REQUEST, Vec::new()));
}
