//! Credentials are taken back before they expire: one user's, everybody's, a single one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Acl, ApiKey, Auth, AuthError, AuthErrorKind, AuthLayer, Basic, BoxError, EncryptedCookie, FirstOf,
    Identity, IdentityPolicy, KeyRing, LoginOptions, Session, TicketCookie, UserId, acl, acl_required,
    async_trait, auth_required,
    authorization::{AuthorizationPolicy, PolicyDecision, Question},
    clock::{Clock, UnixTime},
    identity::{
        ApiKeyRecord, ChangeContext, CredentialId, DataEdits, Effects, Identification, Identified,
        IdentityError, Incoming, MemoryApiKeys, Password,
    },
    revocation::{MemoryRevocation, Revocation, RevocationFull, RevocationStatus},
    testing::{FakeIdentity, FrozenClock, USER_HEADER},
    ticket::legacy::LegacyTickets,
};
use axum::{
    Router,
    extract::Path,
    http::{HeaderValue, Request, StatusCode},
    routing::{get, post},
};
use tokio::sync::Notify;

use crate::support::{self, Answer, Log, ask};

const PAGES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Authenticated, ["edit"])];

#[auth_required]
async fn profile(user: UserId) -> String {
    user.to_string()
}

#[acl_required("view", PAGES)]
async fn view(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

async fn login(auth: Auth, Path(name): Path<String>) -> Result<String, AuthError> {
    auth.remember(&name).await?;
    Ok(auth.user_id().await?.map_or_else(|| "anonymous".to_owned(), |user| user.to_string()))
}

async fn logout(auth: Auth) -> Result<(), AuthError> {
    auth.forget().await
}

async fn everywhere(auth: Auth) -> Result<String, AuthError> {
    auth.log_out_everywhere().await?;
    Ok(format!("{:?}", auth.user_id().await?))
}

async fn elsewhere(auth: Auth) -> Result<String, AuthError> {
    auth.log_out_elsewhere(&LoginOptions::new()).await?;
    Ok(auth.user_id().await?.map_or_else(|| "anonymous".to_owned(), |user| user.to_string()))
}

async fn identity(auth: Auth) -> Result<String, AuthError> {
    Ok(auth.identity().await?.map_or_else(|| "none".to_owned(), |identity| identity.as_str().to_owned()))
}

async fn store(auth: Auth) -> Result<(), AuthError> {
    auth.store(&DataEdits::new().set("key", "1")).await
}

async fn rotate(auth: Auth) -> Result<(), AuthError> {
    auth.rotate().await
}

fn routes() -> Router {
    Router::new()
        .route("/profile", get(profile))
        .route("/view", get(view))
        .route("/login/{name}", post(login))
        .route("/logout", post(logout))
        .route("/everywhere", post(everywhere))
        .route("/elsewhere", post(elsewhere))
        .route("/identity", get(identity))
        .route("/store", post(store))
        .route("/rotate", post(rotate))
}

/// An application with tickets and a list of revocations, at a time that stands still.
struct Site {
    app: Router,
    clock: FrozenClock,
    list: MemoryRevocation,
}

impl Site {
    fn new() -> Self {
        let clock = FrozenClock::at(1_700_000_000);
        let list = MemoryRevocation::new().with_clock(clock.clone());
        let layer = AuthLayer::new(TicketCookie::new(KeyRing::random()))
            .with_clock(clock.clone())
            .with_revocation(list.clone());
        Self { app: routes().layer(layer), clock, list }
    }

    async fn login(&self, name: &str) -> String {
        let answer = ask(&self.app, Request::post(format!("/login/{name}"))).await;
        assert_eq!(answer.text(), name);
        answer.cookies().remove(0)
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        ask(&self.app, Request::get(path).header("cookie", cookie)).await
    }

    async fn post(&self, path: &str, cookie: &str) -> Answer {
        ask(&self.app, Request::post(path).header("cookie", cookie)).await
    }

    async fn status(&self, cookie: &str) -> u16 {
        self.get("/profile", cookie).await.status.as_u16()
    }
}

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

// ASVS 7.4.1
#[tokio::test]
async fn logging_out_everywhere_refuses_every_ticket_of_this_user_and_no_other() {
    let site = Site::new();
    let (first, second, other) =
        (site.login("alice").await, site.login("alice").await, site.login("bob").await);
    site.clock.advance(Duration::from_secs(10));
    let third = site.login("alice").await;
    let answer = site.post("/everywhere", &first).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "None"));
    assert!(answer.cookies().remove(0).ends_with('='), "the client forgets its own");
    for revoked in [&first, &second, &third] {
        assert_eq!(site.status(revoked).await, 401);
        assert_eq!(site.get("/view", revoked).await.text(), "anonymous");
        assert_eq!(site.get("/identity", revoked).await.text(), "none");
    }
    assert_eq!(site.status(&other).await, 200);
}

// The second of the epoch: what was issued before is refused, what is issued after is good.
#[tokio::test]
async fn a_log_in_in_the_second_of_the_epoch_is_good_at_once() {
    let site = Site::new();
    for _ in 0..5 {
        let before = site.login("alice").await;
        assert_eq!(site.status(&before).await, 200);
        assert_eq!(site.post("/everywhere", &before).await.status, StatusCode::OK);
        assert_eq!(site.status(&before).await, 401);
    }
    // A log-in of the second after is good as well, and so is a revocation of everybody.
    let after = site.login("alice").await;
    site.clock.advance(Duration::from_secs(1));
    assert_eq!(site.status(&after).await, 200);
    site.list.revoke_everybody().await.unwrap();
    assert_eq!(site.status(&after).await, 401);
    let (alice, bob) = (site.login("alice").await, site.login("bob").await);
    assert_eq!((site.status(&alice).await, site.status(&bob).await), (200, 200));
    site.list.revoke_everybody().await.unwrap();
    assert_eq!((site.status(&alice).await, site.status(&bob).await), (401, 401));
}

