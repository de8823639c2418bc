//! Attacks on what several parts do together: revocation, impersonation, lists of policies, caches. None gets anywhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    fmt::Debug,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    ApiKey, Auth, AuthError, AuthLayer, BoxError, EncryptedCookie, FirstOf, Identity, IdentityPolicy, Key,
    KeyRing, LoginOptions, TicketCookie, UserId, async_trait, auth_required,
    clock::{Clock, UnixTime},
    identity::{ApiKeyRecord, CredentialId, Data, DataEdits, MemoryApiKeys},
    jwt::{Grant, MemoryRefreshStore, RefreshErrorKind, RefreshToken, RefreshTokens},
    revocation::{Invalidate, MemoryRevocation, Push, Revocation},
    testing::FrozenClock,
    users::{CachedUsers, UserLoader},
};
use axum::{
    Router,
    extract::Path,
    http::{Request, StatusCode, request::Builder},
    routing::{get, post},
};

use crate::support::{Answer, ask};

const NOON: u64 = 1_700_000_000;

fn ring() -> KeyRing {
    KeyRing::new(Key::from_bytes((7..39).collect::<Vec<_>>()).unwrap())
}

fn ticket() -> TicketCookie {
    TicketCookie::new(ring())
}

fn encrypted() -> EncryptedCookie {
    EncryptedCookie::new(ring())
}

#[auth_required]
async fn profile(user: UserId) -> String {
    user.to_string()
}

async fn login(auth: Auth, Path(user): Path<String>) -> Result<(), AuthError> {
    auth.remember(&user).await
}

async fn logout(auth: Auth) -> Result<(), AuthError> {
    auth.forget().await
}

async fn act_as(auth: Auth, Path(user): Path<String>) -> Result<(), AuthError> {
    auth.impersonate(&user).await
}

async fn back(auth: Auth) -> Result<(), AuthError> {
    auth.stop_impersonating().await
}

async fn elsewhere(auth: Auth) -> Result<(), AuthError> {
    auth.log_out_elsewhere(&LoginOptions::new()).await
}

async fn rotate(auth: Auth) -> Result<(), AuthError> {
    auth.rotate().await
}

async fn credential(auth: Auth) -> Result<String, AuthError> {
    Ok(auth.credential_id().await?.map_or_else(String::new, |id| id.to_string()))
}

/// No route but the profile has a guard: what holds there is done by `Auth` itself.
fn routes() -> Router {
    Router::new()
        .route("/profile", get(profile))
        .route("/login/{user}", post(login))
        .route("/logout", post(logout))
        .route("/act-as/{user}", post(act_as))
        .route("/back", post(back))
        .route("/elsewhere", post(elsewhere))
        .route("/rotate", post(rotate))
        .route("/credential", get(credential))
}

struct Site {
    app: Router,
    clock: FrozenClock,
    list: MemoryRevocation,
}

impl Site {
    fn new(policy: impl IdentityPolicy) -> Self {
        let clock = FrozenClock::at(NOON);
        Self::with(policy, MemoryRevocation::new().with_clock(clock.clone()), clock)
    }

    fn with(policy: impl IdentityPolicy, list: MemoryRevocation, clock: FrozenClock) -> Self {
        let layer = AuthLayer::new(policy).with_clock(clock.clone()).with_revocation(list.clone());
        Self { app: routes().layer(layer), clock, list }
    }

    async fn post(&self, path: &str, cookies: &str) -> Answer {
        ask(&self.app, Request::post(path).header("cookie", cookies)).await
    }

    /// The cookie that a request is answered with.
    async fn cookie(&self, path: &str, cookies: &str) -> String {
        let answer = self.post(path, cookies).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        answer.cookies().into_iter().find(|cookie| !cookie.ends_with('=')).unwrap()
    }

    /// The user of a request with these cookies, or the status of its refusal.
    async fn user(&self, cookies: &str) -> String {
        let answer = ask(&self.app, Request::get("/profile").header("cookie", cookies)).await;
        if answer.status == StatusCode::OK {
            answer.text().to_owned()
        } else {
            answer.status.as_u16().to_string()
        }
    }
}

/// Cookies of both kinds for one user, and a site that takes both.
async fn both(user: [&str; 2]) -> (Site, String, String) {
    let one = Site::new(ticket()).cookie(&format!("/login/{}", user[0]), "").await;
    let other = Site::new(encrypted()).cookie(&format!("/login/{}", user[1]), "").await;
    (Site::new(FirstOf::new(ticket()).then(encrypted())), one, other)
}

