//! Hostile headers against an application in which every part that reads one is switched on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::net::SocketAddr;

use auth_runtime::{
    Acl, ApiKey, Auth, AuthError, AuthLayer, Condition, FirstOf, KeyRing, SessionIdentity, UserId, acl,
    acl_required, allow_anonymous, auth_required,
    csrf::{CsrfToken, CsrfTokens},
    guarded::{App, Router, get, post},
    identity::{ClientCertificates, MemoryApiKeys, MutualTls, client_address::ClientAddress},
    jwt::{Algorithm, BearerJwt, Dpop, MemoryReplayCache, SigningKey, WebSocketProtocol},
    throttle::{MemoryThrottle, Throttle},
};
use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, Method, Request, StatusCode},
};

use crate::support::send;

const OFFICE: Condition = Condition::network("office", &["10.0.0.0/8"]);
const RECENT: Condition = Condition::max_age("recent", 600);
const STRONG: Condition = Condition::acr("strong", &["phr"]);

const PAGES: Acl = acl![
    (Deny, Everyone, ["read"], if OFFICE),
    (Allow, Authenticated, ["read"], if all(RECENT, STRONG)),
];

#[auth_required(callers = "users", fresh = "10m")]
async fn own(user: UserId) -> String {
    user.to_string()
}

#[acl_required("read", PAGES, limit = "50000/1m")]
async fn read() {}

#[allow_anonymous(reason = "everyone may have a token")]
async fn token(token: CsrfToken) -> String {
    token.value().to_owned()
}

#[allow_anonymous(reason = "users log in here")]
async fn login(auth: Auth) -> Result<(), AuthError> {
    let attempt = auth.begin_log_in("alice").await?;
    drop(attempt);
    Err(AuthError::unauthenticated())
}

fn app() -> App {
    let ring = KeyRing::random();
    let key = SigningKey::generate(Algorithm::ES256).unwrap().verifying_key();
    let certificates = || ClientCertificates::behind(["10.0.0.7"]).unwrap().with_forwarded_client_cert();
    let bearer = |getter: Option<WebSocketProtocol>| {
        let policy = BearerJwt::new(key.clone()).with_issuer("https://issuer.example").with_audience("here");
        let dpop =
            Dpop::new("https://app.example", MemoryReplayCache::new()).unwrap().with_nonce(ring.clone());
        let policy = policy.with_dpop(dpop).with_client_certificates(certificates());
        match getter {
            Some(getter) => policy.with_token_getter(getter),
            None => policy,
        }
    };
    let policy = FirstOf::new(SessionIdentity::memory())
        .then(ApiKey::new(MemoryApiKeys::new()))
        .then(bearer(None))
        .then(bearer(Some(WebSocketProtocol::new())))
        .then(MutualTls::new(certificates(), |_| None));
    let address = || ClientAddress::behind(["10.0.0.7"]).unwrap();
    let auth = AuthLayer::new(policy)
        .with_csrf_tokens(CsrfTokens::new(ring.clone()))
        .with_client_address(address())
        .with_throttle(
            Throttle::new(MemoryThrottle::new()).with_known_devices(ring).with_client_address(address()),
        );
    Router::new()
        .route("/own", get(own).post(own))
        .route("/read", get(read).post(read))
        .route("/token", get(token).post(token))
        .route("/login", post(login))
        .with_auth(auth)
}

const NAMES: [&str; 20] = [
    "accept",
    "accept-language",
    "authorization",
    "client-cert",
    "content-type",
    "cookie",
    "dpop",
    "forwarded",
    "host",
    "hx-current-url",
    "hx-request",
    "origin",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-websocket-protocol",
    "x-api-key",
    "x-csrf-token",
    "x-forwarded-client-cert",
    "x-forwarded-for",
    "x-forwarded-proto",
];

fn values() -> Vec<Vec<u8>> {
    let many = |text: &str| text.repeat(10_000).into_bytes();
    let texts = [
        "",
        " ",
        ",",
        ";",
        "=",
        "\"",
        "\\",
        "a=\"",
        "::",
        "bearer",
        "Bearer ",
        "Bearer a.b.c",
        "Bearer ..",
        "DPoP a.b.c",
        "DPoP e30.e30.AA",
        "Basic",
        "Basic ====",
        "Basic Og==",
        "e30.e30.AA",
        "for=",
        "for=\"[::1\"",
        "[",
        "10.0.0.8",
        "10.0.0.8, ,",
        "999.1.1.1",
        "-1",
        "null",
        "bearer, a.b.c",
        "Cert=\"",
        "Cert=%",
        "Cert=\"%\";Cert=\"%\"",
        ":AAAA:",
        "::::",
        "__Host-id=",
        "__Host-id=a; __Host-id=b",
        "__Host-csrf=a; __Host-csrf=b",
        "__Host-device=AA",
        "*/*;q=nan",
        "text/html;q=1e9",
        "de-;q=0.0000001",
        "//evil.example/",
        "https://app.example\\@evil.example",
    ];
    let mut values: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    values.extend([many("x"), many("a=b; "), many("__Host-id=x; "), many("10.0.0.8, "), many("a.")]);
    values.extend([
        many("Cert=x;"),
        many("%ff"),
        many(","),
        vec![0xff; 100],
        b"Bearer \xff".to_vec(),
        vec![0x80],
    ]);
    values
}

#[tokio::test]
async fn no_header_is_an_error_of_the_server_or_opens_a_door() {
    let app = app();
    let peer = SocketAddr::from(([10, 0, 0, 7], 50_000));
    let mut seen = 0_u32;
    for name in NAMES {
        for value in values() {
            for (method, path) in [
                (Method::GET, "/own"),
                (Method::POST, "/own"),
                (Method::GET, "/read"),
                (Method::POST, "/token"),
                (Method::POST, "/login"),
                (Method::OPTIONS, "/read"),
            ] {
                for lines in [1, 2] {
                    let mut request =
                        Request::builder().method(method.clone()).uri(path).extension(ConnectInfo(peer));
                    for _ in 0..lines {
                        request = request.header(name, HeaderValue::from_bytes(&value).unwrap());
                    }
                    let status = send(&app, request.body(Body::empty()).unwrap()).await.status;
                    let about = || format!("{method} {path} {name}: {}", String::from_utf8_lossy(&value));
                    assert!(!status.is_server_error(), "{status} {:.200}", about());
                    assert!(path == "/token" || status != StatusCode::OK, "{:.200}", about());
                    seen = seen.saturating_add(1);
                }
            }
        }
    }
    assert!(seen > 10_000, "{seen}");
}
