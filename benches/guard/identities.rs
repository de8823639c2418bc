//! Identities in real stores and tokens behind `auth_required`, compared with JWT libraries used by hand.

use std::{error::Error, sync::Arc, time::SystemTime};

use auth_runtime::{
    ApiKey, Auth, AuthError, AuthLayer, Basic, BoxError, EncryptedCookie, FirstOf, Identity, IdentityPolicy,
    KeyRing, SessionIdentity, TicketCookie, async_trait, auth_required,
    clock::UnixTime,
    identity::{ApiKeyRecord, BasicVerifier, MemoryApiKeys, Password},
    jwt::{Algorithm, BearerJwt, JwtIssuer, RingKeys, SigningKey},
    revocation::MemoryRevocation,
};
use axum::{
    Router,
    body::Body,
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, Request, StatusCode, header, request::Parts},
    routing::{get, post},
};
use jsonwebtoken::{DecodingKey, Validation};
use tower::ServiceExt;

use crate::case::Case;

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

const ISSUER: &str = "https://shop.example";
const AUDIENCE: &str = "https://api.shop.example";
const USER: &str = "alice@example.org";
/// The key material that the issuer and the hand-written verifiers share.
const SECRET: &[u8; 32] = b"32 bytes for a measurement only!";

async fn unguarded() -> &'static str {
    "ok"
}

#[auth_required]
async fn signed_in() -> &'static str {
    "ok"
}

async fn log_in(auth: Auth) -> Result<(), AuthError> {
    auth.remember(USER).await
}

/// Verifies without waiting.
struct Ready;

#[async_trait]
impl BasicVerifier for Ready {
    async fn verify(&self, name: &str, password: &Password) -> Result<Option<Identity>, BoxError> {
        Ok(if password.expose() == b"secret" { Identity::new(name).ok() } else { None })
    }
}

/// The claims that an application decodes.
#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "decoded but not read, as claims often are")]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    iat: u64,
    exp: u64,
    jti: String,
}

/// The key and the validation of a hand-written extractor over `jsonwebtoken`.
#[derive(Clone)]
struct ByHand(Arc<(DecodingKey, Validation)>);

impl ByHand {
    fn new(algorithm: jsonwebtoken::Algorithm, key: DecodingKey) -> Self {
        let mut rules = Validation::new(algorithm);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.leeway = 0;
        Self(Arc::new((key, rules)))
    }
}

/// Proves that the request has a valid token.
struct Bearer;

impl FromRequestParts<ByHand> for Bearer {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, by_hand: &ByHand) -> Result<Self, StatusCode> {
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.strip_prefix("Bearer ")).ok_or(StatusCode::UNAUTHORIZED)?;
        let (key, rules) = &*by_hand.0;
        let decoded = jsonwebtoken::decode::<Claims>(token, key, rules);
        decoded.map(|_| Self).map_err(|_| StatusCode::UNAUTHORIZED)
    }
}

async fn by_hand(_: Bearer) -> &'static str {
    "ok"
}

fn route(layer: AuthLayer) -> Router {
    Router::new().route("/", get(signed_in)).route("/login", post(log_in)).layer(layer)
}