#[tokio::test]
async fn revoking_over_and_over_never_lets_an_old_ticket_live() {
    let site = Site::new();
    let mut tickets = Vec::new();
    for _ in 0..100 {
        let answer = ask(&site.app, Request::post("/login/alice")).await;
        match answer.status.as_u16() {
            200 => tickets.push(answer.cookies().remove(0)),
            // Its user has been revoked for longer than a ticket may be dated ahead.
            status => assert_eq!(status, 503),
        }
        site.list.revoke_user(&user("alice")).await.unwrap();
    }
    assert!(tickets.len() > 20);
    for ticket in &tickets {
        assert_eq!(site.status(ticket).await, 401);
    }
    let bob = site.login("bob").await;
    site.list.revoke_everybody().await.unwrap();
    assert_eq!(site.status(&bob).await, 401);
    site.clock.advance(Duration::from_secs(31));
    let alice = site.login("alice").await;
    assert_eq!(site.status(&alice).await, 200);
}

// A captured ticket is replayed after its user has logged out.
#[tokio::test]
async fn a_log_out_takes_back_the_copies_of_its_ticket_and_no_other_ticket() {
    let site = Site::new();
    let stolen = site.login("alice").await;
    site.clock.advance(Duration::from_secs(5));
    let other = site.login("alice").await;
    assert_eq!(site.post("/logout", &stolen).await.status, StatusCode::OK);
    assert_eq!(site.status(&stolen).await, 401);
    assert_eq!(site.status(&other).await, 200);
    // Again in the same second, twice.
    for _ in 0..2 {
        assert_eq!(site.post("/logout", &other).await.status, StatusCode::OK);
        let again = site.login("alice").await;
        assert_eq!(site.status(&again).await, 200);
        assert_eq!(site.post("/logout", &again).await.status, StatusCode::OK);
        assert_eq!(site.status(&again).await, 401);
    }
    assert_eq!(site.status(&other).await, 401);
}

// The documented other case
#[tokio::test]
async fn without_a_list_a_log_out_is_the_clients_own() {
    let app = routes().layer(AuthLayer::new(TicketCookie::new(KeyRing::random())));
    let cookie = ask(&app, Request::post("/login/alice")).await.cookies().remove(0);
    let request = |path: &str| Request::post(path).header("cookie", &cookie);
    assert_eq!(ask(&app, request("/logout")).await.status, StatusCode::OK);
    let replayed = ask(&app, Request::get("/profile").header("cookie", &cookie)).await;
    assert_eq!(replayed.status, StatusCode::OK);
    assert_eq!(ask(&app, request("/everywhere")).await.status, StatusCode::INTERNAL_SERVER_ERROR);
}

// A renewal that was under way when its user logged out
#[tokio::test]
async fn a_renewed_ticket_keeps_the_time_of_its_log_in() {
    let site = Site::new();
    let ticket = site.login("alice").await;
    site.clock.advance(Duration::from_hours(5));
    let renewed = site.get("/profile", &ticket).await.cookies().remove(0);
    assert_ne!(renewed, ticket);
    assert_eq!(site.post("/logout", &ticket).await.status, StatusCode::OK);
    assert_eq!(site.status(&renewed).await, 401);

    let ticket = site.login("bob").await;
    site.clock.advance(Duration::from_hours(5));
    let renewed = site.get("/profile", &ticket).await.cookies().remove(0);
    site.list.revoke_user(&user("bob")).await.unwrap();
    assert_eq!((site.status(&ticket).await, site.status(&renewed).await), (401, 401));
}

// Renewal is decided by what is revoked when the response is there.
#[tokio::test]
async fn what_was_revoked_while_the_handler_ran_is_not_renewed() {
    let policy = FakeIdentity::user_due_for_renewal("alice");
    let list = MemoryRevocation::new();
    let revoke = {
        let list = list.clone();
        move |_: UserId| async move { list.revoke_user(&"alice".parse().unwrap()).await.unwrap() }
    };
    let app = Router::new()
        .route("/slow", get(revoke))
        .route("/view", get(view))
        .layer(AuthLayer::new(policy.clone()).with_revocation(list));
    assert_eq!(support::get(&app, "/slow").await.cookies(), [""; 0]);
    assert_eq!(support::get(&app, "/view").await.text(), "anonymous");

    let unrevoked = Router::new().route("/view", get(view));
    let unrevoked = unrevoked.layer(AuthLayer::new(policy).with_revocation(MemoryRevocation::new()));
    assert_eq!(support::get(&unrevoked, "/view").await.cookies(), ["fake=renewed"]);
}

// ASVS 7.4.3
#[tokio::test]
async fn logging_out_elsewhere_keeps_this_client_and_no_other() {
    let site = Site::new();
    let (here, there) = (site.login("alice").await, site.login("alice").await);
    let answer = site.post("/elsewhere", &here).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "alice"));
    let kept = answer.cookies().remove(0);
    assert_eq!(site.status(&kept).await, 200);
    assert_eq!((site.status(&here).await, site.status(&there).await), (401, 401));
    assert_eq!(site.post("/elsewhere", "").await.text(), "anonymous");
}

// ASVS 7.4.5
#[tokio::test]
async fn an_administrator_ends_the_sessions_of_one_and_of_all() {
    let site = Site::new();
    let (alice, bob) = (site.login("alice").await, site.login("bob").await);
    site.list.revoke_user(&user("alice")).await.unwrap();
    assert_eq!((site.status(&alice).await, site.status(&bob).await), (401, 200));
    site.list.revoke_everybody().await.unwrap();
    assert_eq!((site.status(&alice).await, site.status(&bob).await), (401, 401));
}

/// Tokens that say who they are, by name, and when they were issued, as `user/id/time`, in a header.
struct Tokens;

#[async_trait]
impl IdentityPolicy for Tokens {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        auth_runtime::Answer::later(async move {
            let Some(token) = request.headers().get(USER_HEADER).and_then(|token| token.to_str().ok()) else {
                return Ok(Identified::anonymous());
            };
            let mut parts = token.split('/');
            let mut found = Identified::known(Identity::new(parts.next().unwrap()).unwrap());
            if let Some(id) = parts.next().filter(|id| !id.is_empty()) {
                found = found.with_credential_id(CredentialId::new(id).unwrap());
            }
            if let Some(time) = parts.next() {
                found = found.with_issued_at(UnixTime::from_secs(time.parse().unwrap()));
            }
            Ok(found)
        })
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured("tokens come from elsewhere"))
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Ok(Effects::none())
    }

    async fn rotate(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Ok(Effects::set_cookie("token", HeaderValue::from_static("token=another")))
    }

    async fn store(&self, _: &ChangeContext<'_>, _: &DataEdits) -> Result<Effects, IdentityError> {
        Ok(Effects::set_cookie("data", HeaderValue::from_static("data=kept")))
    }

    fn is_ambient(&self) -> bool {
        false
    }
}

