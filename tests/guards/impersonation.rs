//! Impersonation: both identities are kept and logged, it does not extend a log-in, and it cannot be chained.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Acl, ApiKey, Auth, AuthError, AuthErrorKind, AuthLayer, BoxError, EncryptedCookie, FirstOf, Groups,
    Identity, IdentityPolicy, Key, KeyRing, LoginOptions, SessionIdentity, TicketCookie, UserId, acl,
    acl_required, async_trait, auth_required,
    authorization::{AuthorizationPolicy, PolicyDecision, Question, now},
    clock::UnixTime,
    identity::{
        ApiKeyRecord, DataEdits, MemoryApiKeys, TicketData,
        session::{Excess, SessionTicket},
    },
    testing::{FakeIdentity, FrozenClock, USER_HEADER},
    ticket::{Ticket, TicketScope, TicketSealer},
};
use axum::{
    Router,
    extract::{Path, Query},
    http::{Request, StatusCode, header},
    routing::{any, post},
};

use crate::support::{self, Answer, Log};

const NOON: u64 = 1_700_000_000;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

const SUPPORT: Acl = acl![(Allow, Group("support"), ["impersonate"])];

fn key(seed: u8) -> Key {
    Key::from_bytes((seed..seed + 32).collect::<Vec<_>>()).unwrap()
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ticket() -> TicketCookie {
    TicketCookie::new(KeyRing::new(key(0)))
}

fn encrypted() -> EncryptedCookie {
    EncryptedCookie::new(KeyRing::new(key(0)))
}

async fn login(
    auth: Auth,
    Path(user): Path<String>,
    Query(options): Query<Vec<(String, u64)>>,
) -> Result<(), AuthError> {
    let mut remember = LoginOptions::new().with_tokens(["mfa"]);
    for (name, value) in options {
        remember = if name == "lifetime" {
            remember.with_lifetime(secs(value))
        } else {
            remember.until_browser_closes()
        };
    }
    auth.remember_with(&user, &remember).await?;
    // Of policies that keep nothing this is asked too; it need not succeed.
    let _ = auth.store(&DataEdits::new().set("secret", "1")).await;
    Ok(())
}

async fn act_as(auth: Auth, Path(user): Path<String>) -> Result<String, AuthError> {
    auth.impersonate(&user).await?;
    who(auth).await
}

async fn back(auth: Auth) -> Result<String, AuthError> {
    auth.stop_impersonating().await?;
    who(auth).await
}

/// `user`, or `user by actor`.
async fn who(auth: Auth) -> Result<String, AuthError> {
    let user = auth.user_id().await?.map_or_else(|| "anonymous".to_owned(), |user| user.to_string());
    let data = auth.credential_data::<TicketData>().await?;
    let tokens = if data.is_some_and(|data| !data.tokens().is_empty()) { " with tokens" } else { "" };
    Ok(match auth.actor().await? {
        Some(actor) => format!("{user} by {actor}{tokens}"),
        None => user + tokens,
    })
}

#[acl_required("impersonate", SUPPORT)]
async fn desk() -> &'static str {
    "desk"
}

#[auth_required]
async fn profile(user: UserId) -> String {
    user.to_string()
}

fn groups(user: Option<&UserId>) -> Option<Groups> {
    match user.map(UserId::as_str) {
        Some("root") => Some(Groups::from(["support"])),
        Some("blocked") => None,
        _ => Some(Groups::none()),
    }
}

fn routes() -> Router {
    Router::new()
        .route("/login/{user}", post(login))
        .route("/act-as/{user}", post(act_as))
        .route("/back", post(back))
        .route("/who", any(who))
        .route("/desk", any(desk))
        .route("/profile", any(profile))
}

struct Site {
    app: Router,
    clock: FrozenClock,
}

impl Site {
    fn new(policy: impl IdentityPolicy) -> Self {
        Self::with(AuthLayer::new(policy).with_groups(now(|user| Ok(groups(user)))))
    }

    fn with(layer: AuthLayer) -> Self {
        let clock = FrozenClock::at(NOON);
        Self { app: routes().layer(layer.with_clock(clock.clone())), clock }
    }

    /// Sends a request, and keeps the cookies that are set as a browser does.
    async fn send(&self, path: &str, cookies: &mut String) -> Answer {
        let answer = support::ask(&self.app, Request::post(path).header(header::COOKIE, &*cookies)).await;
        if let Some(cookie) = answer.cookies().into_iter().find(|cookie| !cookie.ends_with('=')) {
            *cookies = cookie;
        }
        answer
    }