#[tokio::test]
async fn a_revoked_impersonation_restores_no_administrator() {
    for site in [Site::new(ticket()), Site::new(encrypted())] {
        let root = site.cookie("/login/root", "").await;
        let acting = site.cookie("/act-as/bob", &root).await;
        assert_eq!(site.user(&acting).await, "bob");
        assert_eq!(site.post("/logout", &acting).await.status, StatusCode::OK);
        // An attacker has a copy.
        let answer = site.post("/back", &acting).await;
        assert_eq!((answer.status, answer.cookies()), (StatusCode::UNAUTHORIZED, vec![]));
        assert_eq!(site.post("/act-as/carol", &acting).await.status, StatusCode::UNAUTHORIZED);
        // The administrator has logged out, not only who they acted for.
        assert_eq!((site.user(&acting).await, site.user(&root).await), ("401".to_owned(), "401".to_owned()));
        site.clock.advance(Duration::from_secs(1));
        let again = site.cookie("/login/root", "").await;
        let acting = site.cookie("/act-as/bob", &again).await;
        let back = site.cookie("/back", &acting).await;
        assert_eq!(site.user(&back).await, "root");
    }
}

// ASVS 7.4.3
#[tokio::test]
async fn who_acts_for_a_user_does_not_become_that_user_by_logging_out_elsewhere() {
    for site in [Site::new(ticket()), Site::new(encrypted())] {
        let bob = site.cookie("/login/bob", "").await;
        site.clock.advance(Duration::from_secs(1));
        let root = site.cookie("/login/root", "").await;
        let acting = site.cookie("/act-as/bob", &root).await;
        let answer = site.post("/elsewhere", &acting).await;
        assert_eq!((answer.status, answer.cookies()), (StatusCode::FORBIDDEN, vec![]));
        // Nothing was revoked, either.
        assert_eq!(site.user(&bob).await, "bob");
        assert_eq!(site.user(&acting).await, "bob");
        // Bob himself may.
        let kept = site.cookie("/elsewhere", &bob).await;
        assert_eq!((site.user(&kept).await, site.user(&bob).await), ("bob".to_owned(), "401".to_owned()));
    }
}

#[tokio::test]
async fn a_log_out_takes_back_every_cookie_that_the_request_carried() {
    for users in [["alice", "alice"], ["alice", "bob"]] {
        let (site, one, other) = both(users).await;
        assert_eq!((site.user(&one).await, site.user(&other).await), (users[0].into(), users[1].into()));
        let answer = site.post("/logout", &format!("{one}; {other}")).await;
        assert_eq!((answer.status, answer.cookies().len()), (StatusCode::OK, 2));
        assert_eq!((site.user(&one).await, site.user(&other).await), ("401".into(), "401".into()));
    }
}

#[tokio::test]
async fn a_browsers_log_out_ends_its_cookie_and_not_the_key_that_was_found_first() {
    let keys = MemoryApiKeys::new();
    let issued = ApiKeyRecord::issue("shop", Identity::new("alice").unwrap(), UnixTime::from_secs(NOON));
    let (key, record) = issued.unwrap();
    keys.add(record);
    let site = Site::new(FirstOf::new(ApiKey::new(keys)).then_log_in(ticket()));
    let cookie = site.cookie("/login/alice", "").await;
    let with_key = |request: Builder| request.header("x-api-key", key.expose());
    let logout = with_key(Request::post("/logout").header("cookie", &cookie));
    assert_eq!(ask(&site.app, logout).await.status, StatusCode::OK);
    assert_eq!(site.user(&cookie).await, "401");
    assert_eq!(ask(&site.app, with_key(Request::get("/profile"))).await.text(), "alice");
}

// What it says besides its user might be believed.
#[tokio::test]
async fn a_revoked_credential_does_not_hide_behind_a_valid_one() {
    let (site, one, other) = both(["alice", "alice"]).await;
    let pair = format!("{one}; {other}");
    assert_eq!(site.user(&pair).await, "alice");
    let id = ask(&site.app, Request::get("/credential").header("cookie", &other)).await.text().to_owned();
    site.list.revoke_credential(&CredentialId::new(id).unwrap(), None).await.unwrap();
    assert_eq!((site.user(&one).await, site.user(&pair).await), ("alice".into(), "401".into()));
}