async fn with_token(app: &Router, path: &str, token: &str) -> Answer {
    ask(app, Request::get(path).header(USER_HEADER, token)).await
}

// By `jti`; a refused bearer token is a bad one wherever it is presented.
#[tokio::test]
async fn one_token_is_revoked_by_its_name() {
    let list = MemoryRevocation::new();
    let app = routes().layer(AuthLayer::new(Tokens).with_revocation(list.clone()));
    for token in ["alice/a", "alice/b", "alice"] {
        assert_eq!(with_token(&app, "/profile", token).await.text(), "alice");
    }
    list.revoke_credential(&CredentialId::new("a").unwrap(), None).await.unwrap();
    for path in ["/profile", "/view", "/identity"] {
        let (refused, told) = Log::of(with_token(&app, path, "alice/a")).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(told.iter().filter(|told| told.message == "revoked credential").count(), 1);
        assert!(told.iter().any(|told| told.field("user") == "alice"));
    }
    for token in ["alice/b", "alice", "bob"] {
        assert_eq!(with_token(&app, "/profile", token).await.status, StatusCode::OK);
    }
    for path in ["/rotate", "/store"] {
        let changed = |token| ask(&app, Request::post(path).header(USER_HEADER, token));
        assert_eq!(changed("alice/b").await.status, StatusCode::OK, "{path}");
        let refused = changed("alice/a").await;
        assert_eq!((refused.status, refused.cookies()), (StatusCode::UNAUTHORIZED, vec![]), "{path}");
    }
}

#[tokio::test]
async fn a_token_without_a_time_is_revoked_with_its_user() {
    let clock = FrozenClock::at(100);
    let list = MemoryRevocation::new().with_clock(clock);
    let app = routes().layer(AuthLayer::new(Tokens).with_revocation(list.clone()));
    list.revoke_user(&user("alice")).await.unwrap();
    for (token, status) in [("alice", 401), ("alice//100", 401), ("alice//101", 200), ("bob", 200)] {
        assert_eq!(with_token(&app, "/profile", token).await.status.as_u16(), status, "{token}");
    }
}

/// A list on another machine, which answers after a while or not at all.
#[derive(Clone, Default)]
struct Far {
    asked: Arc<AtomicU32>,
    down: bool,
}

#[async_trait]
impl Revocation for Far {
    fn find<'a>(
        &'a self,
        user: &'a UserId,
        _: Option<&'a CredentialId>,
    ) -> auth_runtime::Answer<'a, Result<RevocationStatus, BoxError>> {
        auth_runtime::Answer::later(async move {
            tokio::task::yield_now().await;
            self.asked.fetch_add(1, Ordering::SeqCst);
            if self.down {
                return Err("the list is down".into());
            }
            Ok(RevocationStatus::none().with_listed(*user == "mallory"))
        })
    }

    async fn revoke_user(&self, _: &UserId) -> Result<(), BoxError> {
        Err("the list is down".into())
    }

    async fn revoke_everybody(&self) -> Result<(), BoxError> {
        Err("the list is down".into())
    }

    async fn revoke_credential(&self, _: &CredentialId, _: Option<UnixTime>) -> Result<(), BoxError> {
        Err("the list is down".into())
    }
}

#[tokio::test]
async fn a_far_list_is_asked_once_and_its_absence_is_neither_yes_nor_no() {
    let far = Far::default();
    let layer = |far: &Far| AuthLayer::new(FakeIdentity::by_header()).with_revocation(far.clone());
    let app = routes().layer(layer(&far));
    let ask_for = |app: Router, path, name| async move {
        ask(&app, Request::get(path).header(USER_HEADER, name)).await
    };
    assert_eq!(ask_for(app.clone(), "/profile", "alice").await.text(), "alice");
    assert_eq!(far.asked.swap(0, Ordering::SeqCst), 1, "by the guard and the handler together");
    assert_eq!(ask_for(app.clone(), "/profile", "mallory").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(support::get(&app, "/view").await.text(), "anonymous");
    assert_eq!(far.asked.swap(0, Ordering::SeqCst), 1, "not for anonymous requests");

    let down = routes().layer(layer(&Far { down: true, ..Far::default() }));
    for path in ["/profile", "/view", "/identity"] {
        let (answer, told) = Log::of(ask_for(down.clone(), path, "alice")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(told.iter().any(|told| told.message == "failed" && told.field("operation") == "revocation"));
    }
    // A user who cannot be revoked stays logged in, and gets an error.
    let post = |path| ask(&app, Request::post(path).header(USER_HEADER, "alice"));
    let refused = post("/everywhere").await;
    assert_eq!((refused.status, refused.cookies()), (StatusCode::SERVICE_UNAVAILABLE, vec![]));
}

/// An application's own list, which knows a not-valid-before time of each user.
struct Epochs;

#[async_trait]
impl Revocation for Epochs {
    fn find<'a>(
        &'a self,
        user: &'a UserId,
        _: Option<&'a CredentialId>,
    ) -> auth_runtime::Answer<'a, Result<RevocationStatus, BoxError>> {
        let epoch = UnixTime::from_secs(if *user == "alice" { 100 } else { 0 });
        auth_runtime::Answer::Now(Ok(RevocationStatus::none().with_epoch(epoch)))
    }

    async fn revoke_user(&self, _: &UserId) -> Result<(), BoxError> {
        Ok(())
    }

    async fn revoke_everybody(&self) -> Result<(), BoxError> {
        Ok(())
    }

    async fn revoke_credential(&self, _: &CredentialId, _: Option<UnixTime>) -> Result<(), BoxError> {
        Ok(())
    }
}

