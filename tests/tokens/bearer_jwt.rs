//! What `BearerJwt` promises: one token in one place, the same answer to every bad one, challenges that help.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::{
    collections::BTreeSet,
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, BoxError, Claims, FirstOf, Groups, Identity, KeyRing, UserId, acl,
    acl_required, auth_required,
    clock::UnixTime,
    identity::{Challenge, IdentityError, IdentityPolicy, Incoming, StepUp},
    jwt::{
        Algorithm, AuthorizationHeader, BearerJwt, CookieToken, Found, IdentityMapper, JwtConfigErrorKind,
        JwtIssuer, KeySet, KeySource, Presented, RingKeys, SigningKey, TokenGetter, VerifiedClaims,
        VerifyingKey, WebSocketQuery,
    },
    testing::{self, FrozenClock, conformance::Subject},
};
use axum::{
    Router,
    http::{
        HeaderName, HeaderValue, Request, StatusCode, header,
        request::{Builder, Parts},
    },
    routing::any,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    support::{self, Answer, Log},
    tokens::{
        self, AUDIENCE, ISSUER, NOON, claims, encode, header, sign, sign_with, with_claims, with_header,
    },
};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

#[acl_required("view", ARTICLES)]
async fn view(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

#[derive(serde::Deserialize)]
struct Tenant {
    tenant: u32,
}

async fn tenant(claims: Claims<Tenant>) -> String {
    format!("tenant {}", claims.tenant)
}

async fn maybe_tenant(claims: Option<Claims<Tenant>>) -> String {
    claims.map_or_else(|| "no tenant".to_owned(), |claims| format!("tenant {}", claims.0.tenant))
}

async fn logout(auth: Auth) -> Result<String, AuthError> {
    auth.forget().await?;
    let is_anonymous = auth.is_anonymous().await?;
    let claims = auth.credential_data::<VerifiedClaims>().await?;
    Ok(format!("{is_anonymous} {}", claims.is_none()))
}

async fn login(auth: Auth) -> Result<(), AuthError> {
    auth.remember("alice").await
}

async fn subject(auth: Auth) -> Result<String, AuthError> {
    let claims = auth.credential_data::<VerifiedClaims>().await?;
    Ok(claims.and_then(|claims| claims.subject().map(str::to_owned)).unwrap_or_default())
}

fn policy() -> BearerJwt {
    BearerJwt::new(tokens::verifying_key()).with_issuer(ISSUER).with_audience(AUDIENCE)
}

fn app(policy: BearerJwt) -> Router {
    Router::new()
        .route("/me", any(me))
        .route("/view", any(view))
        .route("/tenant", any(tenant))
        .route("/maybe-tenant", any(maybe_tenant))
        .route("/login", any(login))
        .route("/logout", any(logout))
        .route("/subject", any(subject))
        .layer(AuthLayer::new(policy).with_clock(FrozenClock::at(NOON)))
}

fn bearer(path: &str, token: &str) -> Builder {
    Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"))
}

async fn ask(app: &Router, path: &str, token: &str) -> Answer {
    support::ask(app, bearer(path, token)).await
}

fn parts(request: Builder) -> Parts {
    request.body(()).unwrap().into_parts().0
}

/// The place of the token in a request.
#[derive(Clone, Copy)]
enum Place {
    Cookie,
    Header,
    /// A query parameter of a WebSocket handshake
    Query,
}

/// A request with a valid token; what cannot be the identity of a token has none.
fn presented(keys: &RingKeys, place: Place, identity: &Identity, now: UnixTime) -> Option<Parts> {
    let issuer = JwtIssuer::new(keys.clone(), ISSUER).unwrap().with_clock(move || now);
    let token = issuer.access_token(identity.as_str(), AUDIENCE).issue().ok()?;
    let token = token.as_str();
    Some(parts(match place {
        Place::Cookie => Request::get("/").header(header::COOKIE, format!("__Host-token={token}")),
        Place::Header => bearer("/", token),
        Place::Query => handshake(&format!("/?access_token={token}")),
    }))
}

fn handshake(target: &str) -> Builder {
    Request::get(target).header(header::UPGRADE, "websocket")
}

fn named(keys: impl KeySource) -> BearerJwt {
    BearerJwt::new(keys).with_issuer(ISSUER).with_audience(AUDIENCE)
}

testing::conformance!(bearer_jwt_in_a_header, || async {
    let keys = RingKeys::new(KeyRing::random());
    let bad = bad_tokens().into_iter().map(|token| {
        let line = HeaderValue::from_bytes(format!("Bearer {token}").as_bytes()).unwrap();
        parts(Request::get("/").header(header::AUTHORIZATION, line))
    });
    let policy = named(keys.clone());
    Subject::presenting(policy, move |identity: Identity, now| {
        ready(presented(&keys, Place::Header, &identity, now))
    })
    .stateless()
    .with_other_application(named(RingKeys::new(KeyRing::random())))
    .with_bad_credentials(bad)
});

testing::conformance!(bearer_jwt_of_a_tenant, || async {
    let ring = KeyRing::random();
    let keys = RingKeys::for_application(ring.clone(), "one");
    let policy = named(keys.clone());
    Subject::presenting(policy, move |identity: Identity, now| {
        ready(presented(&keys, Place::Header, &identity, now))
    })
    .stateless()
    .with_other_application(named(RingKeys::for_application(ring, "two")))
});

testing::conformance!(bearer_jwt_in_a_cookie, || async {
    let keys = RingKeys::new(KeyRing::random());
    let policy = named(keys.clone()).with_token_getter(CookieToken::new("__Host-token").unwrap());
    Subject::presenting(policy, move |identity: Identity, now| {
        ready(presented(&keys, Place::Cookie, &identity, now))
    })
    .stateless()
});

testing::conformance!(bearer_jwt_in_the_query_of_a_websocket, || async {
    let keys = RingKeys::new(KeyRing::random());
    let policy = named(keys.clone()).with_token_getter(WebSocketQuery::insecure("access_token"));
    Subject::presenting(policy, move |identity: Identity, now| {
        ready(presented(&keys, Place::Query, &identity, now))
    })
    .with_request(parts(handshake("/")))
    .depending_on_target()
    .stateless()
});

/// The keys of a ring, as if they were far away, and sometimes out of reach.
#[derive(Clone)]
struct Remote {
    keys: RingKeys,
    is_down: Arc<AtomicBool>,
}

impl KeySource for Remote {
    fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: UnixTime,
    ) -> auth_runtime::Answer<'_, Result<Found, BoxError>> {
        let kid = kid.map(str::to_owned);
        auth_runtime::Answer::later(async move {
            tokio::task::yield_now().await;
            if self.is_down.load(Ordering::SeqCst) {
                return Err("the issuer is down".into());
            }
            self.keys.find(kid.as_deref(), algorithm, now).await
        })
    }
}

testing::conformance!(bearer_jwt_of_a_remote_issuer, || async {
    let keys = RingKeys::new(KeyRing::random());
    let remote = Remote { keys: keys.clone(), is_down: Arc::default() };
    let is_down = Arc::clone(&remote.is_down);
    Subject::presenting(named(remote), move |identity: Identity, now| {
        ready(presented(&keys, Place::Header, &identity, now))
    })
    .stateless()
    .with_failing_store(move || is_down.store(true, Ordering::SeqCst))
});

const MISSING: &str = r#"Bearer realm="restricted""#;
const INVALID: &str = r#"Bearer realm="restricted", error="invalid_token""#;

#[track_caller]
fn assert_invalid(answer: &Answer, what: &str) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
    assert_eq!(answer.header("www-authenticate"), INVALID, "{what}");
}