// A failure and the removal of the cookie, both.
#[tokio::test]
async fn a_log_out_that_cannot_revoke_fails_and_removes_the_cookie() {
    let full = || MemoryRevocation::new().with_clock(FrozenClock::at(NOON)).with_capacity(0);
    for site in [
        Site::with(ticket(), full(), FrozenClock::at(NOON)),
        Site::with(encrypted(), full(), FrozenClock::at(NOON)),
    ] {
        let cookie = site.cookie("/login/alice", "").await;
        let answer = site.post("/logout", &cookie).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        let name = cookie.split_once('=').unwrap().0;
        assert_eq!(answer.cookies(), [format!("{name}=")]);
        assert!(answer.header("set-cookie").contains("Max-Age=0"), "{}", answer.header("set-cookie"));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

// With a list, an encrypted session whose place another took is worth nothing.
#[tokio::test]
async fn a_replaced_encrypted_session_is_revoked() {
    let site = Site::new(encrypted());
    let first = site.cookie("/login/root", "").await;
    let second = site.cookie("/rotate", &first).await;
    assert_eq!((site.user(&first).await, site.user(&second).await), ("401".into(), "root".into()));
    let acting = site.cookie("/act-as/bob", &second).await;
    assert_eq!((site.user(&second).await, site.user(&acting).await), ("401".into(), "bob".into()));
    let back = site.cookie("/back", &acting).await;
    assert_eq!((site.user(&acting).await, site.user(&back).await), ("401".into(), "root".into()));
    // With several policies, each one's.
    let (site, one, other) = both(["alice", "alice"]).await;
    let new = site.cookie("/rotate", &format!("{one}; {other}")).await;
    let users = (site.user(&one).await, site.user(&other).await, site.user(&new).await);
    assert_eq!(users, ("alice".into(), "401".into(), "alice".into()));
}

#[tokio::test]
async fn no_refresh_gets_past_a_log_out_everywhere() {
    let clock = FrozenClock::at(NOON);
    let list = MemoryRevocation::new().with_clock(clock.clone());
    let tokens = RefreshTokens::new(MemoryRefreshStore::new())
        .with_clock(clock.clone())
        .with_grace(Duration::from_secs(10))
        .with_revocation(list.clone());
    let grant = |user: &str| Grant::new(user, "https://api.example").unwrap();
    let refresh = async |token: &RefreshToken| {
        tokens.refresh(token.as_str(), None).await.map(|answer| answer.token().cloned())
    };
    let kind = async |token: &RefreshToken| refresh(token).await.unwrap_err().kind();
    let [mut before, mut other, used] = [
        tokens.start(grant("alice")).await,
        tokens.start(grant("bob")).await,
        tokens.start(grant("alice")).await,
    ]
    .map(Result::unwrap);
    clock.advance(Duration::from_secs(3));
    before = refresh(&before).await.unwrap().unwrap();
    refresh(&used).await.unwrap();
    list.revoke_user(&"alice".parse().unwrap()).await.unwrap();
    // Neither the current token nor one within its grace.
    assert_eq!(kind(&before).await, RefreshErrorKind::Invalid);
    assert_eq!(kind(&used).await, RefreshErrorKind::Invalid);
    // A log-in afterwards, even in the same second, can be refreshed any number of times; so can those of
    // other users.
    let mut after = tokens.start(grant("alice")).await.unwrap();
    for _ in 0..3 {
        after = refresh(&after).await.unwrap().unwrap();
        other = refresh(&other).await.unwrap().unwrap();
    }
    // An earlier log-in is one, however late its tokens begin.
    clock.advance(Duration::from_secs(9));
    let late = grant("alice").with_authenticated_at(UnixTime::from_secs(NOON));
    let late = tokens.start(late).await.unwrap();
    assert_eq!(kind(&late).await, RefreshErrorKind::Invalid);
}

type Listener = Arc<dyn Fn(&Invalidate) -> bool + Send + Sync>;

/// All instances in one process.
#[derive(Clone, Default)]
struct Loudspeaker(Arc<Mutex<Vec<Listener>>>);

#[async_trait]
impl Push for Loudspeaker {
    fn listen(&self, listener: Listener) {
        self.0.lock().unwrap().push(listener);
    }

    async fn push(&self, what: Invalidate) -> Result<(), BoxError> {
        self.0.lock().unwrap().retain(|listener| listener(&what));
        Ok(())
    }
}

// An option that is given after the push does not cut the cache off from it.
#[tokio::test]
async fn a_cache_is_notified_in_any_order_of_setup() {
    let speaker = Loudspeaker::default();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let clock = FrozenClock::at(NOON);
    let users = CachedUsers::new(move |_: UserId| {
        let counter = Arc::clone(&counter);
        async move { Ok::<_, BoxError>(Some(counter.fetch_add(1, Ordering::SeqCst))) }
    })
    .with_push(speaker.clone())
    .with_time_to_live(Duration::from_secs(500))
    .with_negative_time_to_live(Duration::from_secs(1))
    .with_capacity(10)
    .with_clock(clock.clone());
    let alice: UserId = "alice".parse().unwrap();
    for _ in 0..3 {
        users.load(&alice).await.unwrap();
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    for (what, times) in [(Invalidate::User(alice.clone()), 2), (Invalidate::All, 3)] {
        speaker.push(what).await.unwrap();
        users.load(&alice).await.unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), times);
    }
    // Only the cache in use subscribes.
    assert_eq!(speaker.0.lock().unwrap().len(), 1);
    assert!(clock.now() == UnixTime::from_secs(NOON));
}

#[test]
fn what_is_kept_beside_an_identity_is_not_printed() {
    let canary = "canary-5d1e";
    let data: Data = [("key".to_owned(), canary.to_owned())].into_iter().collect();
    let options = LoginOptions::new().with_tokens([canary]).with_public_data(canary);
    let printed: [&dyn Debug; 3] = [&options, &data, &DataEdits::new().set("key", canary)];
    for printed in printed {
        for text in [format!("{printed:?}"), format!("{printed:#?}")] {
            assert!(!text.contains(canary), "{text}");
        }
    }
    assert!(format!("{options:?}").starts_with("LoginOptions {"));
}

/// Whether a text is an id of each kind; they agree.
fn is_id(text: &str) -> bool {
    let answers =
        [Identity::new(text).is_ok(), text.parse::<UserId>().is_ok(), CredentialId::new(text).is_ok()];
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{text:?}");
    answers[0]
}

#[test]
fn ids_are_one_line_of_visible_text() {
    let bad = [
        "",
        " ",
        "\t",
        " alice",
        "alice ",
        "\u{a0}alice",
        "alice\u{2003}",
        "a\0b",
        "a\rb",
        "a\nb",
        "a\r\nb",
        "a\u{1b}[31mb",
        "a\u{7f}b",
        "a\u{85}b",
        "a\u{9b}b",
        "a\u{2028}b",
        "a\u{2029}b",
        "a\u{ad}b",
        "a\u{200b}b",
        "a\u{200d}b",
        "a\u{200e}b",
        "a\u{202a}b",
        "a\u{202e}b",
        "a\u{2066}b",
        "a\u{2069}b",
        "a\u{61c}b",
        "a\u{feff}b",
        "a\u{e0001}b",
        "\u{1}1700000000:alice",
    ];
    for text in bad {
        assert!(!is_id(text), "{text:?}");
    }
    assert!(!is_id(&"a".repeat(256)) && !is_id(&"a".repeat(1_000_000)) && is_id(&"a".repeat(255)));
    // Separators of other formats are letters like others here: nothing is ever split at them.
    for good in
        ["a!b", "a,b", "a;b", "a:b", "a|b", "a=b", "a b", "a\"b", "a\\b", "a%00b", "../a", "é", "иван"]
    {
        assert!(is_id(good), "{good:?}");
    }
}

// 325 pairs. Bytes are compared, so no two spellings are one user.
#[tokio::test]
async fn look_alikes_are_different_users() {
    let names = [
        "alice",
        "Alice",
        "ALICE",
        "al\u{131}ce",
        "\u{430}lice",
        "\u{ff41}lice",
        "caf\u{e9}",
        "cafe\u{301}",
        "\u{212a}ate",
        "Kate",
        "kate",
        "\u{1d2e}\u{1d35}\u{1d33}",
        "BIG",
        "big",
        "stra\u{df}e",
        "strasse",
        "1",
        "01",
        "1.0",
        "+1",
        "\u{661}",
        "\u{1d4aa}dmin",
        "odmin",
        "\u{3bf}dmin",
        "\u{fb01}le",
        "file",
    ];
    let site = Site::new(ticket());
    let mut cookies = Vec::new();
    for name in names {
        let identity = Identity::new(name).unwrap();
        assert_eq!(names.iter().filter(|other| identity == **other).count(), 1, "{name}");
        let path: String = name.bytes().flat_map(|byte| ['%', hex(byte >> 4), hex(byte & 15)]).collect();
        cookies.push(site.cookie(&format!("/login/{path}"), "").await);
    }
    // One of them is logged out everywhere, the others are not.
    site.list.revoke_user(&"alice".parse().unwrap()).await.unwrap();
    for (name, cookie) in names.iter().zip(&cookies) {
        let expected = if *name == "alice" { "401" } else { name };
        assert_eq!(site.user(cookie).await, expected);
    }
}

fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap()
}