    async fn text(&self, path: &str, cookies: &mut String) -> String {
        let answer = self.send(path, cookies).await;
        if answer.status == StatusCode::OK {
            answer.text().to_owned()
        } else {
            answer.status.as_u16().to_string()
        }
    }

    async fn logged_in(&self, user: &str) -> String {
        let mut cookies = String::new();
        assert_eq!(self.send(&format!("/login/{user}"), &mut cookies).await.status, StatusCode::OK);
        cookies
    }
}

fn sessions() -> SessionIdentity {
    SessionIdentity::memory().with_idle_limit(secs(8 * HOUR)).with_absolute_limit(secs(7 * DAY))
}

fn signed_sessions() -> SessionTicket {
    SessionTicket::new(sessions(), KeyRing::new(key(0)))
}

/// Policies whose cookie lives as long as its user asked for.
fn cookie_sites() -> Vec<(&'static str, Site)> {
    let (_, keys) = api_keys();
    vec![
        ("ticket", Site::new(ticket())),
        ("encrypted cookie", Site::new(encrypted())),
        ("first of", Site::new(FirstOf::new(keys).then_log_in(encrypted()))),
    ]
}

fn sites() -> Vec<(&'static str, Site)> {
    let (_, keys) = api_keys();
    let mut all = cookie_sites();
    all.extend([
        ("session", Site::new(sessions())),
        ("session with a ticket", Site::new(signed_sessions())),
        ("first of sessions", Site::new(FirstOf::new(keys).then_log_in(sessions()))),
    ]);
    all
}

fn api_keys() -> (String, ApiKey<MemoryApiKeys>) {
    let store = MemoryApiKeys::new();
    let owner = Identity::new("root").unwrap();
    let (key, record) = ApiKeyRecord::issue("k", owner, UnixTime::from_secs(NOON)).unwrap();
    store.add(record);
    (key.expose().to_owned(), ApiKey::new(store))
}

#[tokio::test]
async fn both_identities_are_kept_until_it_is_over() {
    for (name, site) in sites() {
        let mut cookies = site.logged_in("root").await;
        let before = cookies.clone();
        assert_eq!(site.text("/desk", &mut cookies).await, "desk", "{name}");
        assert_eq!(
            site.text("/act-as/alice", &mut cookies).await,
            "alice by root",
            "{name}: in the same request"
        );
        assert_ne!(cookies, before);
        assert_eq!(site.text("/who", &mut cookies).await, "alice by root", "{name}: in the next one");
        assert_eq!(site.text("/profile", &mut cookies).await, "alice", "{name}: guards see the user");
        assert_eq!(site.text("/desk", &mut cookies).await, "403", "{name}: and the user's rights");
        let acting = cookies.clone();
        assert_eq!(site.text("/back", &mut cookies).await, "root", "{name}");
        assert_eq!(
            site.text("/who", &mut cookies).await,
            "root",
            "{name}: the tokens of the old log-in are gone"
        );
        assert!(cookies != before && cookies != acting, "{name}: a new credential");
    }
}

#[tokio::test]
async fn impersonation_cannot_be_chained() {
    for (name, site) in sites() {
        let mut cookies = String::new();
        assert_eq!(
            site.text("/act-as/alice", &mut cookies).await,
            "401",
            "{name}: an anonymous client cannot impersonate"
        );
        assert_eq!(site.text("/back", &mut cookies).await, "403", "{name}");
        cookies = site.logged_in("root").await;
        assert_eq!(site.text("/back", &mut cookies).await, "403", "{name}");
        assert_eq!(site.text("/act-as/root", &mut cookies).await, "403", "{name}: one's own account");
        assert_eq!(site.text("/act-as/%20", &mut cookies).await, "400", "{name}");
        site.send("/act-as/alice", &mut cookies).await;
        for user in ["bob", "root", "alice"] {
            let answer = site.send(&format!("/act-as/{user}"), &mut cookies).await;
            assert_eq!((answer.status.as_u16(), answer.cookies().len()), (403, 0), "{name}: on to {user}");
        }
        assert_eq!(site.text("/who", &mut cookies).await, "alice by root");
        let mut blocked = site.logged_in("blocked").await;
        assert_eq!(site.text("/act-as/alice", &mut blocked).await, "403", "{name}: blocked");
        // A log-in ends it.
        site.send("/login/alice", &mut cookies).await;
        assert!(
            site.text("/who", &mut cookies).await.starts_with("alice")
                && !site.text("/who", &mut cookies).await.contains("by")
        );
        // A log-out, too.
        let foreign =
            Request::post("/act-as/alice").header("sec-fetch-site", "cross-site").header("cookie", &*cookies);
        assert_eq!(
            support::ask(&site.app, foreign).await.status,
            StatusCode::FORBIDDEN,
            "{name}: another site"
        );
    }
}

