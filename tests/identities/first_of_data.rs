//! What each policy of a list keeps can be read and changed, and what one cannot forget does not keep the others from it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    Auth, AuthError, AuthLayer, Claims, EncryptedCookie, FirstOf, IdentityPolicy, Key, KeyRing, LoginOptions,
    Session, SessionIdentity, TicketCookie,
    identity::{TicketData, session::SessionDetails},
    jwt::{BearerJwt, JwtIssuer, RingKeys},
    testing::FrozenClock,
};
use axum::{
    Router,
    http::Request,
    routing::{get, post},
};

use crate::{
    session_support::{Fault, Told},
    support::{Answer, ask},
};

const NOON: u64 = 1_700_000_000;
const ISSUER: &str = "https://shop.example";

fn ring() -> KeyRing {
    KeyRing::new(Key::from_bytes((0..32).collect::<Vec<u8>>()).unwrap())
}

fn ticket() -> TicketCookie {
    TicketCookie::new(ring())
}

fn bearer() -> BearerJwt {
    BearerJwt::new(RingKeys::new(ring())).with_issuer(ISSUER).with_audience(ISSUER)
}

fn token(user: &str, clock: &FrozenClock) -> String {
    let issuer = JwtIssuer::new(RingKeys::new(ring()), ISSUER).unwrap().with_clock(clock.clone());
    let token = issuer.access_token(user, ISSUER).with_claim("tenant", 7).unwrap().issue().unwrap();
    format!("Bearer {}", token.as_str())
}

#[derive(serde::Deserialize)]
struct Tenant {
    tenant: u32,
}

/// What each policy tells.
async fn told(auth: Auth, claims: Option<Claims<Tenant>>, session: Session) -> Result<String, AuthError> {
    let user = auth.user_id().await?.map_or_else(|| "anonymous".to_owned(), |user| user.to_string());
    let ticket = auth.credential_data::<TicketData>().await?.map(|data| data.tokens().join(" "));
    let details = auth.credential_data::<SessionDetails>().await?.map(|data| data.tokens().join(" "));
    let cart = session.get::<String>("cart")?;
    Ok(format!(
        "{user} ticket={} session={} tenant={} cart={}",
        ticket.unwrap_or_default(),
        details.unwrap_or_default(),
        claims.map_or_else(String::new, |claims| claims.tenant.to_string()),
        cart.unwrap_or_default()
    ))
}

async fn login(auth: Auth) -> Result<(), AuthError> {
    auth.remember_with("alice", &LoginOptions::new().with_tokens(["mfa"])).await
}

async fn put(session: Session) -> Result<(), AuthError> {
    session.insert("cart", "full").await
}

async fn logout(auth: Auth) -> Result<(), AuthError> {
    auth.forget().await
}

fn app(policy: impl IdentityPolicy, clock: &FrozenClock) -> Router {
    Router::new()
        .route("/told", get(told))
        .route("/login", post(login))
        .route("/put", post(put))
        .route("/logout", post(logout))
        .layer(AuthLayer::new(policy).with_clock(clock.clone()))
}

async fn send(app: &Router, method: &str, path: &str, cookies: &str, token: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("cookie", cookies);
    if !token.is_empty() {
        request = request.header("authorization", token);
    }
    ask(app, request).await
}

/// The cookies of a log-in with this policy alone.
async fn cookie_of(policy: impl IdentityPolicy, clock: &FrozenClock) -> String {
    send(&app(policy, clock), "POST", "/login", "", "").await.cookies().join("; ")
}

#[tokio::test]
async fn what_each_policy_keeps_is_readable() {
    let clock = FrozenClock::at(NOON);
    let sessions = SessionIdentity::memory();
    let site = app(FirstOf::new(ticket()).then(sessions.clone()).then(bearer()), &clock);
    let (ticket, session) = (cookie_of(ticket(), &clock).await, cookie_of(sessions, &clock).await);
    let (token, bobs) = (token("alice", &clock), token("bob", &clock));
    let both = format!("{ticket}; {session}");
    let told = async |cookies: &str, token: &str| {
        let answer = send(&site, "GET", "/told", cookies, token).await;
        if answer.status == 200 { answer.text().to_owned() } else { answer.status.as_u16().to_string() }
    };
    assert_eq!(told(&ticket, "").await, "alice ticket=mfa session= tenant= cart=");
    assert_eq!(told("", &token).await, "alice ticket= session= tenant=7 cart=");
    assert_eq!(told(&both, &token).await, "alice ticket=mfa session=mfa tenant=7 cart=");
    // Data go to the first that keeps any, and are found again regardless of the other policies.
    assert_eq!(send(&site, "POST", "/put", &both, "").await.status, 200);
    assert_eq!(told(&both, &token).await, "alice ticket=mfa session=mfa tenant=7 cart=full");
    assert_eq!(told(&session, "").await, "alice ticket= session=mfa tenant= cart=full");
    // Data of rejected credentials are not visible.
    assert_eq!(told(&both, &bobs).await, "401");
    assert_eq!(told("__Host-session=bad", "").await, "anonymous ticket= session= tenant= cart=");
}

#[tokio::test]
async fn what_one_policy_cannot_forget_is_forgotten_by_the_others() {
    for is_first in [true, false] {
        let clock = FrozenClock::at(NOON);
        let store = Told::default();
        let policy = if is_first {
            FirstOf::new(store.policy()).then(ticket())
        } else {
            FirstOf::new(ticket()).then(store.policy())
        };
        let site = app(policy, &clock);
        let cookies = [cookie_of(ticket(), &clock).await, cookie_of(store.policy(), &clock).await].join("; ");
        assert_eq!(send(&site, "GET", "/told", &cookies, "").await.status, 200);
        // The session is looked up with three calls, and cannot be ended with the next.
        store.fail(3..1000, Fault::Fails);
        let answer = send(&site, "POST", "/logout", &cookies, "").await;
        let removed = answer.cookies();
        assert_eq!(answer.status, 503, "{is_first}");
        assert!(removed.len() == 2 && removed.iter().all(|cookie| cookie.ends_with('=')), "{removed:?}");

        // Nor does a log-in leave the session of another user behind.
        store.fail(3..1000, Fault::Fails);
        let answer = send(&site, "POST", "/login", &cookies, "").await;
        assert_eq!((answer.status.as_u16(), answer.cookies().len()), (503, 0), "{is_first}");
        store.recover();
        assert_eq!(send(&site, "POST", "/logout", &cookies, "").await.status, 200, "{is_first}");
    }
}

#[tokio::test]
async fn a_visitors_data_are_kept_where_log_ins_go() {
    let clock = FrozenClock::at(NOON);
    let encrypted = EncryptedCookie::new(ring()).with_carried_keys(["cart"]);
    let site = app(FirstOf::new(bearer()).then_log_in(encrypted), &clock);
    let cookie = send(&site, "POST", "/put", "", "").await.cookies().remove(0);
    assert!(send(&site, "GET", "/told", &cookie, "").await.text().ends_with("cart=full"));
    let cookie = send(&site, "POST", "/login", &cookie, "").await.cookies().remove(0);
    let told = send(&site, "GET", "/told", &cookie, "").await;
    assert_eq!(told.text(), "alice ticket= session= tenant= cart=full");
}