#[tokio::test]
async fn an_own_list_revokes_by_the_time_of_the_log_in() {
    assert_eq!(RevocationStatus::none().with_epoch(UnixTime::from_secs(7)).epoch().unwrap().as_secs(), 7);
    let app = routes().layer(AuthLayer::new(Tokens).with_revocation(Epochs));
    for (token, status) in
        [("alice", 401), ("alice//100", 401), ("alice//101", 200), ("bob", 401), ("bob//1", 200)]
    {
        assert_eq!(with_token(&app, "/profile", token).await.status.as_u16(), status, "{token}");
    }
}

async fn put(session: Session) -> Result<(), AuthError> {
    session.insert("cart", "book").await
}

async fn cart(session: Session) -> Result<String, AuthError> {
    Ok(session.get("cart")?.unwrap_or_default())
}

/// The data beside a credential are no more to be had than its user.
#[tokio::test]
async fn without_an_answer_of_the_list_the_data_of_a_session_are_not_read() {
    let ring = KeyRing::random();
    let app = |list: Option<Far>| {
        let layer = AuthLayer::new(EncryptedCookie::new(ring.clone()));
        let layer = match list {
            Some(list) => layer.with_revocation(list),
            None => layer,
        };
        routes().route("/put", post(put)).route("/cart", get(cart)).layer(layer)
    };
    let far = |down| Some(Far { down, ..Far::default() });
    let cookie = ask(&app(None), Request::post("/login/alice")).await.cookies().remove(0);
    let cookie = ask(&app(None), Request::post("/put").header("cookie", &cookie)).await.cookies().remove(0);
    let read = async |list| ask(&app(list), Request::get("/cart").header("cookie", &cookie)).await;
    assert_eq!(read(far(false)).await.text(), "book");
    assert_eq!(read(far(true)).await.status, StatusCode::SERVICE_UNAVAILABLE);
}

/// Sessions under random names, whose users stand in a table.
struct Sessions;

#[async_trait]
impl AuthorizationPolicy for Sessions {
    type Permission = ();

    async fn authorized_userid(&self, identity: &Identity) -> Result<Option<UserId>, BoxError> {
        tokio::task::yield_now().await;
        match identity.as_str().split_once('-') {
            Some((_, "broken")) => Err("the table is locked".into()),
            Some((user, _)) => Ok(Some(user.parse()?)),
            None => Ok(None),
        }
    }

    async fn permits(&self, _: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        Ok(PolicyDecision::Abstain)
    }
}

// It is the user who is revoked, independent of their identities.
#[tokio::test]
async fn all_identities_of_a_user_are_revoked() {
    let site = Site::new();
    let layer = AuthLayer::new(TicketCookie::new(KeyRing::random()))
        .with_clock(site.clock.clone())
        .with_policy(Sessions)
        .with_revocation(site.list.clone());
    let site = Site { app: routes().layer(layer), ..site };
    let login = async |identity: &str| {
        let answer = ask(&site.app, Request::post(format!("/login/{identity}"))).await;
        (answer.status.as_u16(), answer.cookies().pop().unwrap_or_default())
    };
    let (one, two, other) = (login("alice-1").await.1, login("alice-2").await.1, login("bob-1").await.1);
    assert_eq!(site.post("/everywhere", &one).await.text(), "None");
    assert_eq!(
        (site.status(&one).await, site.status(&two).await, site.status(&other).await),
        (401, 401, 200)
    );
    let (status, again) = login("alice-3").await;
    assert_eq!((status, site.status(&again).await), (200, 200));
    assert_eq!(site.post("/logout", &again).await.status, StatusCode::OK);
    assert_eq!(site.status(&again).await, 401);
    assert_eq!(login("alice-broken").await.0, 503, "nobody can tell whether it would be good");
}

#[tokio::test]
async fn a_full_list_refuses_to_revoke_and_forgets_nothing() {
    let clock = FrozenClock::at(1_000);
    let list = MemoryRevocation::new()
        .with_clock(clock.clone())
        .with_capacity(2)
        .with_longest_lifetime(Duration::from_secs(100));
    let id = |name: &str| CredentialId::new(name).unwrap();
    list.revoke_user(&user("alice")).await.unwrap();
    list.revoke_credential(&id("long"), None).await.unwrap();
    list.revoke_credential(&id("short"), Some(clock.now().plus(Duration::from_secs(5)))).await.unwrap();
    for _ in 0..1_000 {
        let refused = list.revoke_credential(&id("one more"), None).await.unwrap_err();
        assert!(refused.is::<RevocationFull>());
    }
    // By its name, since no epoch reaches that far.
    let never = Some(UnixTime::from_secs(u64::MAX));
    let listed = async |name: &str| list.find(&user("bob"), Some(&id(name))).await.unwrap().revokes(never);
    assert!(listed("long").await && listed("short").await && !listed("one more").await);
    assert!(list.find(&user("alice"), None).await.unwrap().epoch().is_some());
    // Everybody takes no room, and users have room of their own.
    list.revoke_everybody().await.unwrap();
    list.revoke_user(&user("bob")).await.unwrap();
    assert!(list.revoke_user(&user("carol")).await.is_err());
    // What has expired makes room, and what has not stays.
    clock.advance(Duration::from_secs(6));
    list.revoke_credential(&id("one more"), None).await.unwrap();
    assert!(listed("long").await && listed("one more").await);
    assert!(list.revoke_user(&user("carol")).await.is_err());
    clock.advance(Duration::from_secs(200));
    list.revoke_user(&user("carol")).await.unwrap();
}

// A client that logs in and out without end would otherwise fill the list, and then nothing could be revoked.
#[tokio::test]
async fn a_log_out_takes_room_only_until_its_ticket_and_the_renewals_end() {
    let clock = FrozenClock::at(1_700_000_000);
    let list = MemoryRevocation::new().with_clock(clock.clone()).with_capacity(12);
    let policy = TicketCookie::new(KeyRing::random()).with_lifetime(Duration::from_hours(8));
    let layer = AuthLayer::new(policy).with_clock(clock.clone()).with_revocation(list.clone());
    let site = Site { app: routes().layer(layer), clock, list };
    for _ in 0..100 {
        let cookie = site.login("mallory").await;
        assert_eq!(site.post("/logout", &cookie).await.status, StatusCode::OK);
        assert_eq!(site.status(&cookie).await, 401);
        site.clock.advance(Duration::from_hours(1));
        assert_eq!(site.status(&cookie).await, 401);
    }
}