#[tokio::test]
async fn no_time_is_gained() {
    for (name, site) in sites() {
        let mut cookies = site.logged_in("root").await;
        let mut is_acting = false;
        let mut end = 0;
        // Back and forth, each hour, until the first log-in is seven days old.
        for hour in 1..=8 * 24 {
            site.clock.set(UnixTime::from_secs(NOON + hour * HOUR));
            let path = if is_acting { "/back" } else { "/act-as/alice" };
            if site.send(path, &mut cookies).await.status != StatusCode::OK {
                break;
            }
            is_acting = !is_acting;
            end = hour;
        }
        assert_eq!(end, 7 * 24 - 1, "{name}");
        assert_eq!(site.text("/who", &mut cookies).await, "anonymous", "{name}");
    }
}

#[tokio::test]
async fn a_chosen_lifetime_stays_chosen() {
    for (name, site) in cookie_sites() {
        for (path, age) in [("/login/root?lifetime=60", "Max-Age=60"), ("/login/root?browser=1", "")] {
            let mut cookies = String::new();
            site.clock.set(UnixTime::from_secs(NOON));
            site.send(path, &mut cookies).await;
            for path in ["/act-as/alice", "/back"] {
                let line = site.send(path, &mut cookies).await.header("set-cookie");
                assert!(
                    if age.is_empty() { !line.contains("Max-Age") } else { line.contains(age) },
                    "{name}: {line}"
                );
            }
        }
    }
}

// Of a session, the server judges what its user asked for, and the cookie only says whether it is kept.
#[tokio::test]
async fn a_chosen_lifetime_of_a_session_stays_chosen() {
    for site in [Site::new(sessions()), Site::new(signed_sessions())] {
        for (path, is_kept) in [("/login/root?lifetime=60", true), ("/login/root?browser=1", false)] {
            let mut cookies = String::new();
            site.send(path, &mut cookies).await;
            site.clock.advance(secs(30));
            for path in ["/act-as/alice", "/back"] {
                let line = site.send(path, &mut cookies).await.header("set-cookie");
                assert_eq!(line.contains("Max-Age"), is_kept, "{line}");
                assert!(!is_kept || line.contains(&format!("Max-Age={}", 7 * DAY - 30)), "{line}");
            }
            site.clock.advance(secs(60));
            let who = site.text("/who", &mut cookies).await;
            assert_eq!(who, if is_kept { "anonymous" } else { "root" });
        }
    }
}

#[tokio::test]
async fn the_session_of_the_actor_is_over_while_they_act() {
    for policy in [sessions(), sessions().with_max_sessions(1, Excess::EvictOldest)] {
        let handle = policy.sessions();
        let site = Site::new(policy);
        let handle = handle.with_clock(site.clock.clone());
        let mut users_own = site.logged_in("alice").await;
        let mut cookies = site.logged_in("root").await;
        let mut before = cookies.clone();
        site.clock.advance(secs(HOUR));
        site.send("/act-as/alice", &mut cookies).await;
        assert_eq!(site.text("/who", &mut before).await, "anonymous");
        assert_eq!(site.text("/who", &mut users_own).await, "alice", "nothing of the user's is ended");
        let [alice, root] = ["alice", "root"].map(|name| Identity::new(name).unwrap());
        let listed = handle.list(&alice).await.unwrap();
        let actors: Vec<_> = listed.iter().map(|session| session.actor().cloned()).collect();
        assert!(actors.contains(&None) && actors.contains(&Some(root.clone())), "{actors:?}");
        assert!(handle.list(&root).await.unwrap().is_empty());
        // The user may end it, and does not become root again by that.
        handle.end_all(&alice).await.unwrap();
        assert_eq!(site.text("/who", &mut cookies).await, "anonymous");
        assert_eq!(site.text("/back", &mut cookies).await, "403");
    }
}

