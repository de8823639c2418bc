//! Handlers take the application's own users, loaded at most once; who does not exist is signed out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, BoxError, CurrentUser, CurrentUserId, Identity, IdentityPolicy, KeyRing,
    LoginOptions, TicketCookie, UserId, acl, acl_required, async_trait, auth_required,
    authorization::now,
    clock::UnixTime,
    identity::{ChangeContext, Effects, Identification, Identified, IdentityError, Incoming},
    testing::{Call, FakeIdentity, FrozenClock, USER_HEADER},
    users::{UserLoader, Users, by_id},
};
use axum::{
    Router,
    extract::Path,
    http::{Request, StatusCode},
    routing::{any, get, post},
};

use crate::support::{self, Answer, Log, ask};

#[derive(Clone, Debug)]
struct Person {
    name: String,
    disabled: bool,
    created: UnixTime,
}

/// The application's table, and the record of its look-ups.
#[derive(Clone, Default)]
struct People {
    rows: Arc<Mutex<BTreeMap<String, Person>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl People {
    fn of<const N: usize>(names: [&str; N]) -> Self {
        let people = Self::default();
        for name in names {
            people.add(name, 0);
        }
        people
    }

    fn add(&self, name: &str, created: u64) {
        let created = UnixTime::from_secs(created);
        let person = Person { name: format!("{name} of the table"), disabled: false, created };
        self.rows.lock().unwrap().insert(name.to_owned(), person);
    }

    fn delete(&self, name: &str) {
        self.rows.lock().unwrap().remove(name);
    }

    fn disable(&self, name: &str) {
        self.rows.lock().unwrap().get_mut(name).unwrap().disabled = true;
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

impl UserLoader for People {
    type User = Person;

    fn load<'a>(
        &'a self,
        user: &'a UserId,
    ) -> auth_runtime::Answer<'a, Result<Option<Arc<Person>>, BoxError>> {
        auth_runtime::Answer::later(async move {
            tokio::task::yield_now().await;
            self.asked.lock().unwrap().push(user.to_string());
            if *user == "trouble" {
                return Err("the table is locked".into());
            }
            Ok(self.rows.lock().unwrap().get(user.as_str()).cloned().map(Arc::new))
        })
    }

    fn is_disabled(&self, user: &Person) -> bool {
        user.disabled
    }
}

const PAGES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Authenticated, ["edit"])];

#[auth_required]
async fn profile(CurrentUser(person): CurrentUser<Person>) -> String {
    person.name.clone()
}

#[auth_required]
async fn twice(one: CurrentUser<Person>, other: CurrentUser<Person>, _auth: Auth) -> String {
    assert!(Arc::ptr_eq(&one.0, &other.0));
    one.name.clone()
}

#[auth_required]
async fn known() -> &'static str {
    "known"
}

#[auth_required(hide)]
async fn hidden() {}

#[acl_required("view", PAGES)]
async fn view(person: Option<CurrentUser<Person>>) -> String {
    person.map_or_else(|| "anonymous".to_owned(), |person| person.name.clone())
}

async fn unguarded(person: CurrentUser<Person>) -> String {
    person.name.clone()
}

async fn open() -> &'static str {
    "open"
}

async fn other_type(_: CurrentUser<String>) {}

async fn login(auth: Auth, Path(name): Path<String>) -> Result<(), AuthError> {
    auth.remember(&name).await
}

fn routes() -> Router {
    Router::new()
        .route("/profile", get(profile))
        .route("/twice", get(twice))
        .route("/known", any(known))
        .route("/hidden", get(hidden))
        .route("/view", get(view))
        .route("/unguarded", get(unguarded))
        .route("/open", get(open))
        .route("/other_type", get(other_type))
        .route("/login/{name}", post(login))
}

fn app(users: impl UserLoader) -> Router {
    routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_users(users))
}

async fn as_user(app: &Router, path: &str, user: &str) -> Answer {
    ask(app, Request::get(path).header(USER_HEADER, user)).await
}