// What was renewed from the ticket lives longer than the ticket.
#[tokio::test]
async fn a_log_out_takes_back_renewals_for_as_long_as_they_live() {
    let site = Site::new();
    let first = site.login("alice").await;
    site.clock.advance(Duration::from_hours(7));
    let renewed = site.get("/profile", &first).await.cookies().remove(0);
    // The copy that logs out is the older one.
    assert_eq!(site.post("/logout", &first).await.status, StatusCode::OK);
    for name in ["bob", "carol"] {
        site.list.revoke_credential(&CredentialId::new(name).unwrap(), None).await.unwrap();
    }
    for _ in 0..8 {
        site.clock.advance(Duration::from_hours(1));
        assert_eq!(site.status(&renewed).await, 401);
    }
}

#[tokio::test]
async fn credentials_do_not_take_the_room_of_users_and_scarcity_is_logged_before_the_list_is_full() {
    let clock = FrozenClock::at(1_000);
    let list = MemoryRevocation::new().with_clock(clock.clone()).with_capacity(8);
    let revoke = async |at: usize| {
        let expires = clock.now().plus(Duration::from_secs(10));
        list.revoke_credential(&CredentialId::new(at.to_string()).unwrap(), Some(expires)).await
    };
    let warnings = |told: Vec<support::Told>| {
        let nearly = told.into_iter().filter(|event| event.message == "revocation list nearly full");
        nearly
            .map(|event| (event.fields["kind"].clone(), event.fields["entries"].clone()))
            .collect::<Vec<_>>()
    };
    let (refused, told) = Log::of(async {
        for at in 0..8 {
            revoke(at).await.unwrap();
        }
        revoke(8).await.unwrap_err()
    })
    .await;
    assert!(refused.is::<RevocationFull>());
    assert_eq!(warnings(told), [("credential".to_owned(), "6".to_owned())], "once, before it is full");
    for name in ["alice", "bob"] {
        list.revoke_user(&user(name)).await.unwrap();
        assert!(list.find(&user(name), None).await.unwrap().epoch().is_some());
    }
    // Once there was room again, the next scarcity is logged, too.
    clock.advance(Duration::from_secs(11));
    let ((), told) = Log::of(async {
        for at in 10..17 {
            revoke(at).await.unwrap();
        }
    })
    .await;
    assert_eq!(warnings(told).len(), 1);
}

#[tokio::test]
async fn credentials_tell_when_they_and_their_renewals_end() {
    let now = UnixTime::from_secs(1_700_000_000);
    let (key, record) = ApiKeyRecord::issue("k", Identity::new("alice").unwrap(), now).unwrap();
    let store = MemoryApiKeys::new();
    store.add(record.with_expiry(now.plus(Duration::from_secs(77))));
    let basic = Basic::new(|name: String, _: Password| async move { Ok(Some(Identity::new(name)?)) });
    let end = async |policy: &dyn IdentityPolicy, name: &str, value: &str| {
        let (parts, ()) = Request::get("/").header(name, value).body(()).unwrap().into_parts();
        let found = policy.identify(&Incoming::new(&parts, None, now)).await.unwrap();
        assert!(found.identity().is_some());
        found.expires().map(|end| end.since(now).as_secs())
    };
    assert_eq!(end(&ApiKey::new(store), "x-api-key", key.expose()).await, Some(77));
    // The password stays right; it is proved anew in each request.
    assert_eq!(end(&basic, "authorization", "Basic YWxpY2U6c2VjcmV0").await, Some(1));
}

fn site_with(policy: impl IdentityPolicy) -> Site {
    let clock = FrozenClock::at(1_700_000_000);
    let list = MemoryRevocation::new().with_clock(clock.clone());
    let layer = AuthLayer::new(policy).with_clock(clock.clone()).with_revocation(list.clone());
    Site { app: routes().layer(layer), clock, list }
}

/// A copy of a credential is of no use once another log-in has taken its place.
#[tokio::test]
async fn a_log_in_revokes_the_credential_in_whose_place_it_is() {
    let sites = [
        site_with(TicketCookie::new(KeyRing::random())),
        site_with(EncryptedCookie::new(KeyRing::random())),
        site_with(
            FirstOf::new(EncryptedCookie::new(KeyRing::random()))
                .then_log_in(TicketCookie::new(KeyRing::random())),
        ),
    ];
    for site in sites {
        for seconds in [0, 5] {
            for name in ["alice", "bob"] {
                let (old, other) = (site.login("alice").await, {
                    site.clock.advance(Duration::from_secs(7));
                    site.login("alice").await
                });
                site.clock.advance(Duration::from_secs(seconds));
                let new = site.post(&format!("/login/{name}"), &old).await.cookies().remove(0);
                assert_eq!(
                    (site.status(&old).await, site.status(&new).await),
                    (401, 200),
                    "{seconds} {name}"
                );
                assert_eq!(site.status(&other).await, 200, "another browser's");
                let newer = site.post(&format!("/login/{name}"), &new).await.cookies().remove(0);
                assert_eq!(
                    (site.status(&new).await, site.status(&newer).await),
                    (401, 200),
                    "the same second"
                );
                site.clock.advance(Duration::from_mins(1));
            }
        }
    }
}

/// A list that does not answer keeps the log-in from being one that leaves the old ticket valid.
#[tokio::test]
async fn a_log_in_fails_where_the_replaced_credential_cannot_be_revoked() {
    let clock = FrozenClock::at(1_700_000_000);
    let list = MemoryRevocation::new().with_clock(clock.clone()).with_capacity(1);
    let layer = AuthLayer::new(TicketCookie::new(KeyRing::random()))
        .with_clock(clock.clone())
        .with_revocation(list.clone());
    let site = Site { app: routes().layer(layer), clock, list };
    let alice = site.login("alice").await;
    site.list.revoke_credential(&CredentialId::new("another").unwrap(), None).await.unwrap();
    let answer = site.post("/login/bob", &alice).await;
    assert_eq!((answer.status.as_u16(), answer.cookies()), (503, Vec::new()));
    assert_eq!(site.status(&alice).await, 200, "who they were");
}

