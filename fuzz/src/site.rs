//! A complete application: request heads against every policy at once.

use std::sync::OnceLock;

use auth_runtime::{
    Acl, ApiKey, AuthLayer, Basic, EncryptedCookie, FirstOf, Identity, Key, KeyRing, TicketCookie, UserId,
    acl, acl_required, auth_required,
    identity::{ApiKeyRecord, CredentialId, MemoryApiKeys, Password},
    jwt::{BearerJwt, JwtVerifier, SigningKey},
    testing::FrozenClock,
};
use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Method, Request, StatusCode, header},
    routing::get,
};
use futures_util::FutureExt as _;
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use super::request_parts::NOON;

/// Issued credentials in this order: encrypted cookie, ticket, password, API key, token.
const ISSUED: [&[u8]; 5] = [
    include_bytes!("../corpus/encrypted_cookie/good"),
    include_bytes!("../corpus/ticket/good"),
    b"YWxpY2U6cmlnaHQ=",
    KEY.as_bytes(),
    include_bytes!("../corpus/jwt/good"),
];
const KEY: &str = "shop_0102030405060708_090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728";
const DOCUMENTS: Acl = acl![(Allow, User("alice"), ["view"]), (Allow, Group("editors"), ["view", "edit"])];

async fn index(user: Option<UserId>) -> String {
    user.map_or_else(String::new, |user| user.to_string())
}

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

#[acl_required("view", DOCUMENTS)]
async fn view() -> &'static str {
    "alice"
}

#[acl_required("edit", DOCUMENTS)]
async fn edit() -> &'static str {
    panic!("no user may edit")
}

fn app() -> Router {
    let ring = KeyRing::new(Key::from_bytes((0..32).collect::<Vec<u8>>()).unwrap());
    let basic = Basic::new(|name: String, password: Password| async move {
        let is_right = name == "alice" && password == Password::new("right")?;
        Ok(if is_right { Some(Identity::new(name)?) } else { None })
    });
    let (keys, mut parts) = (MemoryApiKeys::new(), KEY.split('_').skip(1));
    let (id, secret) = (parts.next().unwrap(), &parts.next().unwrap()[..64]);
    let hash = Sha256::new().chain_update(b"auth-runtime/api-key/v1/").chain_update(id).chain_update(secret);
    let owner = Identity::new("alice").unwrap();
    keys.add(ApiKeyRecord::new(CredentialId::new(id).unwrap(), hash.finalize().into(), owner, NOON));
    let signing = SigningKey::hs256(b"0123456789-0123456789-0123456789").unwrap();
    let verifier = JwtVerifier::new(signing.verifying_key())
        .with_issuer("https://issuer.example")
        .with_audience("https://api.example");
    let policy = FirstOf::new(TicketCookie::new(ring.clone()))
        .then(EncryptedCookie::new(ring))
        .then(basic)
        .then(ApiKey::new(keys))
        .then(BearerJwt::from_verifier(verifier));
    Router::new()
        .route("/", get(index).post(index))
        .route("/me", get(me).post(me))
        .route("/view/{id}", get(view))
        .route("/edit/{id}", get(edit).put(edit))
        .layer(AuthLayer::new(policy).with_clock(FrozenClock::at(NOON.as_secs())))
}

/// The first line is a method and a path, the others are headers.
///
/// Properties: no status above 499; only an issued credential authenticates; a rejection sets and caches
/// nothing; what is denied is not done, nor what a cross-site request asks for (CSRF).
pub fn check(bytes: &[u8]) -> bool {
    static APP: OnceLock<Router> = OnceLock::new();
    let Some(request) = request(bytes) else { return false };
    let is_foreign = is_foreign(&request);
    let answer = APP.get_or_init(app).clone().oneshot(request).now_or_never();
    let answer = answer.expect("nothing has to be waited for").unwrap();
    let status = answer.status();
    assert!(status.as_u16() < 500, "{status}");
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        assert!(!answer.headers().contains_key(header::SET_COOKIE));
        assert!(answer.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("no-store"));
        assert_eq!(
            answer.headers().contains_key(header::WWW_AUTHENTICATE),
            status == StatusCode::UNAUTHORIZED
        );
    }
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).now_or_never().unwrap().unwrap();
    let is_alice = status == StatusCode::OK && body == "alice";
    assert!(!(is_alice && is_foreign), "CSRF");
    if is_alice {
        let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        assert!(ISSUED.iter().any(|credential| holds(credential)));
    }
    is_alice
}

/// Returns whether it is a cross-site request with cookies only.
fn is_foreign(request: &Request<Body>) -> bool {
    let headers = request.headers();
    let site: Vec<_> = headers.get_all("sec-fetch-site").iter().collect();
    request.method() == Method::POST
        && site == ["cross-site"]
        && !headers.contains_key(header::AUTHORIZATION)
        && !headers.contains_key("x-api-key")
}

fn request(bytes: &[u8]) -> Option<Request<Body>> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let (method, path) = str::from_utf8(lines.next()?).ok()?.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(path).body(Body::empty()).ok()?;
    for line in lines {
        let end = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..end]).ok()?;
        request.headers_mut().append(name, HeaderValue::from_bytes(line[end + 1..].trim_ascii()).ok()?);
    }
    Some(request)
}