#[tokio::test]
async fn a_user_is_loaded_once_for_all_who_ask() {
    let people = People::of(["alice"]);
    let app = app(people.clone());
    for path in ["/profile", "/twice", "/view", "/unguarded"] {
        assert_eq!(as_user(&app, path, "alice").await.text(), "alice of the table", "{path}");
        assert_eq!(people.asked(), ["alice"], "{path}");
    }
    for (path, answer) in [("/view", "anonymous"), ("/open", "open")] {
        assert_eq!(support::get(&app, path).await.text(), answer);
    }
    assert_eq!(as_user(&app, "/open", "alice").await.text(), "open");
    assert!(people.asked().is_empty(), "no extractor needed the user");
    for path in ["/profile", "/unguarded"] {
        let refused = support::get(&app, path).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert!(!refused.header("www-authenticate").is_empty());
    }
}

// ASVS 7.4.2: deleted users are signed out at every guard, and lose their cookie.
#[tokio::test]
async fn a_user_who_no_longer_exists_is_signed_out() {
    let people = People::of(["alice"]);
    let app = routes().layer(AuthLayer::new(TicketCookie::new(KeyRing::random())).with_users(people.clone()));
    let cookie = ask(&app, Request::post("/login/alice")).await.cookies().remove(0);
    let with_cookie = |path: &str| ask(&app, Request::get(path).header("cookie", &cookie));
    assert_eq!(with_cookie("/known").await.text(), "known");
    people.delete("alice");
    for (path, status) in [("/known", 401), ("/profile", 401), ("/unguarded", 401), ("/view", 200)] {
        let (answer, told) = Log::of(with_cookie(path)).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert_eq!(answer.cookies(), ["__Host-auth="], "{path}");
        let kept = if status == 200 { "private, no-store" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), kept, "{path}");
        assert!(told.iter().any(|told| told.message == "unknown user" && told.field("user") == "alice"));
    }
    assert_eq!(with_cookie("/view").await.text(), "anonymous");
    let hidden = with_cookie("/hidden").await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    for name in ["set-cookie", "cache-control", "vary", "www-authenticate"] {
        assert!(hidden.header(name).is_empty(), "what hides shows nothing, and no {name}");
    }
    assert!(with_cookie("/open").await.cookies().is_empty(), "no guard asked");
    // A log-in in the same request stands.
    people.add("bob", 0);
    let login = ask(&app, Request::post("/login/bob").header("cookie", &cookie)).await;
    assert!(login.cookies().len() == 1 && login.cookies() != ["__Host-auth="]);
}