#[tokio::test]
async fn a_log_out_everywhere_ends_impersonations() {
    let policy = sessions();
    let handle = policy.sessions();
    let site = Site::new(policy);
    let handle = handle.with_clock(site.clock.clone());
    let [alice, root] = ["alice", "root"].map(|name| Identity::new(name).unwrap());
    let mut users_own = site.logged_in("alice").await;
    let mut acting = site.logged_in("root").await;
    site.send("/act-as/alice", &mut acting).await;
    let mut roots_own = site.logged_in("root").await;

    // One of them stays, as on the page that lists them.
    let listed = handle.list(&root).await.unwrap();
    assert_eq!(listed.len(), 1, "an impersonation is not a session of root's own");
    assert_eq!(handle.end_others(&root, listed[0].id()).await.unwrap(), 1);
    assert_eq!(site.text("/who", &mut acting).await, "anonymous");
    assert_eq!(site.text("/who", &mut roots_own).await, "root");

    let mut acting = site.logged_in("root").await;
    site.send("/act-as/alice", &mut acting).await;
    assert_eq!(handle.end_all(&root).await.unwrap(), 2);
    for cookies in [&mut acting, &mut roots_own] {
        assert_eq!(site.text("/who", cookies).await, "anonymous");
        assert_eq!(site.text("/back", cookies).await, "403");
    }
    assert_eq!(site.text("/who", &mut users_own).await, "alice", "nothing of the user's own is ended");
    assert_eq!(handle.end_all(&alice).await.unwrap(), 1);
}

// Also actors that the groups block during the impersonation.
#[tokio::test]
async fn an_actor_who_is_blocked_is_blocked_in_the_others_name() {
    for policy in [Some(sessions()), None] {
        let state = Arc::new(AtomicU8::new(0));
        let (seen, asked) = (Arc::clone(&state), Arc::new(AtomicU8::new(0)));
        let count = Arc::clone(&asked);
        let groups = now(move |user: Option<&UserId>| {
            count.fetch_add(1, Ordering::SeqCst);
            match (user.map(UserId::as_str), seen.load(Ordering::SeqCst)) {
                (Some("root"), 1) => Ok(None),
                (Some("root"), 2) => Err(BoxError::from("the directory is down")),
                _ => Ok(Some(Groups::none())),
            }
        });
        let layer = match policy {
            Some(policy) => AuthLayer::new(policy),
            None => AuthLayer::new(ticket()),
        };
        let site = Site::with(layer.with_groups(groups));
        let mut cookies = site.logged_in("root").await;
        let lookups = async |cookies: &mut String| {
            asked.store(0, Ordering::SeqCst);
            let answer = site.text("/profile", cookies).await;
            (answer, asked.load(Ordering::SeqCst))
        };
        assert_eq!(lookups(&mut cookies).await, ("root".to_owned(), 1));
        site.send("/act-as/alice", &mut cookies).await;
        assert_eq!(lookups(&mut cookies).await, ("alice".to_owned(), 2), "both are asked for, once");
        state.store(1, Ordering::SeqCst);
        assert_eq!(lookups(&mut cookies).await.0, "403");
        state.store(2, Ordering::SeqCst);
        assert_eq!(lookups(&mut cookies).await.0, "503");
        state.store(1, Ordering::SeqCst);
        assert_eq!(site.text("/back", &mut cookies).await, "root", "back is where nothing is gained");
        assert_eq!(lookups(&mut cookies).await.0, "403");
    }
}

#[tokio::test]
async fn without_renewal_it_ends_when_the_log_in_ends() {
    let site = Site::new(ticket().without_renewal());
    let mut cookies = site.logged_in("root").await;
    site.clock.advance(secs(7 * HOUR));
    site.send("/act-as/alice", &mut cookies).await;
    site.clock.advance(secs(HOUR - 1));
    assert_eq!(site.text("/who", &mut cookies).await, "alice by root");
    site.clock.advance(secs(1));
    assert_eq!(site.text("/who", &mut cookies).await, "anonymous");
}