/// The matrix of bearer tokens and routes.
#[tokio::test]
async fn the_matrix() {
    let app = app(policy());
    let token = tokens::valid();
    let with = |name: &str, value: Value| with_claims(&json!({ name: value }));
    let es256 = SigningKey::generate(Algorithm::ES256).unwrap().with_kid("k1");
    let (input, _) = token.rsplit_once('.').unwrap();
    let other_key = SigningKey::generate(Algorithm::HS256).unwrap().with_kid("k1");
    for (name, line, expected) in [
        ("valid", format!("Bearer {token}"), ""),
        ("lower-case scheme", format!("bearer {token}"), ""),
        ("two spaces", format!("Bearer  {token}"), ""),
        ("trailing spaces", format!("Bearer {token}  "), ""),
        ("extra word", format!("Bearer {token} x"), INVALID),
        ("scheme alone", "Bearer".to_owned(), INVALID),
        ("scheme and space", "Bearer ".to_owned(), INVALID),
        ("empty", String::new(), MISSING),
        ("Basic", "Basic YWxpY2U6c2VjcmV0".to_owned(), MISSING),
        ("Token", format!("Token {token}"), MISSING),
        ("garbage token", "Bearer garbage".to_owned(), INVALID),
        ("expired", format!("Bearer {}", with("exp", json!(NOON - 1))), INVALID),
        ("exp = now", format!("Bearer {}", with("exp", json!(NOON))), INVALID),
        ("nbf in the future", format!("Bearer {}", with("nbf", json!(NOON + 60))), INVALID),
        ("iat in the future", format!("Bearer {}", with("iat", json!(NOON + 60))), INVALID),
        ("wrong key", format!("Bearer {}", sign_with(&other_key, header(), claims())), INVALID),
        (
            "wrong alg",
            format!(
                "Bearer {}",
                sign_with(&es256, tokens::with(header(), &json!({ "alg": "ES256" })), claims())
            ),
            INVALID,
        ),
        (
            "alg none",
            format!("Bearer {}.", with_header(&json!({ "alg": "none" })).rsplit_once('.').unwrap().0),
            INVALID,
        ),
        ("no signature", format!("Bearer {input}."), INVALID),
        ("another aud", format!("Bearer {}", with("aud", json!("https://other.example"))), INVALID),
        ("unknown crit", format!("Bearer {}", with_header(&json!({ "crit": ["exp2"] }))), INVALID),
        ("no exp", format!("Bearer {}", with("exp", Value::Null)), INVALID),
        ("identity claim missing", format!("Bearer {}", with("sub", Value::Null)), INVALID),
        ("identity claim empty", format!("Bearer {}", with("sub", json!(""))), INVALID),
        ("identity claim of other type", format!("Bearer {}", with("sub", json!(7))), INVALID),
    ] {
        let answer = support::ask(&app, Request::get("/me").header(header::AUTHORIZATION, line)).await;
        if expected.is_empty() {
            assert_eq!((answer.status, answer.text()), (StatusCode::OK, "alice"), "{name}");
        } else {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
            assert_eq!(answer.header("www-authenticate"), expected, "{name}");
        }
    }
    let absent = support::get(&app, "/me").await;
    assert_eq!(
        (absent.status, absent.header("www-authenticate").as_str()),
        (StatusCode::UNAUTHORIZED, MISSING)
    );
    // "aud present, none expected", "no exp unless explicitly allowed".
    let open = self::app(BearerJwt::new(tokens::verifying_key()));
    assert_invalid(&ask(&open, "/me", &token).await, "aud present, none expected");
    let endless = self::app(policy().allow_missing_expiry());
    assert_eq!(ask(&endless, "/me", &with("exp", Value::Null)).await.text(), "alice");
}

