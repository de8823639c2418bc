//! Each kind of credential is good for its own purpose, even where one issuer and one ring of keys make them all.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    ApiKey, Auth, AuthLayer, EncryptedCookie, Identity, KeyRing, TicketCookie, UserId,
    clock::Clock,
    identity::{ApiKeyRecord, IdentityPolicy, MemoryApiKeys},
    jwt::{BearerJwt, Grant, JwtIssuer, MemoryRefreshStore, RefreshTokens, RingKeys},
    testing::FrozenClock,
};
use axum::{
    Router,
    http::{Request, header},
    routing::get,
};

use crate::support;

const ISSUER: &str = "https://shop.example";
const AUDIENCE: &str = "https://api.shop.example";

/// Where a credential is shown.
enum Door {
    Bearer(Router),
    Cookie(&'static str, Router),
    Refresh(RefreshTokens),
}

impl Door {
    /// Whose credential it is taken for.
    async fn opens(&self, credential: &str) -> Option<String> {
        let (app, request) = match self {
            Self::Bearer(app) => {
                (app, Request::get("/").header(header::AUTHORIZATION, format!("Bearer {credential}")))
            }
            Self::Cookie(name, app) => {
                (app, Request::get("/").header(header::COOKIE, format!("{name}={credential}")))
            }
            Self::Refresh(tokens) => {
                let refreshed = tokens.refresh(credential, None).await.ok()?;
                return Some(refreshed.grant().subject().to_owned());
            }
        };
        let answer = support::ask(app, request).await;
        assert!(answer.status == 200 || answer.status == 401, "{}", answer.status);
        Some(answer.text().to_owned()).filter(|text| answer.status == 200 && text != "anonymous")
    }
}

async fn who(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

async fn log_in(auth: Auth) -> Result<(), auth_runtime::AuthError> {
    auth.remember("alice").await
}

fn app(policy: impl IdentityPolicy, clock: &FrozenClock) -> Router {
    let routes = Router::new().route("/", get(who)).route("/log-in", get(log_in));
    routes.layer(AuthLayer::new(policy).with_clock(clock.clone()))
}

/// Logs in, and returns the cookie's value.
async fn cookie(app: &Router, name: &str) -> String {
    let cookie = support::get(app, "/log-in").await.cookies().remove(0);
    cookie.strip_prefix(name).unwrap().strip_prefix('=').unwrap().split(';').next().unwrap().to_owned()
}

/// Six kinds of credentials at six doors; each opens its own.
#[tokio::test]
async fn credentials_are_not_mixed_up() {
    let clock = FrozenClock::at(1_700_000_000);
    let ring = KeyRing::random();
    let keys = RingKeys::new(ring.clone());
    let ticket = app(TicketCookie::new(ring.clone()), &clock);
    let encrypted = app(EncryptedCookie::new(ring), &clock);
    let issuer = || JwtIssuer::new(keys.clone(), ISSUER).unwrap().with_clock(clock.clone());
    let access = issuer().access_token("alice", AUDIENCE).issue().unwrap();
    let id_issuer = issuer().with_type("JWT").unwrap();
    let id = id_issuer.access_token("alice", AUDIENCE).issue().unwrap();
    let refresh = RefreshTokens::new(MemoryRefreshStore::new()).with_clock(clock.clone());
    let refresh_token = refresh.start(Grant::new("alice", AUDIENCE).unwrap()).await.unwrap();
    let store = MemoryApiKeys::new();
    let (api_key, record) = ApiKeyRecord::issue("k", Identity::new("alice").unwrap(), clock.now()).unwrap();
    store.add(record);

    let credentials = [
        cookie(&ticket, "__Host-auth").await,
        cookie(&encrypted, "__Host-session").await,
        access.as_str().to_owned(),
        id.as_str().to_owned(),
        refresh_token.as_str().to_owned(),
        api_key.expose().to_owned(),
    ];
    let bearer = || BearerJwt::new(keys.clone()).with_issuer(ISSUER).with_audience(AUDIENCE);
    let doors = [
        Door::Cookie("__Host-auth", ticket),
        Door::Cookie("__Host-session", encrypted),
        Door::Bearer(app(bearer(), &clock)),
        Door::Bearer(app(bearer().with_type("JWT"), &clock)),
        Door::Refresh(refresh),
        Door::Bearer(app(ApiKey::new(store).in_bearer_token(), &clock)),
    ];
    // What is its own comes last, since a refresh token serves once.
    for turn in (0..doors.len()).rev() {
        for (place, door) in doors.iter().enumerate() {
            let shown = (place + turn) % credentials.len();
            let expected = (turn == 0).then_some("alice");
            let opened = door.opens(&credentials[shown]).await;
            assert_eq!(opened.as_deref(), expected, "credential {shown} at door {place}");
        }
    }
}