#[tokio::test]
async fn renewal_keeps_both() {
    let site = Site::new(ticket());
    let mut cookies = site.logged_in("root").await;
    site.send("/act-as/alice", &mut cookies).await;
    site.clock.advance(secs(5 * HOUR));
    let before = cookies.clone();
    assert_eq!(site.text("/who", &mut cookies).await, "alice by root");
    assert_ne!(cookies, before, "it was renewed");
    assert_eq!(site.text("/who", &mut cookies).await, "alice by root");
}

#[tokio::test]
async fn data_of_neither_is_shown_to_the_other() {
    let policy = encrypted();
    let site = Site::new(encrypted());
    let mut cookies = site.logged_in("root").await;
    let data = |cookies: &str| {
        let (parts, ()) = Request::builder().header(header::COOKIE, cookies).body(()).unwrap().into_parts();
        let incoming = auth_runtime::identity::Incoming::new(&parts, None, UnixTime::from_secs(NOON));
        let found = policy.identify(&incoming).now().unwrap().unwrap();
        found.data().is_some_and(|data| data.get("secret").is_some())
    };
    assert!(data(&cookies));
    for path in ["/act-as/alice", "/back"] {
        site.send(path, &mut cookies).await;
        assert!(!data(&cookies), "{path}");
    }
}