/// The `Authorization` header, line by line. `Ok` is the user or anonymous, `Err` is a rejection.
#[tokio::test]
async fn one_token_in_one_header() {
    let app = app(policy());
    let t = tokens::valid();
    let alice = Ok("alice");
    let nobody = Ok("anonymous");
    let rows: Vec<(Vec<String>, Result<&str, ()>)> = vec![
        (vec![], nobody),
        (vec![format!("Bearer {t}")], alice),
        (vec![format!("BEARER {t}")], alice),
        (vec![format!("bEaReR {t}")], alice),
        (vec![format!("Bearer    {t}")], alice),
        (vec![format!("  Bearer {t}")], alice),
        (vec![format!("Bearer {t}\t")], alice),
        (vec![format!("Bearer\t{t}")], Err(())),
        (vec![format!("Bearer \t{t}")], Err(())),
        (vec![format!("Bearer\u{a0}{t}")], Err(())),
        (vec![format!("Bearer{t}")], nobody),
        (vec![format!("Bearer:{t}")], Err(())),
        (vec![format!("Bearer={t}")], Err(())),
        (vec![format!("Bearer,{t}")], Err(())),
        (vec![format!("Bearer \"{t}\"")], Err(())),
        (vec![format!("Bearer token=\"{t}\"")], Err(())),
        (vec![format!("Bearer token={t}")], Err(())),
        (vec![format!("Bearer {t},")], Err(())),
        (vec![format!("Bearer ,{t}")], Err(())),
        (vec![format!("Bearer {t}, Bearer {t}")], Err(())),
        (vec![format!("Bearer {t},Bearer {t}")], Err(())),
        (vec![format!("Bearer {t}; charset=utf-8")], Err(())),
        (vec![format!("Bearer {t} Bearer {t}")], Err(())),
        (vec![format!("Bearer Bearer {t}")], Err(())),
        (vec![format!("Bearer <{t}>")], Err(())),
        (vec![format!("Bearer {t}=")], Err(())),
        (vec![format!("Bearer {t}%20")], Err(())),
        (vec![format!("Bearer {t}\u{e9}")], Err(())),
        (vec!["Bearer".to_owned()], Err(())),
        (vec!["Bearer =".to_owned()], Err(())),
        (vec!["Bearer null".to_owned()], Err(())),
        (vec!["Bearer undefined".to_owned()], Err(())),
        (vec!["Bearer ..".to_owned()], Err(())),
        (vec![t.clone()], nobody),
        (vec![String::new()], nobody),
        (vec!["Basic YWxpY2U6eA==".to_owned()], nobody),
        (vec![format!("Digest Bearer {t}")], nobody),
        (vec![format!("Bearers {t}")], nobody),
        (vec![format!("DPoP {t}")], nobody),
        (vec![format!("Bearer {t}"), format!("Bearer {t}")], Err(())),
        (vec![format!("Bearer {t}"), String::new()], Err(())),
        (vec!["Basic YWxpY2U6eA==".to_owned(), format!("Bearer {t}")], Err(())),
        (vec![format!("Bearer {t}"), "Basic YWxpY2U6eA==".to_owned()], Err(())),
        (vec!["Basic YQ==".to_owned(), "Basic Yg==".to_owned()], nobody),
        (vec![format!("Bearer {t}"), format!("Bearer {t}"), format!("Bearer {t}")], Err(())),
    ];
    assert!(rows.len() >= 40);
    for (lines, expected) in rows {
        let mut request = Request::get("/view");
        for line in &lines {
            request =
                request.header(header::AUTHORIZATION, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        let answer = support::ask(&app, request).await;
        match expected {
            Ok(who) => assert_eq!((answer.status, answer.text()), (StatusCode::OK, who), "{lines:?}"),
            Err(()) => assert_invalid(&answer, &format!("{lines:?}")),
        }
    }
}

/// ASVS 14.2.1: a token in the address, the body or a cookie is ignored by default.
#[tokio::test]
async fn tokens_elsewhere_are_not_looked_for() {
    let app = app(policy());
    let t = tokens::valid();
    for request in [
        Request::get(format!("/view?access_token={t}")),
        Request::get(format!("/view?token={t}"))
            .header("upgrade", "websocket")
            .header("connection", "upgrade"),
        Request::get("/view").header(header::COOKIE, format!("token={t}; access_token={t}; __Host-auth={t}")),
        Request::get("/view").header("x-access-token", &t).header("x-authorization", format!("Bearer {t}")),
        Request::get("/view").header("proxy-authorization", format!("Bearer {t}")),
        Request::get("/view").header("sec-websocket-protocol", &t),
    ] {
        assert_eq!(support::ask(&app, request).await.text(), "anonymous");
    }
    let form = Request::post("/view").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = form.body(format!("access_token={t}").into()).unwrap();
    assert_eq!(support::send(&app, request).await.text(), "anonymous");
}

/// Token getters.
#[tokio::test]
async fn a_cookie_is_sent_by_browsers() {
    let app = app(policy().with_token_getter(CookieToken::new("__Host-token").unwrap()));
    let t = tokens::valid();
    let with = |cookies: &str| Request::get("/view").header(header::COOKIE, cookies.replace('$', &t));
    for (cookies, who) in [
        ("__Host-token=$", "alice"),
        ("a=b; __Host-token=$; c", "alice"),
        ("token=$", "anonymous"),
        ("", "anonymous"),
    ] {
        let answer = support::ask(&app, with(cookies)).await;
        assert_eq!((answer.text(), answer.header("vary").as_str()), (who, "cookie"), "{cookies}");
    }
    for cookies in
        ["__Host-token=$; __Host-token=$", "__Host-token=", "__Host-token=\"$\"", "__Host-token=x y"]
    {
        assert_invalid(&support::ask(&app, with(cookies)).await, cookies);
    }
    assert_eq!(ask(&app, "/view", &t).await.text(), "anonymous");
    // Other sites' requests carry it, too, and are refused; those with a header cannot be made by other sites.
    let foreign =
        |path: &str| Request::post(path).header("sec-fetch-site", "cross-site").header("host", "api.example");
    let answer = support::ask(&app, foreign("/me").header(header::COOKIE, format!("__Host-token={t}"))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let by_header = self::app(policy());
    let request = foreign("/me").header(header::AUTHORIZATION, format!("Bearer {t}"));
    let answer = support::ask(&by_header, request).await;
    assert_eq!((answer.status, answer.header("vary").as_str()), (StatusCode::OK, "authorization"));
    for name in ["", "a b", "a=b", "a;b", "é", &"x".repeat(129)] {
        assert_eq!(CookieToken::new(name).unwrap_err().kind(), JwtConfigErrorKind::Cookie);
    }
}

#[tokio::test]
async fn a_websocket_may_name_its_token_in_the_address() {
    let app = app(policy().with_token_getter(WebSocketQuery::insecure("access_token")));
    let t = tokens::valid();
    let upgrade = |query: &str| {
        Request::get(format!("/view?{}", query.replace('$', &t)))
            .header("upgrade", "WebSocket")
            .header("connection", "upgrade")
    };
    for (query, who) in [
        ("access_token=$", "alice"),
        ("a=b&access_token=$&c", "alice"),
        ("access%5Ftoken=$", "alice"),
        ("a=b", "anonymous"),
        ("Access_token=$", "anonymous"),
    ] {
        assert_eq!(support::ask(&app, upgrade(query)).await.text(), who, "{query}");
    }
    for query in [
        "access_token=$&access_token=$",
        "access_token=",
        "access_token",
        "access_token=%20$",
        "access_token=x",
    ] {
        assert_invalid(&support::ask(&app, upgrade(query)).await, query);
    }
    let both = upgrade("access_token=$").header(header::AUTHORIZATION, format!("Bearer {t}"));
    assert_invalid(&support::ask(&app, both).await, "two methods");
    // No other request has a token there.
    assert_eq!(support::get(&app, &format!("/view?access_token={t}")).await.text(), "anonymous");
    let post = Request::post(format!("/view?access_token={t}")).header("upgrade", "websocket");
    assert_eq!(support::ask(&app, post).await.text(), "anonymous");
    let other = Request::get(format!("/view?access_token={t}")).header("upgrade", "h2c");
    assert_eq!(support::ask(&app, other).await.text(), "anonymous");
    assert_eq!(ask(&app, "/view", &t).await.text(), "alice");
}

/// The scheme is honoured.
#[tokio::test]
async fn a_scheme_of_ones_own() {
    let app = app(policy().with_token_getter(AuthorizationHeader::new().with_scheme("Token").unwrap()));
    let t = tokens::valid();
    let with = |line: String| Request::get("/me").header(header::AUTHORIZATION, line);
    assert_eq!(support::ask(&app, with(format!("token {t}"))).await.text(), "alice");
    let answer = support::ask(&app, with(format!("Bearer {t}"))).await;
    assert_eq!(answer.header("www-authenticate"), r#"Token realm="restricted""#);
    let answer = support::ask(&app, with("Token x".to_owned())).await;
    assert_eq!(answer.header("www-authenticate"), r#"Token realm="restricted", error="invalid_token""#);
    for scheme in ["", "To ken", "Token,", "\"", "é", "a=b"] {
        assert_eq!(
            AuthorizationHeader::new().with_scheme(scheme).unwrap_err().kind(),
            JwtConfigErrorKind::Scheme
        );
    }
}

/// A header that a gateway sets; nothing more is said of it.
#[derive(Debug)]
struct Gateway;

impl TokenGetter for Gateway {
    fn token<'r>(
        &'r self,
        request: &'r Incoming<'r>,
    ) -> auth_runtime::Answer<'r, Result<Presented<'r>, IdentityError>> {
        auth_runtime::Answer::Now(Ok(match request.headers().get("x-token").map(HeaderValue::to_str) {
            None => Presented::Absent,
            Some(Ok(token)) => Presented::Token(token.into()),
            Some(Err(_)) => Presented::Malformed,
        }))
    }
}

#[tokio::test]
async fn a_getter_of_ones_own_is_taken_with_care() {
    let app = app(policy().with_token_getter(Gateway));
    let answer = support::ask(&app, Request::get("/view").header("x-token", tokens::valid())).await;
    assert_eq!((answer.text(), answer.header("vary").as_str()), ("alice", "*"));
    let foreign = Request::post("/view").header("sec-fetch-site", "cross-site").header("host", "api.example");
    let answer = support::ask(&app, foreign.header("x-token", tokens::valid())).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "it might be sent by browsers");
    let odd = Request::get("/view").header("x-token", HeaderValue::from_bytes(b"\xff").unwrap());
    assert_invalid(&support::ask(&app, odd).await, "no text");
    assert_eq!(format!("{:?}", Presented::Token("secret".into())), "Token([redacted])");
}

/// Keeps tokens in a vault, which takes a while; clients have handles of them.
#[derive(Debug)]
struct Vault;

impl TokenGetter for Vault {
    fn token<'r>(
        &'r self,
        request: &'r Incoming<'r>,
    ) -> auth_runtime::Answer<'r, Result<Presented<'r>, IdentityError>> {
        auth_runtime::Answer::later(async move {
            tokio::task::yield_now().await;
            match request.headers().get("x-handle").map(HeaderValue::as_bytes) {
                None => Ok(Presented::Absent),
                Some(b"valid") => Ok(Presented::Token(tokens::valid().into())),
                Some(b"expired") => Ok(Presented::Token(with_claims(&json!({ "exp": 1 })).into())),
                Some(b"down") => Err(IdentityError::unavailable("the vault is sealed")),
                Some(b"foreign") => Err(IdentityError::forbidden("the handle is that of another network")),
                Some(b"odd") => Err(IdentityError::bad_request("the handle is malformed")),
                Some(_) => Err(IdentityError::refuse("there is no such handle")),
            }
        })
    }
}

/// Z-25: a getter may wait, may fail with 503, and chooses the response of a rejection; the log says which it was.
#[tokio::test]
async fn a_getter_may_wait_fail_and_choose_the_response() {
    let app = app(policy().with_token_getter(Vault));
    let ask = async |handle: &str| {
        let request = Request::get("/me").header("x-handle", handle);
        Log::of(support::ask(&app, request)).await
    };
    assert_eq!(ask("valid").await.0.text(), "alice");
    assert_invalid(&ask("expired").await.0, "expired");
    for (handle, status, event, says) in [
        ("down", StatusCode::SERVICE_UNAVAILABLE, "failed", "the vault is sealed"),
        ("foreign", StatusCode::FORBIDDEN, "bad credential", "the handle is that of another network"),
        ("odd", StatusCode::BAD_REQUEST, "bad credential", "the handle is malformed"),
        ("none", StatusCode::UNAUTHORIZED, "bad credential", "there is no such handle"),
    ] {
        let (answer, told) = ask(handle).await;
        assert_eq!(answer.status, status, "{handle}");
        let logged = told.iter().find(|told| told.message == event).unwrap_or_else(|| panic!("{handle}"));
        assert!(format!("{logged:?}").contains(says), "{handle}: {logged:?}");
        assert!(
            !format!("{answer:?}").contains("handle"),
            "{handle}: a client learns no more than the status"
        );
    }
    let odd = Request::get("/view").header("x-handle", "odd");
    let (_, told) = Log::of(support::ask(&app, odd)).await;
    let denied = told.iter().find(|told| told.message == "deny").unwrap();
    assert_eq!(denied.field("reason"), "malformed");
    let anonymous = support::ask(&app, Request::get("/me")).await;
    assert_eq!(
        (anonymous.status, anonymous.header("www-authenticate").as_str()),
        (StatusCode::UNAUTHORIZED, MISSING)
    );
}

/// Looks accounts up by the subject of a token.
struct Accounts;

impl IdentityMapper for Accounts {
    fn identity(
        &self,
        claims: &VerifiedClaims,
    ) -> auth_runtime::Answer<'_, Result<Option<Identity>, IdentityError>> {
        let subject = claims.subject().map(str::to_owned);
        auth_runtime::Answer::later(async move {
            tokio::task::yield_now().await;
            match subject.as_deref() {
                Some("down") => Err(IdentityError::unavailable("the table is locked")),
                Some("foreign") => Err(IdentityError::forbidden("the account is not for this application")),
                Some("gone") | None => Ok(None),
                Some(subject) => Ok(Identity::new(format!("account of {subject}")).ok()),
            }
        })
    }
}

/// Z-26: a mapper may wait, may fail with 503, and chooses the response of a rejection. It is asked about valid tokens only.
#[tokio::test]
async fn a_mapper_may_wait_fail_and_choose_the_response() {
    for policy in [policy(), policy().with_bad_tokens_as_anonymous()] {
        let app = app(policy.with_identity_mapper(Accounts));
        let ask = async |subject: &str| ask(&app, "/me", &with_claims(&json!({ "sub": subject }))).await;
        assert_eq!(ask("alice").await.text(), "account of alice");
        assert_eq!(ask("down").await.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(ask("foreign").await.status, StatusCode::FORBIDDEN);
        assert_eq!(ask("gone").await.status, StatusCode::UNAUTHORIZED);
        let forged = with_claims(&json!({ "sub": "down", "exp": 1 }));
        assert_eq!(self::ask(&app, "/me", &forged).await.status, StatusCode::UNAUTHORIZED);
    }
}

/// RFC 6750 section 3, RFC 9470 section 3, RFC 9728 section 5.1.
#[test]
fn challenges_say_what_would_help() {
    let challenges = |policy: &BearerJwt, why: Challenge<'_>| {
        let all = policy.challenges(why);
        all.iter().map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let ten_minutes = StepUp::new().with_max_age(Duration::from_mins(10));
    let stale = Challenge::InsufficientAuthentication(ten_minutes);
    let strong = Challenge::InsufficientAuthentication(ten_minutes.with_acr_values(&["phr", "urn:x"]));
    let scopes = Challenge::InsufficientScope { scopes: "articles:read articles:write" };
    let plain = policy();
    for (why, expected) in [
        (Challenge::Missing, MISSING),
        (Challenge::Invalid, INVALID),
        (
            scopes,
            r#"Bearer realm="restricted", error="insufficient_scope", scope="articles:read articles:write""#,
        ),
        (stale, r#"Bearer realm="restricted", error="insufficient_user_authentication", max_age="600""#),
        (
            strong,
            r#"Bearer realm="restricted", error="insufficient_user_authentication", max_age="600", acr_values="phr urn:x""#,
        ),
        (
            Challenge::InsufficientScope { scopes: "a\"b" },
            r#"Bearer realm="restricted", error="insufficient_scope""#,
        ),
        (
            Challenge::InsufficientScope { scopes: "a\r\nb" },
            r#"Bearer realm="restricted", error="insufficient_scope""#,
        ),
    ] {
        assert_eq!(challenges(&plain, why), [expected], "{why:?}");
    }
    assert_eq!(plain.challenge(), MISSING);
    let address = "https://api.example/.well-known/oauth-protected-resource";
    let told = policy().with_realm(r#"a "b" \c"#).unwrap().with_resource_metadata(address).unwrap();
    let realm = r#"Bearer realm="a \"b\" \\c""#;
    assert_eq!(challenges(&told, Challenge::Missing), [format!("{realm}, resource_metadata=\"{address}\"")]);
    let invalid = format!("{realm}, error=\"invalid_token\", resource_metadata=\"{address}\"");
    assert_eq!(challenges(&told, Challenge::Invalid), [invalid]);
    for realm in ["é", "a\nb", "a\tb", "\u{0}"] {
        assert_eq!(policy().with_realm(realm).unwrap_err().kind(), JwtConfigErrorKind::Realm);
    }
    for address in
        ["http://api.example/x", "https://a\"b", "https://a b", "https://a\\b", "", "https://é", "HTTPS://a"]
    {
        assert_eq!(
            policy().with_resource_metadata(address).unwrap_err().kind(),
            JwtConfigErrorKind::Metadata
        );
    }
}

/// The identity is text of one claim, or what a function makes of the claims.
#[tokio::test]
async fn the_identity_is_one_of_the_claims() {
    let token = with_claims(&json!({ "username": "bob", "tenant": 7, "sub": "alice" }));
    let by_claim = app(policy().with_identity_claim("username"));
    assert_eq!(ask(&by_claim, "/me", &token).await.text(), "bob");
    assert_eq!(
        ask(&by_claim, "/me", &with_claims(&json!({ "username": "bob", "sub": null }))).await.text(),
        "bob"
    );
    for wrong in [
        json!(null),
        json!(""),
        json!(7),
        json!(true),
        json!(["bob"]),
        json!({}),
        json!(" bob"),
        json!("b\u{200b}ob"),
        json!("x".repeat(256)),
    ] {
        let mut claims = claims();
        claims["username"] = wrong.clone();
        assert_invalid(&ask(&by_claim, "/me", &sign(header(), claims)).await, &wrong.to_string());
    }
    assert_invalid(&ask(&by_claim, "/me", &tokens::valid()).await, "no such claim");
    let by_function = app(policy().with_identity_mapper(|claims: &VerifiedClaims| {
        Identity::new(format!("{}/{}", claims.get("tenant")?.as_u64()?, claims.subject()?)).ok()
    }));
    assert_eq!(ask(&by_function, "/me", &token).await.text(), "7/alice");
    assert_invalid(&ask(&by_function, "/me", &tokens::valid()).await, "no tenant");
    // A token that has an actor without a name.
    let acted = with_claims(&json!({ "act": { "sub": "sup\nport" } }));
    assert_invalid(&ask(&app(policy()), "/me", &acted).await, "actor");
}

/// Who names two issuers and says no more does not make one user of two.
#[tokio::test]
async fn users_of_several_issuers_are_not_merged_by_default() {
    let second = "https://second.example";
    let of = |issuer: Value| with_claims(&json!({ "iss": issuer }));
    // One issuer, named twice or not at all.
    assert_eq!(ask(&app(policy().with_issuer(ISSUER)), "/me", &of(json!(ISSUER))).await.text(), "alice");
    let open = app(BearerJwt::new(tokens::verifying_key()).with_audience(AUDIENCE));
    assert_eq!(ask(&open, "/me", &of(json!(second))).await.text(), "alice");

    let both = || policy().with_issuer(second);
    let app = app(both());
    for issuer in [ISSUER, second] {
        assert_eq!(ask(&app, "/me", &of(json!(issuer))).await.text(), format!("{issuer}#alice"));
    }
    let nameless = self::app(both().allow_missing_issuer());
    assert_invalid(&ask(&nameless, "/me", &of(Value::Null)).await, "a user without an id");
    let ambiguous = self::app(policy().with_issuer("https://third.example/#x"));
    assert_invalid(
        &ask(&ambiguous, "/me", &of(json!("https://third.example/#x"))).await,
        "an ambiguous issuer",
    );
    // Two names of one issuer, as it was said.
    let same = self::app(both().with_identity_claim("sub"));
    for issuer in [ISSUER, second] {
        assert_eq!(ask(&same, "/me", &of(json!(issuer))).await.text(), "alice");
    }
}

/// The same name at two issuers is two users.
#[tokio::test]
async fn issuers_do_not_share_their_users() {
    let second = "https://second.example";
    let policy = || policy().with_issuer(second);
    let app = app(policy().with_issuer_in_identity().unwrap());
    let mut users = BTreeSet::new();
    for issuer in [ISSUER, second] {
        for subject in ["alice", "bob", "#", "a#b"] {
            let token = with_claims(&json!({ "iss": issuer, "sub": subject }));
            let answer = ask(&app, "/me", &token).await;
            assert_eq!(answer.text(), format!("{issuer}#{subject}"));
            users.insert(answer.text().to_owned());
        }
    }
    assert_eq!(users.len(), 8);
    let nobody = BearerJwt::new(tokens::verifying_key()).with_audience(AUDIENCE);
    assert_eq!(nobody.with_issuer_in_identity().unwrap_err().kind(), JwtConfigErrorKind::Issuer);
    assert!(policy().with_issuer("https://third.example/#x").with_issuer_in_identity().is_err());
    // Named afterwards, such an issuer has no users.
    let late = self::app(policy().with_issuer_in_identity().unwrap().with_issuer("https://third.example/#x"));
    let token = with_claims(&json!({ "iss": "https://third.example/#x" }));
    assert_invalid(&ask(&late, "/me", &token).await, "an ambiguous issuer");
}

/// An actor is mapped to a user, too, and is rejected if that user is blocked.
#[tokio::test]
async fn who_acts_is_named_like_any_user() {
    let second = "https://second.example";
    let acted =
        |issuer: &str, actor: Value| with_claims(&json!({ "iss": issuer, "sub": "bob", "act": actor }));
    let blocking = |policy: BearerJwt, blocked: String| {
        let groups = move |user: Option<UserId>| {
            let is_blocked = user.is_some_and(|user| user.as_str() == blocked);
            async move { Ok((!is_blocked).then(Groups::none)) }
        };
        let layer = AuthLayer::new(policy).with_clock(FrozenClock::at(NOON)).with_groups(groups);
        Router::new().route("/me", any(me)).layer(layer)
    };
    let status = async |app: &Router, token: &str| ask(app, "/me", token).await.status.as_u16();
    for several in
        [policy().with_issuer(second), policy().with_issuer(second).with_issuer_in_identity().unwrap()]
    {
        for issuer in [ISSUER, second] {
            let app = blocking(several.clone(), format!("{issuer}#mallory"));
            let other = if issuer == ISSUER { second } else { ISSUER };
            let mallory = json!({ "sub": "mallory" });
            assert_eq!(status(&app, &acted(issuer, mallory.clone())).await, 403, "{issuer}");
            assert_eq!(status(&app, &acted(other, mallory)).await, 200, "another one's mallory");
            // The token may say whose user acts (RFC 8693, section 4.1).
            let named = json!({ "sub": "mallory", "iss": issuer });
            assert_eq!(status(&app, &acted(other, named)).await, 403, "{issuer}");
            let foreign = json!({ "sub": "mallory", "iss": other });
            assert_eq!(status(&app, &acted(issuer, foreign)).await, 200, "{issuer}");
        }
        let app = blocking(several, String::new());
        let ambiguous = json!({ "sub": "mallory", "iss": "https://third.example/#x" });
        assert_eq!(status(&app, &acted(ISSUER, ambiguous)).await, 401);
    }
    // Of one issuer users have short names, which users of other issuers do not have.
    let app = blocking(policy(), "mallory".to_owned());
    assert_eq!(status(&app, &acted(ISSUER, json!({ "sub": "mallory" }))).await, 403);
    assert_eq!(status(&app, &acted(ISSUER, json!({ "sub": "mallory", "iss": ISSUER }))).await, 403);
    assert_eq!(status(&app, &acted(ISSUER, json!({ "sub": "support" }))).await, 200);
    assert_eq!(status(&app, &acted(ISSUER, json!({ "sub": "support", "iss": second }))).await, 401);
    for nobody in [json!(7), json!(""), json!(null), json!([ISSUER])] {
        assert_eq!(status(&app, &acted(ISSUER, json!({ "sub": "support", "iss": nobody }))).await, 401);
    }
}

/// An invalid token may count as anonymous, if configured.
#[tokio::test]
async fn bad_tokens_may_count_as_none() {
    let (strict, lenient) = (app(policy()), app(policy().with_bad_tokens_as_anonymous()));
    for token in ["garbage", &with_claims(&json!({ "exp": NOON - 1 })), "a b"] {
        assert_invalid(&ask(&strict, "/view", token).await, token);
        assert_eq!(ask(&lenient, "/view", token).await.text(), "anonymous");
        assert_eq!(ask(&lenient, "/me", token).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ask(&lenient, "/me", &tokens::valid()).await.text(), "alice");
}

/// What the policy tells the rest of the library.
#[test]
fn the_credential_is_described() {
    let token = with_claims(&json!({ "scope": "a b", "auth_time": NOON - 60, "act": { "sub": "support" } }));
    let (parts, ()) = bearer("/", &token).body(()).unwrap().into_parts();
    let request = Incoming::new(&parts, None, UnixTime::from_secs(NOON));
    let found = policy().identify(&request).now().unwrap().unwrap();
    assert_eq!(found.identity().unwrap().as_str(), "alice");
    assert_eq!(found.credential_id().unwrap().as_str(), "t1");
    assert_eq!(found.issued_at(), Some(UnixTime::from_secs(NOON)));
    assert_eq!(found.expires().map(UnixTime::as_secs), claims()["exp"].as_u64());
    assert_eq!(found.authenticated_at(), Some(UnixTime::from_secs(NOON - 60)));
    assert!(found.scopes().unwrap().contains("b") && !found.scopes().unwrap().contains("c"));
    assert_eq!(found.actor().unwrap().as_str(), "support");
    assert_eq!(found.memo::<VerifiedClaims>().unwrap().subject(), Some("alice"));
    assert!(!found.is_renewal_due());
}

/// Without the layer every request is rejected.
#[tokio::test]
async fn handlers_take_claims() {
    let app = app(policy());
    let token = with_claims(&json!({ "tenant": 7 }));
    assert_eq!(ask(&app, "/tenant", &token).await.text(), "tenant 7");
    assert_eq!(ask(&app, "/maybe-tenant", &token).await.text(), "tenant 7");
    assert_eq!(ask(&app, "/subject", &token).await.text(), "alice");
    for path in ["/tenant", "/maybe-tenant"] {
        for wrong in [json!("7"), json!(-7), json!(7.5), json!(null)] {
            assert_invalid(&ask(&app, path, &with_claims(&json!({ "tenant": wrong }))).await, path);
        }
        assert_invalid(&ask(&app, path, "garbage").await, path);
    }
    let absent = support::get(&app, "/tenant").await;
    assert_eq!(
        (absent.status, absent.header("www-authenticate").as_str()),
        (StatusCode::UNAUTHORIZED, MISSING)
    );
    assert_eq!(support::get(&app, "/maybe-tenant").await.text(), "no tenant");
    let bare = Router::new().route("/tenant", any(tenant));
    assert_eq!(support::get(&bare, "/tenant").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    // Another kind of credential has no claims.
    let other = Router::new().route("/tenant", any(tenant)).route("/maybe-tenant", any(maybe_tenant));
    let other = other.layer(testing::acting_as("alice", ["x"]).allow_unguarded());
    assert_eq!(support::get(&other, "/tenant").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(support::get(&other, "/maybe-tenant").await.text(), "no tenant");
}

/// A token is not given with a head, and not taken back with one.
#[tokio::test]
async fn remembering_fails_and_forgetting_ends_with_the_request() {
    let app = app(policy());
    let token = tokens::valid();
    assert_eq!(ask(&app, "/login", &token).await.status, StatusCode::INTERNAL_SERVER_ERROR);
    let answer = ask(&app, "/logout", &token).await;
    assert_eq!((answer.text(), answer.cookies().len()), ("true true", 0));
    assert_eq!(ask(&app, "/me", &token).await.text(), "alice");
}

/// Where keys come from, when that takes time or fails.
#[derive(Clone, Copy)]
enum Source {
    Late,
    Down,
    Wrong,
}

impl KeySource for Source {
    fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: UnixTime,
    ) -> auth_runtime::Answer<'_, Result<Found, BoxError>> {
        let kid = kid.map(str::to_owned);
        auth_runtime::Answer::later(async move {
            tokio::task::yield_now().await;
            match self {
                Self::Late => tokens::verifying_key().find(kid.as_deref(), algorithm, now).await,
                Self::Down => Err("the issuer is down".into()),
                // A key for another algorithm, for every requested one.
                Self::Wrong => Ok([VerifyingKey::hs384([b'x'; 48]).unwrap()].into_iter().collect()),
            }
        })
    }
}

/// What is down is 503 and not 401, and the log says what it was.
#[tokio::test]
async fn keys_may_be_late_or_missing() {
    let policy = |source| BearerJwt::new(source).with_issuer(ISSUER).with_audience(AUDIENCE);
    let late = app(policy(Source::Late));
    assert_eq!(ask(&late, "/me", &tokens::valid()).await.text(), "alice");
    assert_invalid(&ask(&late, "/me", &with_claims(&json!({ "exp": 1 }))).await, "expired");
    let down = app(policy(Source::Down));
    let (answer, told) = Log::of(ask(&down, "/view", &tokens::valid())).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let failed = told.iter().find(|event| event.message == "failed").unwrap();
    assert_eq!(failed.field("source"), "the issuer is down");
    // A text that is not a token causes no look-up.
    assert_invalid(&ask(&down, "/me", "garbage").await, "garbage");
    assert_eq!(support::get(&down, "/view").await.text(), "anonymous");
    assert_invalid(
        &ask(&app(policy(Source::Wrong)), "/me", &tokens::valid()).await,
        "a key of another algorithm",
    );
}

/// Tokens signed with what everybody knows of a public key, in forms that an HMAC takes for a secret.
fn confused(key: &SigningKey) -> Vec<String> {
    let jwk = key.to_jwk().unwrap();
    let members: Value = serde_json::from_str(&jwk).unwrap();
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(members[name].as_str().unwrap()).unwrap();
    let point = [bytes("x"), bytes("y")].concat();
    [jwk.into_bytes(), point.clone(), [&[4], point.as_slice()].concat(), bytes("x")]
        .iter()
        .map(|secret| {
            let input = format!("{}.{}", encode(header().to_string()), encode(claims().to_string()));
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
            mac.update(input.as_bytes());
            format!("{input}.{}", encode(mac.finalize().into_bytes()))
        })
        .collect()
}

/// Everything that is wrong with a token, at least 400 times.
#[expect(clippy::too_many_lines, reason = "a list")]
fn bad_tokens() -> Vec<String> {
    let mut bad = Vec::new();
    let good = tokens::valid();
    let nine = [
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!([]),
        json!({}),
        json!([1]),
        json!("\u{0}"),
        json!({ "a": [1] }),
    ];
    for name in ["iss", "sub", "aud", "exp", "jti", "client_id", "act"] {
        for value in &nine {
            let harmless = name == "client_id" && value.is_string();
            if !harmless {
                bad.push(with_claims(&json!({ name: value })));
            }
        }
    }
    for name in ["iss", "sub", "aud", "exp"] {
        bad.push(with_claims(&json!({ name: null })));
    }
    for seconds in [0, 1, NOON - 3600, NOON - 1, NOON] {
        bad.push(with_claims(&json!({ "exp": seconds })));
    }
    for (name, seconds) in [
        ("nbf", NOON + 31),
        ("iat", NOON + 31),
        ("auth_time", NOON + 31),
        ("nbf", u64::MAX),
        ("iat", u64::MAX),
    ] {
        bad.push(with_claims(&json!({ name: seconds })));
    }
    for near in ["/", " ", ".", ":443", "#", "?", "%00", "\u{0}", "x", "//"] {
        bad.push(with_claims(&json!({ "iss": format!("{ISSUER}{near}") })));
        bad.push(with_claims(&json!({ "aud": format!("{AUDIENCE}{near}") })));
    }
    bad.push(with_claims(&json!({ "cnf": { "jkt": "x" } })));
    for algorithm in [
        "none", "None", "NONE", "nOnE", "", "hs256", "HS384", "HS512", "RS256", "ES256", "EdDSA", "PS256",
        "ES512", "A128KW", "dir",
    ] {
        let token = with_header(&json!({ "alg": algorithm }));
        let (input, signature) = token.rsplit_once('.').unwrap();
        bad.extend(["", "AAAA", signature].map(|signature| format!("{input}.{signature}")));
    }
    for kid in ["", "k2", "../../dev/null", "' OR 1=1 --", "\u{0}", "k1\n", &"k".repeat(257)] {
        bad.push(with_header(&json!({ "kid": kid })));
    }
    for typ in ["JWT", "logout+jwt", "refresh+jwt", "", "x", "at+jwt "] {
        bad.push(with_header(&json!({ "typ": typ })));
    }
    for name in
        ["jwk", "jku", "x5u", "x5c", "crit", "b64", "cty", "enc", "zip", "epk", "apu", "apv", "p2c", "p2s"]
    {
        for value in [json!(1), json!("https://evil.example"), json!([]), json!({})] {
            bad.push(with_header(&json!({ name: value })));
        }
    }
    // One character of it is another one.
    for at in 0..good.len() {
        let mut other = good.clone().into_bytes();
        if other[at] != b'.' {
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            bad.push(String::from_utf8(other).unwrap());
        }
        if at % 8 == 0 {
            bad.push(good[..at].to_owned());
        }
    }
    let parts: Vec<&str> = good.split('.').collect();
    let [head, body, signature] = parts[..] else { unreachable!("three parts") };
    bad.extend([
        format!("{head}.{body}"),
        format!("{head}.{body}."),
        format!(".{body}.{signature}"),
        format!("{head}..{signature}"),
        format!("{head}.{signature}.{body}"),
        format!("{good}.{signature}"),
        format!("{good}."),
        format!(".{good}"),
        format!("{head}.{body}.{signature}.{signature}.{signature}"),
        format!("{head}=.{body}.{signature}"),
        format!("{head}.{body}.{signature}="),
        format!("{good}=="),
        ".".repeat(10_000),
        "A".repeat(10_000),
        format!(
            "{}.{body}.{signature}",
            encode(format!("{{\"a\":{}1{}}}", "[".repeat(500), "]".repeat(500)))
        ),
        format!("{head}.{}.{signature}", "A".repeat(8192)),
    ]);
    for text in [
        "",
        "null",
        "[]",
        "1",
        "\"x\"",
        "{",
        "{}",
        "{}{}",
        "{\"sub\":\"alice\",\"sub\":\"bob\"}",
        "\u{feff}{}",
    ] {
        bad.push(sign(header(), text));
        bad.push(sign(text, claims()));
    }
    for algorithm in [
        Algorithm::HS384,
        Algorithm::HS512,
        Algorithm::HS256,
        Algorithm::ES256,
        Algorithm::ES384,
        Algorithm::EdDSA,
    ] {
        let key = SigningKey::generate(algorithm).unwrap().with_kid("k1");
        bad.push(sign_with(&key, header(), claims()));
        bad.push(sign_with(&key, tokens::with(header(), &json!({ "alg": algorithm.as_str() })), claims()));
    }
    // A last character that stands for the same bytes if one does not look closely is another text.
    bad.retain(|token| *token != good);
    bad
}

/// Asks for each path with each token, as programs and as browsers do: the responses are identical.
async fn assert_alike(app: &Router, bad: &[String]) {
    for accepts in ["*/*", "text/html"] {
        let get = |path: &str, token: &str| {
            let line = HeaderValue::from_bytes(format!("Bearer {token}").as_bytes()).unwrap();
            Request::get(path).header(header::ACCEPT, accepts).header(header::AUTHORIZATION, line)
        };
        let expected = support::ask(app, get("/me", "garbage")).await;
        assert_invalid(&expected, "garbage");
        for token in bad {
            for path in ["/me", "/view"] {
                let answer = support::ask(app, get(path, token)).await;
                assert_eq!(answer.status, expected.status, "{token}");
                assert_eq!(answer.headers, expected.headers, "{token}");
                assert_eq!(answer.body, expected.body, "{token}");
            }
        }
    }
}

/// V9: every bad token gets the same answer, byte by byte, and no handler runs. Only the log tells them apart.
#[tokio::test]
async fn all_bad_tokens_look_alike() {
    let app = app(policy());
    let bad = bad_tokens();
    let different: BTreeSet<&String> = bad.iter().collect();
    assert!(different.len() >= 400, "{}", different.len());
    let ((), told) = Log::of(assert_alike(&app, &bad)).await;
    let refused = told.iter().filter(|event| event.message == "token refused");
    let kinds: BTreeSet<_> = refused.map(|event| event.field("kind").to_owned()).collect();
    let every = [
        "Algorithm",
        "Audience",
        "Claim",
        "Confirmation",
        "Expired",
        "Header",
        "Identity",
        "Issuer",
        "Key",
        "Malformed",
        "NotYetValid",
        "Signature",
        "TooLong",
        "Type",
    ];
    assert_eq!(kinds, every.map(str::to_owned).into());
    assert_eq!(ask(&app, "/me", &tokens::valid()).await.text(), "alice");
}

/// The log says what to change: the type, both issuers, the claim, and that a token is too long.
#[tokio::test]
async fn the_log_says_why_a_token_was_refused() {
    let app = app(policy());
    for (token, words) in [
        (with_header(&json!({ "typ": "JWT" })), vec!["`JWT`", "`at+jwt`"]),
        (with_claims(&json!({ "iss": "https://other.example\n" })), vec!["https://other.example", ISSUER]),
        (with_claims(&json!({ "client_id": 7 })), vec!["`client_id`"]),
        (with_claims(&json!({ "iss": "x".repeat(5_000) })), vec!["`iss` is `xxx"]),
    ] {
        let (answer, told) = Log::of(ask(&app, "/me", &token)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        let refused = told.iter().find(|event| event.message == "token refused").unwrap();
        let detail = refused.field("detail");
        assert!(words.iter().all(|word| detail.contains(word)), "{detail}");
        assert!(!detail.contains('\n') && detail.chars().count() <= 300);
    }
    let odd = with_claims(&json!({ "auth_time": "2023-11-14T22:13:20Z" }));
    let (answer, told) = Log::of(ask(&app, "/me", &odd)).await;
    assert_eq!(answer.status, StatusCode::OK);
    let ignored = told.iter().find(|event| event.message == "claim ignored").unwrap();
    assert_eq!(ignored.field("claim"), "auth_time");
}

#[auth_required(acr = ["phr", "phrh"], fresh = "10m")]
async fn strong() -> &'static str {
    "passed"
}

/// Step-up by access tokens (RFC 9470, section 3; RFC 9068, section 2.2.1).
#[tokio::test]
async fn a_token_has_to_be_of_an_accepted_context_and_recent() {
    let layer = AuthLayer::new(policy()).with_clock(FrozenClock::at(NOON));
    let app = Router::new().route("/", any(strong)).layer(layer);
    let challenge = "Bearer realm=\"restricted\", error=\"insufficient_user_authentication\", \
                     max_age=\"600\", acr_values=\"phr phrh\"";
    for (claims, passes) in [
        (json!({ "acr": "phr", "auth_time": NOON }), true),
        (json!({ "acr": "phrh", "auth_time": NOON - 600 }), true),
        (json!({ "acr": "phr", "auth_time": NOON - 601 }), false),
        (json!({ "acr": "phr" }), false),
        (json!({ "acr": "pwd", "auth_time": NOON }), false),
        (json!({ "auth_time": NOON }), false),
        // Of another type, it counts as missing.
        (json!({ "acr": ["phr"], "auth_time": NOON }), false),
        (json!({ "acr": 1, "auth_time": NOON }), false),
        (json!({ "acr": "phr phrh", "auth_time": NOON }), false),
        (json!({ "acr": null, "auth_time": NOON }), false),
    ] {
        let answer = ask(&app, "/", &with_claims(&claims)).await;
        if passes {
            assert_eq!(answer.status, StatusCode::OK, "{claims}: {}", answer.text());
        } else {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{claims}");
            assert_eq!(answer.header("www-authenticate"), challenge, "{claims}");
        }
    }
    // A request without a token gets no error code (RFC 6750, section 3.1).
    let answer = support::get(&app, "/").await;
    assert_eq!(answer.header("www-authenticate"), MISSING);
}

/// What two issuers call `phr` may not be the same: it counts from one that the application names.
#[tokio::test]
async fn a_context_counts_only_from_an_issuer_that_is_trusted_for_it() {
    const OTHER: &str = "https://other.example";
    let statuses = async |policy: BearerJwt| {
        let layer = AuthLayer::new(policy).with_clock(FrozenClock::at(NOON));
        let app = Router::new().route("/", any(strong)).layer(layer);
        let mut statuses = Vec::new();
        for issuer in [ISSUER, OTHER] {
            let token = with_claims(&json!({ "iss": issuer, "acr": "phr", "auth_time": NOON }));
            statuses.push(ask(&app, "/", &token).await.status.as_u16());
        }
        statuses
    };
    let both = || policy().with_issuer(OTHER);
    assert_eq!(statuses(policy()).await, [200, 401], "the only issuer");
    assert_eq!(statuses(both()).await, [401, 401]);
    assert_eq!(statuses(both().with_acr_issuer(OTHER)).await, [401, 200]);
    assert_eq!(statuses(both().with_acr_issuer(OTHER).with_acr_issuer(ISSUER)).await, [200, 200]);
    assert_eq!(statuses(policy().with_acr_issuer(OTHER)).await, [401, 401]);
    assert_eq!(statuses(policy().with_acr_issuer(ISSUER)).await, [200, 401]);
}

/// In a list of policies the one that names the user decides, and no other lends its trust.
#[tokio::test]
async fn of_two_policies_each_decides_about_the_contexts_of_its_own_tokens() {
    const OTHER: &str = "https://other.example";
    let trusted = || policy().with_acr_issuer(ISSUER);
    let weak = || {
        let policy = BearerJwt::new(tokens::verifying_key()).with_issuer(OTHER).with_audience(AUDIENCE);
        policy.with_token_getter(CookieToken::new("__Host-other").unwrap())
    };
    let token =
        |issuer: &str, acr: Value| with_claims(&json!({ "iss": issuer, "acr": acr, "auth_time": NOON }));
    let with_context = || [token(ISSUER, json!("phr")), token(OTHER, json!("phr"))];
    for (why, weak, expected) in [
        ("the only issuer of each counts", weak(), [200, 200]),
        ("the trusted one is named at both", weak().with_acr_issuer(ISSUER), [200, 401]),
    ] {
        for turned in [false, true] {
            let (trusted, weak) = (trusted(), weak.clone());
            let list =
                if turned { FirstOf::new(weak).then(trusted) } else { FirstOf::new(trusted).then(weak) };
            let layer = AuthLayer::new(list).with_clock(FrozenClock::at(NOON));
            let app = Router::new().route("/", any(strong)).layer(layer);
            let [own, other] = with_context();
            let own = Request::get("/").header("authorization", format!("Bearer {own}"));
            let other = Request::get("/").header("cookie", format!("__Host-other={other}"));
            let found = [ask_with(&app, own).await, ask_with(&app, other).await];
            assert_eq!(found, expected, "{why} {turned}");
            // Both at once are of one user. The first policy of the list has found them, with its own context alone.
            let [strong_without, weak_with] = [token(ISSUER, Value::Null), token(OTHER, json!("phr"))];
            let both = Request::get("/")
                .header("authorization", format!("Bearer {strong_without}"))
                .header("cookie", format!("__Host-other={weak_with}"));
            let expected = if turned { expected[1] } else { 401 };
            assert_eq!(ask_with(&app, both).await, expected, "{why} {turned}: both");
        }
    }
}

async fn ask_with(app: &Router, request: Builder) -> u16 {
    support::ask(app, request).await.status.as_u16()
}

/// Algorithm confusion: an attacker with the public key gains nothing, and gets the same response as all.
#[tokio::test]
async fn a_public_key_opens_nothing() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap().with_kid("k1");
    let app = app(named(key.verifying_key()));
    assert_alike(&app, &confused(&key)).await;
    let header = tokens::with(header(), &json!({ "alg": "ES256" }));
    assert_eq!(ask(&app, "/me", &sign_with(&key, header, claims())).await.text(), "alice");
}

/// Possession of a key is not proved here (RFC 9449), so tokens that require it are rejected.
#[tokio::test]
async fn dpop_is_not_spoken() {
    let app = app(policy());
    let bound = with_claims(&json!({ "cnf": { "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } }));
    let by_certificate =
        with_claims(&json!({ "cnf": { "x5t#S256": "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0" } }));
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let public: Value = serde_json::from_str(&key.to_jwk().unwrap()).unwrap();
    let proof = sign_with(
        &key,
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": public }),
        json!({ "jti": "p1", "htm": "GET", "htu": "https://api.example/me", "iat": NOON }),
    );
    let with = |line: String, proof: Option<&str>| {
        let request = Request::get("/me").header(header::AUTHORIZATION, line);
        proof.into_iter().fold(request, |request, proof| request.header("dpop", proof))
    };
    for token in [&bound, &by_certificate, &proof] {
        for proof in [None, Some(proof.as_str()), Some("garbage")] {
            let answer = support::ask(&app, with(format!("Bearer {token}"), proof)).await;
            assert_invalid(&answer, "bound to a key");
            // Another scheme is another credential: none that is known here.
            let answer = support::ask(&app, with(format!("DPoP {token}"), proof)).await;
            assert_eq!(
                (answer.status, answer.header("www-authenticate").as_str()),
                (StatusCode::UNAUTHORIZED, MISSING)
            );
        }
    }
    // A token that is bound to nothing needs no proof; what is said beside it changes nothing.
    for proof in [None, Some(proof.as_str()), Some("garbage")] {
        let answer = support::ask(&app, with(format!("Bearer {}", tokens::valid()), proof)).await;
        assert_eq!(answer.text(), "alice");
    }
}

/// A hostile token costs little memory, with any content: 64 KiB from the header to the refusal.
///
/// `serde_json/preserve_order`, which a test of `auth-login` brings into a build of the whole workspace, makes every JSON
/// value larger.
#[test]
fn a_hostile_token_costs_little() {
    let policy = policy();
    let numbers = |count: usize| format!("{{\"a\":[{}0]}}", "0,".repeat(count));
    let members = (0..1000).map(|n| format!("\"{n}\":0")).collect::<Vec<_>>().join(",");
    for token in [
        "A".repeat(1 << 20),
        ".".repeat(1_000_000),
        format!("{}.{}.AAAA", encode(numbers(300)), encode("{}")),
        format!("{}.{}.AAAA", encode(numbers(2900)), encode("{}")),
        format!("{}.{}.AAAA", encode(header().to_string()), encode(numbers(2800))),
        format!("{}.{}.AAAA", encode(format!("{{{members}}}")), encode("{}")),
        format!("{}.{}.AAAA", encode("[".repeat(700)), encode("{}")),
        format!("{}.{}.{}", encode(header().to_string()), encode("{}"), "A".repeat(8000)),
        with_header(&json!({ "zip": "DEF" })),
        // A password to be hashed two thousand million times, as an encrypted token may ask (RFC 7518, section 4.8).
        with_header(&json!({ "alg": "PBES2-HS256+A128KW", "p2c": 2_000_000_000, "p2s": "AAAAAAAAAAA" })),
        [
            encode(r#"{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","zip":"DEF","p2c":2000000000,"p2s":"AAAAAAAAAAA"}"#),
            "A".repeat(54),
            "A".repeat(16),
            "A".repeat(7000),
            "A".repeat(22),
        ]
        .join("."),
    ] {
        let (parts, ()) = bearer("/", &token).body(()).unwrap().into_parts();
        let request = Incoming::new(&parts, None, UnixTime::from_secs(NOON));
        let measured = allocation_counter::measure(|| {
            assert!(policy.identify(&request).now().unwrap().is_err());
        });
        let larger = if size_of::<Value>() > 32 { 2 } else { 1 };
        assert!(
            measured.bytes_total <= larger * 64 * 1024,
            "{} bytes for {} of token",
            measured.bytes_total,
            token.len()
        );
    }
}

/// LG rows: the reason is in the log; nothing of a token is in a log, nor in what `Debug` shows.
#[tokio::test]
async fn tokens_are_not_logged() {
    let app = app(policy());
    let secret = with_claims(&json!({ "sub": "canary-user", "own": "canary-claim", "exp": NOON - 1 }));
    let (_, told) = Log::of(ask(&app, "/me", &secret)).await;
    assert!(told.iter().any(|event| event.message == "token refused" && event.field("kind") == "Expired"));
    let text = format!("{told:?}");
    assert!(!text.contains("canary") && !text.contains(&secret[..40]), "{text}");
    // Nor the name of a key that a client made up.
    for name in tokens::hostile_names() {
        let odd = with_header(&json!({ "kid": format!("canary{name}") }));
        let (_, told) = Log::of(ask(&app, "/me", &odd)).await;
        assert!(told.iter().any(|event| event.message == "token refused" && event.field("kind") == "Key"));
        assert!(!format!("{told:?}").contains("canary"), "{name:?}");
    }
    let shown = format!("{:?}", policy());
    assert!(shown.contains(ISSUER) && !shown.contains("0123456789"), "{shown}");
}

/// Keys side by side: the token's name of its key chooses.
#[tokio::test]
async fn several_keys_and_algorithms_serve_together() {
    let named = |algorithm: Algorithm| SigningKey::generate(algorithm).unwrap().with_kid(algorithm.as_str());
    let keys = [
        Algorithm::HS256,
        Algorithm::HS384,
        Algorithm::HS512,
        Algorithm::ES256,
        Algorithm::ES384,
        Algorithm::EdDSA,
    ]
    .map(named);
    let set = KeySet::new(keys.iter().map(SigningKey::verifying_key)).unwrap();
    let app = app(BearerJwt::new(set).with_issuer(ISSUER).with_audience(AUDIENCE));
    for signing in &keys {
        for said in &keys {
            let header = json!({ "alg": said.algorithm().as_str(), "kid": said.kid(), "typ": "at+jwt" });
            let answer = ask(&app, "/me", &sign_with(signing, header, claims())).await;
            if signing.kid() == said.kid() {
                assert_eq!(answer.text(), "alice");
            } else {
                assert_invalid(&answer, "signed with another key");
            }
        }
    }
}

#[test]
fn header_names_are_real() {
    for getter in [
        policy(),
        policy().with_token_getter(CookieToken::new("t").unwrap()),
        policy().with_token_getter(WebSocketQuery::insecure("t")),
    ] {
        assert!(HeaderName::from_bytes(getter.vary().as_bytes()).is_ok());
    }
}

#[tokio::test]
async fn tokens_that_a_client_has_for_itself_are_those_of_services() {
    let own = json!({ "sub": "billing", "client_id": "billing" });
    let of_user = json!({ "sub": "billing", "client_id": "web" });
    let without = json!({ "sub": "billing" });
    let forged = json!({ "sub": "service:billing", "client_id": "service:billing" });
    let plain = || BearerJwt::new(tokens::verifying_key()).with_issuer(ISSUER).with_audience(AUDIENCE);
    let named = || plain().with_issuer_in_identity().unwrap();
    let by_mapper = || {
        plain().with_services().with_identity_mapper(|claims: &VerifiedClaims| {
            claims.subject().and_then(|name| Identity::service(format!("mapped {name}")).ok())
        })
    };
    let service_of_issuer = format!("service:{ISSUER}#billing");
    for (policy, claims, expected) in [
        (plain(), &own, Some("billing")),
        (plain().with_services(), &own, Some("service:billing")),
        (plain().with_services(), &of_user, Some("billing")),
        (plain().with_services(), &without, Some("billing")),
        (plain(), &forged, None),
        (plain().with_services(), &forged, None),
        (named().with_services(), &own, Some(service_of_issuer.as_str())),
        (
            plain().with_services().with_issuer("https://other.example"),
            &own,
            Some(service_of_issuer.as_str()),
        ),
        (by_mapper(), &own, Some("service:mapped billing")),
    ] {
        let layer = AuthLayer::new(policy).with_clock(FrozenClock::at(NOON));
        let app = Router::new().route("/", any(me)).layer(layer);
        let token = with_claims(claims);
        let answer =
            support::ask(&app, Request::get("/").header("authorization", format!("Bearer {token}"))).await;
        match expected {
            Some(user) => assert_eq!((answer.status, answer.text()), (StatusCode::OK, user), "{claims}"),
            None => assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{claims}"),
        }
    }
}