#[tokio::test]
async fn a_credential_that_is_sent_on_purpose_is_refused_when_its_user_is_gone() {
    let policy = FakeIdentity::by_header().not_ambient();
    let app = routes().layer(AuthLayer::new(policy.clone()).with_users(People::of(["alice"])));
    assert_eq!(as_user(&app, "/view", "alice").await.status, StatusCode::OK);
    for path in ["/view", "/known", "/profile"] {
        assert_eq!(as_user(&app, path, "bob").await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert!(!policy.calls().contains(&Call::Forget), "there is nothing to forget");
}

#[tokio::test]
async fn on_demand_a_guard_does_not_load_and_a_handler_does() {
    let people = People::of(["alice"]);
    let app = app(Users::new(people.clone()).on_demand());
    assert_eq!(as_user(&app, "/known", "deleted").await.text(), "known");
    assert!(people.asked().is_empty());
    assert_eq!(as_user(&app, "/twice", "alice").await.text(), "alice of the table");
    assert_eq!(people.asked(), ["alice"]);
    for (path, status) in [("/profile", 401), ("/unguarded", 401), ("/view", 200), ("/twice", 401)] {
        let answer = as_user(&app, path, "deleted").await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert_eq!(answer.cookies(), ["fake="], "{path}");
        assert_eq!(people.asked(), ["deleted"], "{path}");
    }
    assert_eq!(as_user(&app, "/profile", "trouble").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn what_cannot_be_loaded_is_neither_there_nor_gone() {
    let app = app(People::of(["alice"]));
    for path in ["/known", "/profile", "/view", "/unguarded"] {
        let (answer, told) = Log::of(as_user(&app, path, "trouble")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(answer.cookies().is_empty());
        assert!(told.iter().any(|told| told.message == "failed" && told.field("operation") == "users"));
    }
}

#[tokio::test]
async fn mistakes_of_the_application_are_named_in_the_log_and_answered_with_500() {
    for (app, path, words) in [
        (app(People::of(["alice"])), "/other_type", ["CurrentUser<alloc::string::String>", "Person"]),
        (
            routes().layer(AuthLayer::new(FakeIdentity::by_header())),
            "/unguarded",
            ["Person", "AuthLayer::with_users"],
        ),
        (routes(), "/unguarded", ["AuthLayer", ".layer("]),
    ] {
        let (answer, told) = Log::of(as_user(&app, path, "alice")).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        let mistakes: Vec<_> = told.iter().filter(|told| told.message == "misconfigured").collect();
        assert_eq!(mistakes.len(), 1);
        assert!(words.iter().all(|word| mistakes[0].field("error").contains(word)), "{mistakes:?}");
    }
}

#[tokio::test]
async fn a_closure_loads_users_too() {
    let load = |user: UserId| async move { Ok::<_, BoxError>((*user == *"alice").then(|| person("Alice"))) };
    let app = app(load);
    assert_eq!(as_user(&app, "/profile", "alice").await.text(), "Alice");
    assert_eq!(as_user(&app, "/profile", "bob").await.status, StatusCode::UNAUTHORIZED);
}

fn person(name: &str) -> Person {
    Person { name: name.to_owned(), disabled: false, created: UnixTime::from_secs(0) }
}

// Everything is denied to a disabled user, even what everyone may; they are not signed out.
#[tokio::test]
async fn a_disabled_user_is_denied_everything() {
    let people = People::of(["alice", "bob"]);
    let by_option = Users::new(|user: UserId| async move {
        Ok::<_, BoxError>(Some(Person { disabled: *user == *"alice", ..person(&user) }))
    })
    .disabled_when(|person: &Person| person.disabled);
    people.disable("alice");
    for app in [app(people.clone()), app(by_option)] {
        for path in ["/known", "/view", "/profile", "/unguarded"] {
            let answer = as_user(&app, path, "alice").await;
            assert_eq!((answer.status, answer.cookies()), (StatusCode::FORBIDDEN, vec![]), "{path}");
            assert_eq!(as_user(&app, path, "bob").await.status, StatusCode::OK, "{path}");
        }
    }
    // A source of groups that blocks no user does not bring them back.
    let layer = AuthLayer::new(FakeIdentity::by_header())
        .with_groups(now(|_| Ok(Some(["editors"].into()))))
        .with_users(people);
    let app = routes().layer(layer);
    assert_eq!(as_user(&app, "/view", "alice").await.status, StatusCode::FORBIDDEN);
    assert_eq!(as_user(&app, "/view", "bob").await.status, StatusCode::OK);
}

// An id that is reassigned to another user does not come with the sessions of the first.
#[tokio::test]
async fn a_session_of_an_earlier_user_of_the_same_id_is_anonymous() {
    let clock = FrozenClock::at(1_700_000_000);
    let people = People::of([]);
    people.add("7", 1_600_000_000);
    let users = Users::new(people.clone()).created_at(|person: &Person| person.created);
    let layer = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_clock(clock.clone());
    let app = routes().layer(layer.with_users(users));
    let cookie = ask(&app, Request::post("/login/7")).await.cookies().remove(0);
    let known = || ask(&app, Request::get("/known").header("cookie", &cookie));
    assert_eq!(known().await.status, StatusCode::OK);
    people.add("7", 1_700_000_000);
    assert_eq!(known().await.status, StatusCode::OK, "created with the log-in");
    people.add("7", 1_700_000_001);
    assert_eq!(known().await.status, StatusCode::UNAUTHORIZED);
    // A credential that does not tell when its user logged in might be the other's.
    let timeless = AuthLayer::new(FakeIdentity::by_header())
        .with_users(Users::new(people).created_at(|person: &Person| person.created));
    assert_eq!(as_user(&routes().layer(timeless), "/known", "7").await.status, StatusCode::UNAUTHORIZED);
}

async fn number(id: CurrentUserId<i64>) -> String {
    id.0.wrapping_add(1).to_string()
}

async fn maybe_number(id: Option<CurrentUserId<u32>>) -> String {
    format!("{:?}", id.map(|CurrentUserId(id)| id))
}

async fn uuid(CurrentUserId(id): CurrentUserId<uuid::Uuid>) -> String {
    id.simple().to_string()
}

const UUID: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

#[tokio::test]
async fn typed_ids_have_one_spelling() {
    let app = Router::new()
        .route("/number", get(number))
        .route("/maybe_number", get(maybe_number))
        .route("/uuid", get(uuid))
        .layer(AuthLayer::new(FakeIdentity::by_header()));
    for (id, next) in [("7", "8"), ("0", "1"), ("-7", "-6"), ("-9223372036854775808", "-9223372036854775807")]
    {
        assert_eq!(as_user(&app, "/number", id).await.text(), next);
    }
    for id in ["01", "+1", "1.0", "-0", "1e3", "9223372036854775808", "0x10", "alice", "1 1", "１", UUID] {
        let (refused, told) = Log::of(as_user(&app, "/number", id)).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{id}");
        let complaint = told.iter().find(|told| told.message == "bad credential");
        assert!(id == "１" || complaint.unwrap().field("error").contains("i64"), "{id}");
    }
    assert_eq!(support::get(&app, "/number").await.status, StatusCode::UNAUTHORIZED);
    for (id, found) in [("7", "Some(7)"), ("-7", "None"), ("alice", "None")] {
        assert_eq!(as_user(&app, "/maybe_number", id).await.text(), found);
    }
    assert_eq!(as_user(&app, "/uuid", UUID).await.text(), UUID.replace('-', ""));
    for id in [UUID.to_uppercase(), UUID.replace('-', ""), format!("{{{UUID}}}"), format!("urn:uuid:{UUID}")]
    {
        assert_eq!(as_user(&app, "/uuid", &id).await.status, StatusCode::UNAUTHORIZED, "{id}");
    }
}

#[test]
fn typed_ids_are_read_and_written() {
    let id: uuid::Uuid = UUID.parse().unwrap();
    assert_eq!(UserId::from(id), UUID);
    assert_eq!(UserId::from(id).parse_as::<uuid::Uuid>(), Ok(id));
    for (written, text) in [
        (UserId::from(-1_i32), "-1"),
        (UserId::from(i64::MIN), "-9223372036854775808"),
        (UserId::from(u64::MAX), "18446744073709551615"),
        (UserId::from(0_u32), "0"),
    ] {
        assert_eq!(written, text);
        assert_eq!(UserId::new(text).unwrap(), written);
    }
    for (text, message) in [
        ("alice", "the user id `alice` is not a valid `i64`"),
        ("01", "the user id `01` is not how `i64` spells it"),
    ] {
        let error = UserId::new(text).unwrap().parse_as::<i64>().unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[tokio::test]
async fn users_are_loaded_by_typed_ids() {
    let app = app(by_id(|id: i64| async move { Ok((id == 7).then(|| person("Seven"))) }));
    assert_eq!(as_user(&app, "/profile", "7").await.text(), "Seven");
    for id in ["8", "07", "alice"] {
        let refused = as_user(&app, "/profile", id).await;
        assert_eq!((refused.status, refused.cookies()), (StatusCode::UNAUTHORIZED, vec!["fake=".to_owned()]));
    }
}

/// Waits for a user of its own making, in a request that changes its mind.
struct Switching;

#[async_trait]
impl IdentityPolicy for Switching {
    fn identify<'a>(&'a self, _: &'a Incoming<'a>) -> Identification<'a> {
        auth_runtime::Answer::later(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(Identified::known(Identity::new("alice").unwrap()))
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
}

async fn switch(before: CurrentUser<Person>, auth: Auth) -> Result<String, AuthError> {
    auth.remember("bob").await?;
    Ok(format!("{} {}", before.name, auth.user_id().await?.unwrap()))
}

#[tokio::test]
async fn a_change_of_the_user_loads_the_other() {
    let people = People::of(["alice", "bob"]);
    let app = Router::new()
        .route("/switch", post(switch))
        .layer(AuthLayer::new(Switching).with_users(people.clone()));
    assert_eq!(ask(&app, Request::post("/switch")).await.text(), "alice of the table bob");
    assert_eq!(people.asked(), ["alice", "bob"]);
}