/// A ticket of the older format and the one in its place are one log-in: either is revoked with the other.
#[tokio::test]
async fn a_log_out_revokes_a_legacy_ticket_and_the_ticket_in_its_place() {
    const OLD: &str = "AUTH_TKT=5895e53f4fefd843772efb5141d2615d7ecda98683ba0f2e0d3f6cad471a044d06e4912190c7930dece1f1b\
        ce1f67880d610af121f786a7ddcbe041285e8a8946553f100user!a,b%2Cc!x%21y";
    // The second lifetime is shorter than the old application's: there the two have names of their own.
    for (lifetime, is_known) in [(Duration::from_hours(1), true), (Duration::from_mins(1), false)] {
        let site = || {
            let tickets = LegacyTickets::new("secret", lifetime);
            let site = site_with(TicketCookie::new(KeyRing::random()).with_legacy_tickets(tickets).unwrap());
            site.clock.set(UnixTime::from_secs(1_700_000_000 - 1800));
            site
        };
        let replaced = async |site: &Site| {
            let lines = site.get("/profile", OLD).await.cookies();
            assert!(lines[0].starts_with("__Host-auth=") && lines.len() == 2);
            site.clock.advance(Duration::from_secs(5));
            lines[0].clone()
        };
        // Which of the two the log-out carries, and with which log-ins it is over.
        for carries_old in [true, false] {
            let site = site();
            let new = replaced(&site).await;
            let (carried, copy) = if carries_old { (OLD, new.as_str()) } else { (new.as_str(), OLD) };
            assert_eq!((site.status(carried).await, site.status(copy).await), (200, 200));
            assert_eq!(site.post("/logout", carried).await.status.as_u16(), 200);
            assert_eq!(site.status(carried).await, 401);
            assert_eq!(site.status(copy).await, if is_known { 401 } else { 200 });
        }
        // A log-in takes its place.
        let site = site();
        let alice = site.post("/login/alice", OLD).await.cookies().remove(0);
        assert_eq!((site.status(OLD).await, site.status(&alice).await), (401, 200));
        assert_eq!(site.list.find(&user("user"), None).await.unwrap().epoch(), None);
    }
    // Two cookies of the old application's, for the host and for the domain.
    let tickets = LegacyTickets::new("secret", Duration::from_hours(1));
    let clock = FrozenClock::at(1_700_000_000 - 1800);
    for (tickets, status) in [
        (tickets, 401),
        (LegacyTickets::new("secret", Duration::from_hours(1)).with_cookie_domain("example.com"), 200),
    ] {
        let policy = TicketCookie::new(KeyRing::random()).with_legacy_tickets(tickets).unwrap();
        let app = routes().layer(AuthLayer::new(policy).with_clock(clock.clone()));
        let two = format!("{OLD}; {OLD}");
        let answer = ask(&app, Request::post("/logout").header("cookie", &two)).await;
        assert_eq!(answer.status.as_u16(), status);
    }
}

/// The ticket in the place of an old one lives longer than that, and the revocation as long.
#[tokio::test]
async fn a_revoked_legacy_ticket_is_remembered_until_the_ticket_in_its_place_has_ended() {
    const OLD: &str = "AUTH_TKT=5895e53f4fefd843772efb5141d2615d7ecda98683ba0f2e0d3f6cad471a044d06e4912190c7930dece1f1b\
        ce1f67880d610af121f786a7ddcbe041285e8a8946553f100user!a,b%2Cc!x%21y";
    for (renews, carries_old) in [(false, true), (false, false), (true, true)] {
        let (clock, tickets) =
            (FrozenClock::at(1_700_000_000 - 1800), LegacyTickets::new("secret", Duration::from_hours(1)));
        let list = MemoryRevocation::new().with_clock(clock.clone()).with_capacity(2);
        let policy = TicketCookie::new(KeyRing::random()).with_legacy_tickets(tickets).unwrap();
        let policy = if renews { policy } else { policy.without_renewal() };
        let layer = AuthLayer::new(policy).with_clock(clock.clone()).with_revocation(list.clone());
        let site = Site { app: routes().layer(layer), clock, list };
        let new = site.get("/profile", OLD).await.cookies().remove(0);
        let carried = if carries_old { OLD } else { &new };
        assert_eq!(site.post("/logout", carried).await.status.as_u16(), 200);
        site.clock.advance(Duration::from_hours(7));
        let id = |text: &str| CredentialId::new(text).unwrap();
        // The list drops what has ended when it is full.
        site.list.revoke_credential(&id("one"), None).await.unwrap();
        assert!(site.list.revoke_credential(&id("two"), None).await.is_err());
        assert_eq!(site.status(&new).await, 401);
    }
}

/// The key that a program sends is not what the log-in takes the place of.
#[tokio::test]
async fn a_log_in_with_an_api_key_keeps_the_key() {
    let store = MemoryApiKeys::new();
    let (key, record) =
        ApiKeyRecord::issue("k", Identity::new("alice").unwrap(), UnixTime::from_secs(1_600_000_000))
            .unwrap();
    store.add(record);
    let site = mixed(ApiKey::new(store));
    let request = |path: &str| Request::post(path).header("x-api-key", key.expose());
    assert_eq!(ask(&site.app, request("/login/alice")).await.status.as_u16(), 200);
    let answer = ask(&site.app, Request::get("/profile").header("x-api-key", key.expose())).await;
    assert_eq!(answer.status.as_u16(), 200);
}