/// Collects the cases: the unguarded route comes first for each set of headers.
struct Cases(Vec<Case<&'static str>>);

impl Cases {
    fn floor(&mut self, name: &'static str, header: &(HeaderName, HeaderValue)) {
        self.add(name, name, header, Router::new().route("/", get(unguarded)));
    }

    fn add(
        &mut self,
        name: &'static str,
        headers: &'static str,
        header: &(HeaderName, HeaderValue),
        router: Router,
    ) {
        self.0.push(Case::new(name, headers, Some(header.clone()), StatusCode::OK, router));
    }

    /// Adds a policy that logs in, behind a guard, and the unguarded route with its cookie.
    async fn cookie(
        &mut self,
        floor: &'static str,
        name: &'static str,
        policy: impl IdentityPolicy,
    ) -> Result<()> {
        let router = route(AuthLayer::new(policy));
        let header = cookie_of(&router).await?;
        self.floor(floor, &header);
        self.add(name, floor, &header, router);
        Ok(())
    }

    /// Adds a key behind a guard and, if the library supports it, the hand-written equivalent.
    fn token(
        &mut self,
        [floor, ours, theirs]: [&'static str; 3],
        key: &SigningKey,
        theirs_with: Option<(jsonwebtoken::Algorithm, DecodingKey)>,
    ) -> Result<()> {
        let header = bearer(&JwtIssuer::new(key.clone(), ISSUER)?)?;
        self.floor(floor, &header);
        self.add(ours, floor, &header, route(AuthLayer::new(takes(BearerJwt::new(key.verifying_key())))));
        if let Some((algorithm, key)) = theirs_with {
            let state = ByHand::new(algorithm, key);
            self.add(theirs, floor, &header, Router::new().route("/", get(by_hand)).with_state(state));
        }
        Ok(())
    }
}

fn takes(policy: BearerJwt) -> BearerJwt {
    policy.with_issuer(ISSUER).with_audience(AUDIENCE)
}

fn bearer(issuer: &JwtIssuer) -> Result<(HeaderName, HeaderValue)> {
    let token = issuer.access_token(USER, AUDIENCE).issue()?;
    Ok((header::AUTHORIZATION, HeaderValue::try_from(format!("Bearer {}", token.as_str()))?))
}

/// Logs in and returns the browser's `Cookie` line.
pub(crate) async fn cookie_of(app: &Router) -> Result<(HeaderName, HeaderValue)> {
    let response = app.clone().oneshot(Request::post("/login").body(Body::empty())?).await?;
    let line = response.headers().get(header::SET_COOKIE).ok_or("the log-in set no cookie")?.to_str()?;
    let pair = line.split(';').next().unwrap_or_default();
    Ok((header::COOKIE, HeaderValue::try_from(format!("theme=dark; {pair}"))?))
}

/// Returns all cases.
pub(crate) async fn all() -> Result<Vec<Case<&'static str>>> {
    let mut cases = Cases(Vec::new());
    cookies(&mut cases).await?;
    tokens(&mut cases)?;
    keys(&mut cases)?;
    Ok(cases.0)
}

async fn cookies(cases: &mut Cases) -> Result<()> {
    cases.cookie("unguarded, session", "session in memory", SessionIdentity::memory()).await?;
    let encrypted = EncryptedCookie::new(KeyRing::random());
    cases.cookie("unguarded, encrypted cookie", "encrypted cookie", encrypted).await?;

    let ring = KeyRing::random();
    let ticket = || TicketCookie::new(ring.clone());
    cases.cookie("unguarded, a ticket", "ticket", ticket()).await?;
    let layer = || AuthLayer::new(ticket());
    let header = cookie_of(&route(layer())).await?;
    let revocable = route(layer().with_revocation(MemoryRevocation::new()));
    cases.add("ticket, list of revocations", "unguarded, a ticket", &header, revocable);

    let keys = RingKeys::new(KeyRing::random());
    let first_of = || FirstOf::new(ticket()).then(takes(BearerJwt::new(keys.clone())));
    let header = cookie_of(&route(layer())).await?;
    cases.add(
        "FirstOf(ticket, jwt): ticket",
        "unguarded, a ticket",
        &header,
        route(AuthLayer::new(first_of())),
    );
    let header = bearer(&JwtIssuer::new(keys.clone(), ISSUER)?)?;
    let floor = "unguarded, HS256 token with kid";
    cases.floor(floor, &header);
    let ours = route(AuthLayer::new(takes(BearerJwt::new(keys.clone()))));
    cases.add("JWT HS256, keys of a ring", floor, &header, ours);
    cases.add("FirstOf(ticket, jwt): jwt", floor, &header, route(AuthLayer::new(first_of())));
    Ok(())
}

fn tokens(cases: &mut Cases) -> Result<()> {
    use jsonwebtoken::Algorithm as Theirs;

    let of = |key: &SigningKey| -> Result<DecodingKey> {
        let jwk = key.to_jwk().ok_or("the key has no public half")?;
        Ok(DecodingKey::from_jwk(&serde_json::from_str(&jwk)?)?)
    };
    let key = SigningKey::hs256(SECRET)?;
    let theirs = Some((Theirs::HS256, DecodingKey::from_secret(SECRET)));
    cases.token(["unguarded, HS256 token", "JWT HS256", "jsonwebtoken by hand: HS256"], &key, theirs)?;
    let key = SigningKey::generate(Algorithm::EdDSA)?;
    let theirs = Some((Theirs::EdDSA, of(&key)?));
    cases.token(["unguarded, EdDSA token", "JWT EdDSA", "jsonwebtoken by hand: EdDSA"], &key, theirs)?;
    let key = SigningKey::generate(Algorithm::ES256)?;
    let theirs = Some((Theirs::ES256, of(&key)?));
    cases.token(["unguarded, ES256 token", "JWT ES256", "jsonwebtoken by hand: ES256"], &key, theirs)?;
    let key = SigningKey::generate(Algorithm::RS256)?;
    let theirs = Some((Theirs::RS256, of(&key)?));
    cases.token(["unguarded, RS256 token", "JWT RS256", "jsonwebtoken by hand: RS256"], &key, theirs)
}

fn keys(cases: &mut Cases) -> Result<()> {
    // alice@example.org:secret
    let basic = HeaderValue::from_static("Basic YWxpY2VAZXhhbXBsZS5vcmc6c2VjcmV0");
    let header = (header::AUTHORIZATION, basic);
    cases.floor("unguarded, Basic", &header);
    cases.add("Basic, answer at once", "unguarded, Basic", &header, route(AuthLayer::new(Basic::new(Ready))));

    let store = MemoryApiKeys::new();
    let now = UnixTime::from(SystemTime::now());
    let (key, record) = ApiKeyRecord::issue("shop", Identity::new(USER)?, now)?;
    store.add(record);
    let header = (HeaderName::from_static("x-api-key"), HeaderValue::try_from(key.expose())?);
    cases.floor("unguarded, API key", &header);
    cases.add("API key, in memory", "unguarded, API key", &header, route(AuthLayer::new(ApiKey::new(store))));
    Ok(())
}
