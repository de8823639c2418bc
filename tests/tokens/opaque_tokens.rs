//! Opaque bearer tokens: the authorization server is asked about each, once in a while.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Answer as Answered, AuthLayer, BoxError, FirstOf, Identity, KeyRing, TicketCookie, UserId, auth_required,
    clock::UnixTime,
    identity::{ActiveToken, CredentialId, OpaqueToken, Scopes, TokenIntrospector},
    revocation::{MemoryRevocation, Revocation as _},
    scope_required,
    testing::FrozenClock,
    throttle::{MemoryThrottle, Throttle},
};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
    routing::get,
};
use futures_util::future::join_all;
use sha2::{Digest as _, Sha256};

use crate::support::{Answer, Log, send};

const NOON: u64 = 1_700_000_000;
const API: &str = "https://api.shop.example";

#[auth_required]
async fn profile(user: UserId) -> String {
    user.to_string()
}

#[scope_required("orders:read")]
async fn orders() {}

/// An authorization server that knows a few tokens, and keeps what it was asked.
#[derive(Clone, Default)]
struct Server {
    asked: Arc<Mutex<Vec<String>>>,
    is_down: Arc<AtomicBool>,
    is_revoked: Arc<AtomicBool>,
}

impl Server {
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn answer(&self, token: &str) -> Result<Option<ActiveToken>, BoxError> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err("the authorization server is down".into());
        }
        let alice = || ActiveToken::new(Identity::new("alice").unwrap());
        let ours = || alice().with_audience(["https://other.example", API]);
        Ok(match token {
            "active" if self.is_revoked.load(Ordering::SeqCst) => None,
            "active" => Some(ours()),
            "orders" => Some(ours().with_scopes(Scopes::new(["orders:read"])?)),
            "short" => Some(ours().with_expires(UnixTime::from_secs(NOON + 10))),
            "early" => Some(ours().with_not_before(UnixTime::from_secs(NOON + 10))),
            "named" => Some(ours().with_credential_id(CredentialId::new("a name")?)),
            "old" => Some(ours().with_issued_at(UnixTime::from_secs(NOON - 100))),
            "other" => Some(alice().with_audience(["https://other.example"])),
            "none" => Some(alice()),
            _ => None,
        })
    }
}

impl TokenIntrospector for Server {
    fn introspect<'a>(&'a self, token: &'a str) -> Answered<'a, Result<Option<ActiveToken>, BoxError>> {
        Answered::later(async move {
            self.asked.lock().unwrap().push(token.to_owned());
            tokio::task::yield_now().await;
            self.answer(token)
        })
    }
}

struct Site {
    app: Router,
    clock: FrozenClock,
    server: Server,
}

impl Site {
    fn new(configure: impl FnOnce(OpaqueToken<Server>) -> OpaqueToken<Server>) -> Self {
        Self::with(configure, |layer| layer)
    }

    fn with(
        configure: impl FnOnce(OpaqueToken<Server>) -> OpaqueToken<Server>,
        layered: impl FnOnce(AuthLayer) -> AuthLayer,
    ) -> Self {
        let (clock, server) = (FrozenClock::at(NOON), Server::default());
        let policy = configure(OpaqueToken::new(server.clone(), API).with_clock(clock.clone()));
        let layer = layered(AuthLayer::new(policy).with_clock(clock.clone()));
        let app = Router::new().route("/profile", get(profile)).route("/orders", get(orders)).layer(layer);
        Self { app, clock, server }
    }

    async fn ask(&self, path: &str, headers: &[&str]) -> Answer {
        let mut request =
            Request::get(path).extension(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 50_000))));
        for header in headers {
            request = request.header("authorization", *header);
        }
        send(&self.app, request.body(Body::empty()).unwrap()).await
    }

    async fn status(&self, token: &str) -> u16 {
        self.ask("/profile", &[&format!("Bearer {token}")]).await.status.as_u16()
    }

    fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