/// More cookies of one name than are looked at, and cookies that contradict each other.
#[tokio::test]
async fn a_log_out_revokes_every_cookie_of_the_name() {
    let sites = [
        site_with(TicketCookie::new(KeyRing::random())),
        site_with(EncryptedCookie::new(KeyRing::random())),
        site_with(
            FirstOf::new(TicketCookie::new(KeyRing::random()))
                .then(Basic::new(|_: String, _: Password| async move { Ok(None) })),
        ),
    ];
    for site in sites {
        let mut held = Vec::new();
        for name in ["alice", "alice", "bob"] {
            held.push(site.login(name).await);
            site.clock.advance(Duration::from_secs(1));
        }
        let name = held[0].split_once('=').unwrap().0.to_owned();
        for count in [0, 1, 5, 40] {
            let [one, two, bob] = &held[..] else { unreachable!() };
            for status in [one, two, bob] {
                assert_eq!(site.status(status).await, 200);
            }
            let mut lines = vec![one.clone()];
            lines.extend(vec![format!("{name}=nonsense"); count]);
            lines.extend([two.clone(), bob.clone()]);
            let answer = site.post("/logout", &lines.join("; ")).await;
            assert_eq!(answer.status.as_u16(), 200, "{count}");
            assert!(answer.header("set-cookie").contains("Max-Age=0"));
            for copy in [one, two, bob] {
                assert_eq!(site.status(copy).await, 401, "{count}");
            }
            site.clock.advance(Duration::from_secs(1));
            held.clear();
            for name in ["alice", "alice", "bob"] {
                held.push(site.login(name).await);
                site.clock.advance(Duration::from_secs(1));
            }
        }
        // Where there are so many that not all are looked at, the log-out does not claim that it was one.
        let nonsense = vec![format!("{name}=nonsense"); 100].join("; ");
        let lines = [&held[0], &nonsense, &held[1]].map(String::as_str);
        let answer = site.post("/logout", &lines.join("; ")).await;
        assert_eq!(answer.status.as_u16(), 401);
        assert!(answer.header("set-cookie").contains("Max-Age=0"), "what can be removed is removed");
        assert_eq!(site.status(&held[0]).await, 401, "what was looked at is revoked");
    }
}

/// Without a list, one removal ends one cookie; what is left would log the browser in again.
#[tokio::test]
async fn without_a_list_a_log_out_does_not_claim_to_end_what_it_cannot() {
    let app = routes().layer(AuthLayer::new(TicketCookie::new(KeyRing::random())));
    let login =
        async |name: &str| ask(&app, Request::post(format!("/login/{name}"))).await.cookies().remove(0);
    let (alice, bob) = (login("alice").await, login("bob").await);
    let logout = async |cookies: String| ask(&app, Request::post("/logout").header("cookie", cookies)).await;
    for cookies in [format!("{alice}; {bob}"), [alice.as_str(); 5].join("; ")] {
        let answer = logout(cookies).await;
        assert_eq!(answer.status.as_u16(), 401);
        assert!(answer.header("set-cookie").contains("Max-Age=0"));
    }
    assert_eq!(logout(format!("{alice}; __Host-auth=nonsense")).await.status.as_u16(), 200);

    // Where the name may be that of cookies with other attributes, those that can be known are removed, too.
    let policy = TicketCookie::new(KeyRing::random())
        .with_cookie_name("auth")
        .and_then(|policy| policy.with_domain("example.com")?.with_path("/app"));
    let app = routes().layer(AuthLayer::new(policy.unwrap()));
    let login =
        async |cookies: &str| ask(&app, Request::post("/login/alice").header("cookie", cookies)).await;
    let alice = login("").await.cookies().remove(0);
    let two = format!("{alice}; {alice}");
    let out = ask(&app, Request::post("/logout").header("cookie", &two)).await;
    assert_eq!((out.status.as_u16(), out.cookies().len()), (200, 4), "{out:?}");
    let lines = out.header("set-cookie");
    for part in [
        "Path=/app; Domain=example.com",
        "Path=/; Domain=example.com",
        "Path=/app; Max-Age",
        "Path=/; Max-Age",
    ] {
        assert!(lines.contains(part), "{part}: {lines}");
    }
    // A log-in leaves one.
    let again = login(&two).await;
    assert_eq!(again.cookies().iter().filter(|cookie| !cookie.ends_with('=')).count(), 1);
    assert_eq!(again.cookies().len(), 4);
    assert_eq!(login(&alice).await.cookies().len(), 1, "one cookie is one line");
}

/// An application with tickets for browsers, passwords and keys for programs, and a list of revocations.
fn mixed(api_keys: ApiKey<MemoryApiKeys>) -> Site {
    let clock = FrozenClock::at(1_700_000_000);
    let list = MemoryRevocation::new().with_clock(clock.clone());
    let basic = Basic::new(|name: String, password: Password| async move {
        Ok((password.expose() == b"secret").then(|| Identity::new(name)).transpose()?)
    });
    let policy = FirstOf::new(TicketCookie::new(KeyRing::random())).then(basic).then(api_keys);
    let layer = AuthLayer::new(policy).with_clock(clock.clone()).with_revocation(list.clone());
    Site { app: routes().layer(layer), clock, list }
}

// Who sends a password proves on each request who they are; a key was issued at some time.
#[tokio::test]
async fn a_password_works_again_after_a_log_out_everywhere_and_an_earlier_key_does_not() {
    let store = MemoryApiKeys::new();
    let issue = |owner: &str, at: u64| {
        let owner = Identity::new(owner).unwrap();
        let (key, record) = ApiKeyRecord::issue("k", owner, UnixTime::from_secs(at)).unwrap();
        store.add(record);
        key.expose().to_owned()
    };
    let site = mixed(ApiKey::new(store.clone()));
    let (early, bobs) = (issue("alice", 1_600_000_000), issue("bob", 1_600_000_000));
    let by = |name: &'static str, value: String| {
        let app = site.app.clone();
        async move { ask(&app, Request::get("/profile").header(name, value)).await.status.as_u16() }
    };
    let with_key = |key: &String| by("x-api-key", key.clone());
    let with_password = || by("authorization", "Basic YWxpY2U6c2VjcmV0".to_owned());
    assert_eq!((with_password().await, with_key(&early).await, with_key(&bobs).await), (200, 200, 200));

    let cookie = site.login("alice").await;
    assert_eq!(site.post("/everywhere", &cookie).await.status.as_u16(), 200);
    site.clock.advance(Duration::from_secs(1));
    assert_eq!(site.status(&cookie).await, 401);
    assert_eq!(with_password().await, 200, "the password is still right");
    assert_eq!(with_key(&early).await, 401, "issued before");
    assert_eq!(with_key(&bobs).await, 200, "another user's");
    assert_eq!(with_key(&issue("alice", 1_700_000_001)).await, 200, "issued after");

    // One key is revoked by its name.
    let (key, record) =
        ApiKeyRecord::issue("k", Identity::new("bob").unwrap(), UnixTime::from_secs(1_700_000_001)).unwrap();
    let id = record.id().clone();
    store.add(record);
    assert_eq!(with_key(&key.expose().to_owned()).await, 200);
    site.list.revoke_credential(&id, None).await.unwrap();
    assert_eq!((with_key(&key.expose().to_owned()).await, with_key(&bobs).await), (401, 200));
}