/// An identity that the policy does not know is not a user, so it cannot impersonate.
#[tokio::test]
async fn an_identity_without_a_user_cannot_impersonate() {
    struct Strangers;
    #[async_trait]
    impl AuthorizationPolicy for Strangers {
        type Permission = ();

        async fn authorized_userid(&self, identity: &Identity) -> Result<Option<UserId>, BoxError> {
            Ok((identity.as_str() != "root").then(|| identity.to_user_id()))
        }

        async fn permits(&self, _: &Question<'_>) -> Result<PolicyDecision, BoxError> {
            Ok(PolicyDecision::Abstain)
        }
    }
    let layer = AuthLayer::new(FakeIdentity::by_header()).with_policy(Strangers);
    let app = Router::new().route("/act-as/{user}", post(act_as)).layer(layer);
    let answer = support::ask(&app, Request::post("/act-as/alice").header(USER_HEADER, "root")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_policy_that_cannot_keep_both_is_refused() {
    let site = Site::new(FakeIdentity::by_header());
    let request = Request::post("/act-as/alice").header(USER_HEADER, "root");
    let (answer, told) = Log::of(support::ask(&site.app, request)).await;
    assert_eq!((answer.status, answer.cookies().len()), (StatusCode::INTERNAL_SERVER_ERROR, 0));
    assert!(
        told.iter()
            .any(|told| told.message == "misconfigured" && told.field("error").contains("acts for a user"))
    );
    // A key cannot become a cookie on the way.
    let (key, keys) = api_keys();
    let site = Site::new(FirstOf::new(keys).then_log_in(ticket()));
    let answer = support::ask(&site.app, Request::post("/act-as/alice").header("x-api-key", key)).await;
    assert_eq!((answer.status, answer.cookies().len()), (StatusCode::FORBIDDEN, 0));
    // Nor may the actor get lost where an application names one itself.
    let remember = |auth: Auth| async move {
        auth.remember_with("alice", &LoginOptions::new().with_actor("root".parse()?)).await
    };
    for (layer, status) in [(AuthLayer::new(FakeIdentity::anonymous()), 500), (AuthLayer::new(ticket()), 200)]
    {
        let app = Router::new().route("/", post(remember)).layer(layer);
        let answer = support::ask(&app, Request::post("/")).await;
        assert_eq!((answer.status.as_u16(), answer.cookies().is_empty()), (status, status == 500));
    }
    assert_eq!(AuthError::from(Identity::new("").unwrap_err()).kind(), AuthErrorKind::InvalidIdentity);
}

#[tokio::test]
async fn the_log_names_both() {
    let site = Site::new(ticket());
    let mut cookies = site.logged_in("root").await;
    let ((), told) = Log::of(async {
        site.send("/act-as/alice", &mut cookies).await;
        site.send("/profile", &mut cookies).await;
        site.send("/desk", &mut cookies).await;
        site.send("/act-as/bob", &mut cookies).await;
        site.send("/back", &mut cookies).await;
        site.send("/profile", &mut cookies).await;
    })
    .await;
    let told: Vec<String> = told
        .iter()
        .filter(|told| told.message != "explanation")
        .map(|told| format!("{} {} by {}", told.message, told.field("user"), told.field("actor")))
        .collect();
    assert_eq!(
        told,
        [
            "impersonation started alice by root",
            "allow alice by root",
            "deny alice by root",
            "deny alice by root",
            "impersonation ended alice by root",
            "allow root by "
        ]
    );
}

/// Users under session names, some of which leave.
#[derive(Clone, Default)]
struct Table(Arc<std::sync::Mutex<Vec<&'static str>>>);

#[async_trait]
impl AuthorizationPolicy for Table {
    type Permission = ();

    async fn authorized_userid(&self, identity: &Identity) -> Result<Option<UserId>, BoxError> {
        tokio::task::yield_now().await;
        let name = identity.as_str().strip_prefix("s-").ok_or("no session name")?;
        let left = self.0.lock().unwrap().contains(&name);
        Ok(if left { None } else { Some(UserId::new(name)?) })
    }

    async fn permits(&self, _: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        Ok(PolicyDecision::Abstain)
    }
}

#[tokio::test]
async fn a_deleted_actor_ends_the_impersonation() {
    let table = Table::default();
    let site = Site::with(AuthLayer::new(ticket()).with_policy(table.clone()));
    let mut cookies = site.logged_in("s-root").await;
    let (answer, told) = Log::of(site.send("/act-as/s-alice", &mut cookies)).await;
    assert_eq!(answer.text(), "alice by root");
    let started = told.iter().find(|told| told.message == "impersonation started").unwrap();
    assert_eq!((started.field("user"), started.field("actor")), ("alice", "root"));
    let (answer, told) = Log::of(site.send("/profile", &mut cookies)).await;
    assert_eq!(answer.text(), "alice");
    let allowed = told.iter().find(|told| told.message == "allow").unwrap();
    assert_eq!((allowed.field("user"), allowed.field("actor")), ("alice", "root"));
    table.0.lock().unwrap().push("root");
    assert_eq!(site.text("/profile", &mut cookies).await, "401");
    assert_eq!(site.text("/who", &mut cookies).await, "anonymous");
    table.0.lock().unwrap().clear();
    assert_eq!(site.text("/who", &mut cookies).await, "alice by root");
}

// A ticket says it in one way only, and older tickets say what they always said.
#[test]
fn a_ticket_carries_the_actor() {
    let scope = TicketScope { purpose: "identity", application: "", name: "auth" };
    let sealer = TicketSealer::new(KeyRing::new(key(0)), &scope);
    let identity = |name: &str| Identity::new(name).unwrap();
    let time = UnixTime::from_secs;
    let plain = Ticket::new(identity("alice"), time(NOON), time(NOON + DAY));
    let mut texts = std::collections::HashSet::new();
    for ticket in [
        plain.clone(),
        plain.clone().with_actor(identity("root")),
        plain.clone().with_actor(identity("alice")),
        plain.clone().with_actor(identity("root")).with_tokens(["mfa"]),
        plain.clone().with_tokens(["root"]),
        Ticket::new(identity("root"), time(NOON), time(NOON + DAY)).with_actor(identity("alice")),
    ] {
        let text = sealer.seal(&ticket, None).unwrap();
        assert_eq!(sealer.open(&text, None).unwrap().ticket(), &ticket);
        assert!(texts.insert(text));
    }
    let longest = plain.with_actor(identity(&"x".repeat(255)));
    assert_eq!(sealer.open(sealer.seal(&longest, None).unwrap(), None).unwrap().into_ticket(), longest);
}

#[tokio::test]
async fn the_same_user_with_and_without_an_actor_is_a_contradiction() {
    let site = Site::new(ticket());
    let mut acting = site.logged_in("root").await;
    site.send("/act-as/alice", &mut acting).await;
    let own = site.logged_in("alice").await;
    for mut both in [format!("{acting}; {own}"), format!("{own}; {acting}")] {
        assert_eq!(site.text("/profile", &mut both).await, "401");
    }
    let (_, keys) = api_keys();
    let second = ticket().with_cookie_name("__Host-second").unwrap();
    let both = FirstOf::new(ticket()).then(second).then(keys);
    let site = Site::new(both);
    let other = Site::new(ticket().with_cookie_name("__Host-second").unwrap()).logged_in("alice").await;
    assert_eq!(site.text("/profile", &mut format!("{acting}; {other}")).await, "401");
    assert_eq!(site.text("/profile", &mut format!("{own}; {other}")).await, "alice");
}