#[tokio::test]
async fn the_server_is_asked_once_a_minute_about_an_active_token() {
    let site = Site::new(|policy| policy);
    let answer = site.ask("/profile", &["bearer active"]).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "alice"));
    for _ in 0..10 {
        assert_eq!(site.status("active").await, 200);
    }
    site.wait(59);
    assert_eq!(site.status("active").await, 200);
    assert_eq!(site.server.asked(), ["active"]);
    // A token that was revoked there is valid here until then.
    site.server.is_revoked.store(true, Ordering::SeqCst);
    assert_eq!(site.status("active").await, 200);
    site.wait(1);
    assert_eq!(site.status("active").await, 401);
    assert_eq!(site.server.asked(), ["active"]);

    let site = Site::new(|policy| policy.with_time_to_live(Duration::from_secs(2)));
    site.status("active").await;
    site.wait(2);
    site.status("active").await;
    assert_eq!(site.server.asked().len(), 2);
}

#[tokio::test]
async fn inactive_tokens_are_cached_for_a_shorter_time_and_get_the_same_response() {
    let site = Site::new(|policy| policy.with_realm("the shop").unwrap());
    let mut answers = Vec::new();
    for token in ["unknown", "other", "none", "early", &"x".repeat(4097)] {
        let answer = site.ask("/profile", &[&format!("Bearer {token}")]).await;
        assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="the shop", error="invalid_token""#);
        answers.push((answer.status, answer.headers, answer.body));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(answers[0].0, StatusCode::UNAUTHORIZED);
    assert_eq!(
        site.server.asked(),
        ["unknown", "other", "none", "early"],
        "a token that is too long costs no question"
    );
    site.wait(4);
    site.status("unknown").await;
    assert!(site.server.asked().is_empty());
    site.wait(1);
    site.status("unknown").await;
    assert_eq!(site.server.asked(), ["unknown"]);
    site.wait(5);
    assert_eq!(site.status("early").await, 200, "now it is valid");

    let none = site.ask("/profile", &[]).await;
    assert_eq!(
        (none.status.as_u16(), none.header("www-authenticate")),
        (401, r#"Bearer realm="the shop""#.to_owned())
    );
    assert_eq!(none.header("vary"), "authorization");
}

#[tokio::test]
async fn a_cached_token_ends_with_its_expiry() {
    let site = Site::new(|policy| policy);
    assert_eq!(site.status("short").await, 200);
    site.wait(9);
    assert_eq!(site.status("short").await, 200);
    site.wait(1);
    assert_eq!(site.status("short").await, 401);
    assert_eq!(site.server.asked(), ["short"]);
}

#[tokio::test]
async fn any_audience_is_accepted_only_where_the_source_says_so() {
    let site = Site::new(|_| OpaqueToken::with_any_audience(Server::default()));
    for token in ["active", "other", "none"] {
        assert_eq!(site.status(token).await, 200, "{token}");
    }
    assert_eq!(site.status("unknown").await, 401);
}

#[tokio::test]
async fn scopes_are_those_of_the_answer() {
    let site = Site::new(|policy| policy);
    assert_eq!(site.ask("/orders", &["Bearer orders"]).await.status, StatusCode::OK);
    let denied = site.ask("/orders", &["Bearer active"]).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    let challenge = r#"Bearer realm="restricted", error="insufficient_scope", scope="orders:read""#;
    assert_eq!(denied.header("www-authenticate"), challenge);
}

#[tokio::test]
async fn without_the_server_only_cached_tokens_are_valid() {
    let site = Site::new(|policy| policy);
    assert_eq!(site.status("active").await, 200);
    site.server.is_down.store(true, Ordering::SeqCst);
    assert_eq!((site.status("active").await, site.status("orders").await), (200, 503));
    assert_eq!(site.status("orders").await, 503);
    site.server.is_down.store(false, Ordering::SeqCst);
    assert_eq!(site.status("orders").await, 200, "a failure is not cached");
    assert_eq!(site.server.asked(), ["active", "orders", "orders", "orders"]);
}

#[tokio::test]
async fn requests_at_the_same_time_share_one_question() {
    let site = Site::new(|policy| policy);
    let statuses = join_all((0..100).map(|_| site.status("active"))).await;
    assert_eq!(statuses, [200; 100]);
    assert_eq!(site.server.asked(), ["active"]);
}

#[tokio::test]
async fn what_is_not_one_token_is_rejected_without_a_question() {
    let site = Site::new(|policy| policy);
    for headers in [
        &["Bearer"][..],
        &["Bearer a b"],
        &["Bearer a,b"],
        &["Bearer active", "Bearer active"],
        &["Bearer \u{e4}"],
    ] {
        assert_eq!(site.ask("/profile", headers).await.status, StatusCode::UNAUTHORIZED, "{headers:?}");
    }
    assert_eq!(site.ask("/profile", &["Basic YTpi"]).await.status, StatusCode::UNAUTHORIZED);
    assert!(site.server.asked().is_empty());
}

#[tokio::test]
async fn the_cache_is_bounded() {
    let site = Site::new(|policy| policy.with_capacity(10));
    for at in 0..2_000 {
        site.status(&format!("random{at}")).await;
    }
    site.server.asked();
    for at in 0..2_000 {
        site.status(&format!("random{at}")).await;
    }
    let asked = site.server.asked().len();
    assert!(asked > 1_500, "{asked} of 2,000 are not cached");
}

#[tokio::test]
async fn tokens_can_be_revoked_here() {
    let revocation = MemoryRevocation::new().with_clock(FrozenClock::at(NOON));
    let site = Site::with(|policy| policy, |layer| layer.with_revocation(revocation.clone()));
    for token in ["active", "named", "old"] {
        assert_eq!(site.status(token).await, 200, "{token}");
    }
    revocation.revoke_credential(&CredentialId::new("a name").unwrap(), None).await.unwrap();
    assert_eq!((site.status("named").await, site.status("active").await), (401, 200));
    let hash = Sha256::digest("active").iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    revocation.revoke_credential(&CredentialId::new(format!("opaque-{hash}")).unwrap(), None).await.unwrap();
    assert_eq!(
        (site.status("active").await, site.status("old").await),
        (401, 200),
        "by the hash of the token"
    );
    revocation.revoke_user(&"alice".parse().unwrap()).await.unwrap();
    assert_eq!(site.status("old").await, 401);
}

#[tokio::test]
async fn a_client_with_wrong_tokens_causes_few_questions() {
    let site = Site::new(|policy| policy.with_throttle(Throttle::new(MemoryThrottle::new())));
    for at in 0..40 {
        let expected = if at < 30 { 401 } else { 429 };
        assert_eq!(site.status(&format!("random{at}")).await, expected, "{at}");
    }
    assert_eq!(site.server.asked().len(), 30);
    site.wait(20);
    assert_eq!(site.status("active").await, 200);
}

#[tokio::test]
async fn it_is_one_of_several_policies() {
    let (clock, server) = (FrozenClock::at(NOON), Server::default());
    let tokens = OpaqueToken::new(server.clone(), API).with_clock(clock.clone());
    let policy = FirstOf::new(TicketCookie::new(KeyRing::random())).then(tokens);
    let app = Router::new().route("/profile", get(profile)).layer(AuthLayer::new(policy).with_clock(clock));
    let request =
        Request::get("/profile").header("authorization", "Bearer active").body(Body::empty()).unwrap();
    assert_eq!(send(&app, request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_token_is_shown() {
    let site = Site::new(|policy| policy);
    let ((), events) = Log::of(async {
        for token in ["active", "unknown-secret", "short"] {
            site.status(token).await;
        }
        site.server.is_down.store(true, Ordering::SeqCst);
        site.status("another-secret").await;
    })
    .await;
    let shown = format!("{events:?}{:?}", OpaqueToken::new(Server::default(), API));
    assert!(!shown.contains("secret"), "{shown}");
}