async fn act_and_log_out(auth: Auth, Path(name): Path<String>) -> Result<(), AuthError> {
    auth.impersonate(&name).await?;
    auth.forget().await
}

/// A log-out revokes the credential of the request, independent of the one that replaced it.
#[tokio::test]
async fn a_log_out_after_acting_for_an_unknown_user_revokes_the_credential_of_the_request() {
    let users = async |user: UserId| Ok((user != "ghost").then_some(()));
    let layer = AuthLayer::new(TicketCookie::new(KeyRing::random()))
        .with_revocation(MemoryRevocation::new())
        .with_users(users);
    let app = routes().route("/act-and-log-out/{name}", post(act_and_log_out)).layer(layer);
    for name in ["bob", "ghost"] {
        let cookie = ask(&app, Request::post("/login/alice")).await.cookies().remove(0);
        let status = async |request: http::request::Builder| {
            ask(&app, request.header("cookie", &cookie)).await.status.as_u16()
        };
        assert_eq!(status(Request::get("/profile")).await, 200);
        assert_eq!(status(Request::post(format!("/act-and-log-out/{name}"))).await, 200);
        assert_eq!(status(Request::get("/profile")).await, 401, "{name}");
    }
}

/// Knows a user, does not, or does not answer.
#[derive(Clone, Default)]
struct Moody(Arc<AtomicU32>);

#[async_trait]
impl AuthorizationPolicy for Moody {
    type Permission = ();

    async fn authorized_userid(&self, identity: &Identity) -> Result<Option<UserId>, BoxError> {
        match self.0.load(Ordering::SeqCst) {
            0 => Ok(Some(identity.to_user_id())),
            1 => Ok(None),
            _ => Err("the directory is down".into()),
        }
    }

    async fn permits(&self, _: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        Ok(PolicyDecision::Abstain)
    }
}

/// Its renewals would outlive the entry on the list.
#[tokio::test]
async fn a_revoked_credential_is_not_renewed_while_its_user_is_not_known() {
    let (clock, policy) = (FrozenClock::at(1_700_000_000), Moody::default());
    let layer = AuthLayer::new(EncryptedCookie::new(KeyRing::random()))
        .with_clock(clock.clone())
        .with_policy(policy.clone())
        .with_revocation(MemoryRevocation::new().with_clock(clock.clone()));
    let public = async |auth: Auth| drop(auth.user_id().await);
    let app = routes().route("/public", get(public)).layer(layer);
    let cookie = ask(&app, Request::post("/login/alice")).await.cookies().remove(0);
    let public = async || ask(&app, Request::get("/public").header("cookie", &cookie)).await;
    clock.advance(Duration::from_hours(2));
    assert_eq!(public().await.cookies().len(), 1, "a renewal is due");
    let out = ask(&app, Request::post("/logout").header("cookie", &cookie)).await;
    assert_eq!(out.status, StatusCode::OK);
    // By now the log-out itself is not remembered, only what it revoked.
    clock.advance(Duration::from_mins(10));
    for mood in [0, 1, 2] {
        policy.0.store(mood, Ordering::SeqCst);
        let answer = public().await;
        assert_eq!((answer.status, answer.cookies()), (StatusCode::OK, vec![]), "{mood}");
    }
}

/// A list whose first entry takes until the second one is noted.
#[derive(Clone, Default)]
struct Slow {
    list: MemoryRevocation,
    asked: Arc<AtomicU32>,
    noted: Arc<Notify>,
}

#[async_trait]
impl Revocation for Slow {
    fn find<'a>(
        &'a self,
        user: &'a UserId,
        credential: Option<&'a CredentialId>,
    ) -> auth_runtime::Answer<'a, Result<RevocationStatus, BoxError>> {
        self.list.find(user, credential)
    }

    async fn revoke_user(&self, user: &UserId) -> Result<(), BoxError> {
        self.list.revoke_user(user).await
    }

    async fn revoke_everybody(&self) -> Result<(), BoxError> {
        self.list.revoke_everybody().await
    }

    async fn revoke_credential(&self, id: &CredentialId, expires: Option<UnixTime>) -> Result<(), BoxError> {
        if self.asked.fetch_add(1, Ordering::SeqCst) == 0 {
            self.noted.notified().await;
        } else {
            self.noted.notify_one();
        }
        self.list.revoke_credential(id, expires).await
    }
}

async fn rotate_and_log_out(auth: Auth) -> Result<String, AuthError> {
    let (rotated, logged_out) = tokio::join!(auth.rotate(), auth.forget());
    logged_out?;
    assert_eq!(rotated.unwrap_err().kind(), AuthErrorKind::InvalidCredential);
    Ok(format!("{:?}", auth.user_id().await?))
}

/// Of two tasks of one request, one logs the user out while the other is about to give the client another credential.
#[tokio::test]
async fn what_goes_on_with_a_log_in_does_not_undo_a_log_out_of_another_task() {
    let layer = AuthLayer::new(EncryptedCookie::new(KeyRing::random())).with_revocation(Slow::default());
    let app = routes().route("/both", post(rotate_and_log_out)).layer(layer);
    let cookie = ask(&app, Request::post("/login/alice")).await.cookies().remove(0);
    let both = ask(&app, Request::post("/both").header("cookie", &cookie)).await;
    assert_eq!(both.text(), "None");
    assert!(both.header("set-cookie").contains("Max-Age=0"));
}
