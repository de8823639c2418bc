//! `JwtIssuer`: its claims cannot be overridden, its keys rotate, and the own verifier accepts its tokens.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use auth_runtime::{
    AuthError, AuthErrorKind, Identity, Key, KeyRing, LoginOptions, TicketCookie,
    clock::{Clock, UnixTime},
    identity::{Acr, ChangeContext, Identified, IdentityPolicy, Incoming},
    jwt::{
        AccessToken, Algorithm, Grant, IssueErrorKind, IssuedToken, JwtConfigErrorKind, JwtError,
        JwtErrorKind, JwtIssuer, JwtSigner, JwtVerifier, RingKeys, SigningKey, TokenResponse, VerifiedClaims,
    },
    keys::Rotation,
    testing::FrozenClock,
};
use axum::{Router, routing::post};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    support,
    tokens::{self, AUDIENCE, ISSUER, NOON},
};

fn key(seed: u8) -> Key {
    Key::from_bytes((seed..seed + 32).collect::<Vec<_>>()).unwrap()
}

fn issuer(keys: impl Into<JwtSigner>) -> JwtIssuer {
    JwtIssuer::new(keys, ISSUER).unwrap().with_clock(FrozenClock::at(NOON))
}

fn verify(keys: &RingKeys, token: &IssuedToken) -> Result<VerifiedClaims, JwtErrorKind> {
    let verifier = JwtVerifier::new(keys.clone()).with_issuer(ISSUER).with_audience(AUDIENCE);
    verifier
        .verify(token.as_str(), UnixTime::from_secs(NOON))
        .now()
        .unwrap()
        .map_err(|error: JwtError| error.kind())
}

fn part(token: &IssuedToken, at: usize) -> Value {
    let part = token.as_str().split('.').nth(at).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What is in a token, and nothing more.
#[test]
fn a_token_says_what_it_should() {
    let ring = KeyRing::new(key(0));
    let issuer = issuer(RingKeys::new(ring));
    let plain = issuer.access_token("alice", AUDIENCE).issue().unwrap();
    assert_eq!(part(&plain, 0), json!({ "alg": "HS256", "kid": key(0).id().to_string(), "typ": "at+jwt" }));
    assert_eq!(
        part(&plain, 1),
        json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": NOON, "exp": NOON + 600, "jti": plain.id().as_str() })
    );
    assert_eq!((plain.expires().as_secs(), plain.lifetime()), (NOON + 600, secs(600)));
    let full = issuer
        .access_token("alice", AUDIENCE)
        .and_audience("https://second.example")
        .with_scopes("write read".parse().unwrap())
        .with_lifetime(secs(60))
        .with_client_id("web")
        .with_actor("support")
        .with_authenticated_at(UnixTime::from_secs(NOON - 5))
        .with_acr(Acr::new("phr").unwrap())
        .with_claim("tenant", 7)
        .unwrap()
        .issue()
        .unwrap();
    assert_eq!(
        part(&full, 1),
        json!({
            "iss": ISSUER, "aud": [AUDIENCE, "https://second.example"], "sub": "alice", "iat": NOON, "exp": NOON + 60,
            "jti": full.id().as_str(), "scope": "read write", "client_id": "web", "act": { "sub": "support" },
            "auth_time": NOON - 5, "acr": "phr", "tenant": 7,
        })
    );
    let grant =
        Grant::new("bob", AUDIENCE).unwrap().with_scopes("read".parse().unwrap()).with_client_id("app");
    let granted =
        grant.with_authenticated_at(UnixTime::from_secs(NOON - 9)).with_acr(Acr::new("phrh").unwrap());
    let granted = issuer.access_token_for(&granted).issue().unwrap();
    let claims = part(&granted, 1);
    assert_eq!(claims["acr"], json!("phrh"));
    assert_eq!(
        (&claims["sub"], &claims["scope"], &claims["client_id"]),
        (&json!("bob"), &json!("read"), &json!("app"))
    );
    assert_eq!((&claims["aud"], &claims["auth_time"]), (&json!(AUDIENCE), &json!(NOON - 9)));
}

/// Each token has a name of 128 random bits.
#[test]
fn no_two_tokens_share_their_name() {
    let issuer = issuer(tokens::signing_key());
    let names: HashSet<String> =
        (0..1000).map(|_| issuer.access_token("alice", AUDIENCE).issue().unwrap().id().to_string()).collect();
    assert_eq!(names.len(), 1000);
    assert!(names.iter().all(|name| URL_SAFE_NO_PAD.decode(name).unwrap().len() == 16));
}

/// Claims that only the issuer sets, or that verifiers take for its own.
const OF_THE_ISSUER: [&str; 15] = [
    "acr",
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "scope",
    "client_id",
    "auth_time",
    "act",
    "cnf",
    "crit",
    "typ",
];

#[test]
fn claims_of_the_issuer_are_not_overridden() {
    let issuer = issuer(tokens::signing_key());
    let token = || issuer.access_token("alice", AUDIENCE);
    for name in OF_THE_ISSUER {
        assert_eq!(token().with_claim(name, 1).unwrap_err().kind(), IssueErrorKind::Claim, "{name}");
    }
    let twice = token().with_claim("role", "user").unwrap().with_claim("role", "admin");
    assert_eq!(twice.unwrap_err().kind(), IssueErrorKind::Claim);
    let no_json = BTreeMap::from([(vec![1], 2)]);
    assert_eq!(token().with_claim("map", no_json).unwrap_err().kind(), IssueErrorKind::Claim);
}

#[test]
fn a_handler_may_return_what_kept_a_token_from_being_issued() {
    let issuer = issuer(tokens::signing_key());
    let told = |token: AccessToken<'_>| AuthError::from(token.issue().unwrap_err());
    let misused = told(issuer.access_token("", AUDIENCE));
    assert_eq!((misused.kind(), misused.status().as_u16()), (AuthErrorKind::Misconfigured, 500));
    let long = issuer.access_token("alice", AUDIENCE).with_claim("text", "x".repeat(9_000)).unwrap();
    assert_eq!(told(long).kind(), AuthErrorKind::TooLarge);
}

#[test]
fn what_no_verifier_takes_is_not_issued() {
    let issuer = issuer(tokens::signing_key());
    let token = || issuer.access_token("alice", AUDIENCE);
    let kind = |token: AccessToken<'_>| token.issue().unwrap_err().kind();
    for text in ["", " ", "a\nb", " alice", "a\u{200b}b", &"x".repeat(256)] {
        assert_eq!(kind(issuer.access_token(text, AUDIENCE)), IssueErrorKind::Subject, "{text:?}");
        assert_eq!(kind(issuer.access_token("alice", text)), IssueErrorKind::Audience, "{text:?}");
        assert_eq!(kind(token().and_audience(text)), IssueErrorKind::Audience, "{text:?}");
        assert_eq!(kind(token().with_client_id(text)), IssueErrorKind::Client, "{text:?}");
        assert_eq!(kind(token().with_actor(text)), IssueErrorKind::Client, "{text:?}");
        assert_eq!(
            JwtIssuer::new(tokens::signing_key(), text).unwrap_err().kind(),
            JwtConfigErrorKind::Issuer
        );
    }
    for lifetime in [Duration::ZERO, Duration::from_millis(999), secs(86_401), Duration::MAX] {
        assert_eq!(kind(token().with_lifetime(lifetime)), IssueErrorKind::Lifetime);
        assert_eq!(issuer.clone().with_lifetime(lifetime).unwrap_err().kind(), JwtConfigErrorKind::Lifetime);
    }
    assert!(token().with_lifetime(secs(86_400)).issue().is_ok());
    assert_eq!(kind(token().with_claim("big", "x".repeat(8192)).unwrap()), IssueErrorKind::TooLong);
    for typ in ["", "a b", "é", "at+jwt;x", "\n"] {
        assert_eq!(issuer.clone().with_type(typ).unwrap_err().kind(), JwtConfigErrorKind::Type);
    }
    let other = issuer.with_type("JWT").unwrap().access_token("alice", AUDIENCE).issue().unwrap();
    assert_eq!(part(&other, 0)["typ"], "JWT");
}

/// Every algorithm that can sign, through the verifier that asks for everything.
#[test]
fn what_is_issued_is_valid() {
    for algorithm in [
        Algorithm::HS256,
        Algorithm::HS384,
        Algorithm::HS512,
        Algorithm::ES256,
        Algorithm::ES384,
        Algorithm::EdDSA,
    ] {
        let key = SigningKey::generate(algorithm).unwrap().with_kid("k");
        let token = issuer(key.clone()).access_token("alice", AUDIENCE).issue().unwrap();
        let verifier = JwtVerifier::new(key.verifying_key())
            .with_issuer(ISSUER)
            .with_audience(AUDIENCE)
            .with_required_claims(["iss", "aud", "sub", "exp", "iat", "jti"]);
        let at = |now: u64| verifier.verify(token.as_str(), UnixTime::from_secs(now)).now().unwrap();
        assert_eq!(at(NOON).unwrap().id(), Some(token.id()));
        assert!(at(NOON + 599).is_ok() && at(NOON + 600).is_err());
    }
}

/// Tokens live through a rotation, and end with their key.
#[test]
fn keys_rotate_under_living_tokens() {
    let ring = KeyRing::new(key(0));
    let keys = RingKeys::new(ring.clone());
    let issuer = issuer(keys.clone());
    let issue = || issuer.access_token("alice", AUDIENCE).issue().unwrap();
    let old = issue();
    ring.add_pending(key(100)).unwrap();
    assert_eq!(part(&issue(), 0)["kid"], key(0).id().to_string(), "a pending key does not sign");
    ring.activate(key(100).id()).unwrap();
    let new = issue();
    assert_eq!(part(&new, 0)["kid"], key(100).id().to_string());
    assert!(verify(&keys, &old).is_ok() && verify(&keys, &new).is_ok());
    // Another machine with the same keys, and this one after a restart.
    let other = RingKeys::new(KeyRing::new(key(100)).with_previous(key(0)).unwrap());
    assert!(verify(&other, &old).is_ok() && verify(&other, &new).is_ok());
    // One that has not activated the key yet takes what the others sign with it.
    let behind = KeyRing::new(key(0));
    behind.add_pending(key(100)).unwrap();
    assert!(verify(&RingKeys::new(behind), &new).is_ok());
    ring.retire(key(0).id()).unwrap();
    assert_eq!(verify(&keys, &old).unwrap_err(), JwtErrorKind::Key);
    assert!(verify(&keys, &new).is_ok());
    // The key that signs cannot be taken away, so issuing never ends.
    assert!(ring.retire(key(100).id()).is_err());
    assert!(verify(&keys, &issue()).is_ok());
}

/// Machines that never talk take each other's tokens over all rotations, each until it expires; and none is
/// issued for longer than its key is kept.
#[test]
fn machines_rotate_together() {
    let rotation = || Rotation::every("1h").unwrap().with_credential_lifetime("30m").unwrap();
    let clock = FrozenClock::at(NOON);
    let machine = || RingKeys::new(KeyRing::derived(key(0), rotation(), clock.now()).unwrap());
    let (here, there) = (machine(), machine());
    let issuer = JwtIssuer::new(here.clone(), ISSUER).unwrap().with_clock(clock.clone());
    let issuer = issuer.with_lifetime(secs(7200)).unwrap();
    let verifier =
        |keys: &RingKeys| JwtVerifier::new(keys.clone()).with_issuer(ISSUER).with_audience(AUDIENCE);
    let mut living: Vec<(IssuedToken, u64)> = Vec::new();
    let mut names = HashSet::new();
    for _ in 0..200 {
        let now = clock.now();
        let token = issuer.access_token("alice", AUDIENCE).issue().unwrap();
        assert_eq!(token.lifetime(), secs(1800), "as long as its key is kept");
        names.insert(part(&token, 0)["kid"].clone());
        living.push((token, now.as_secs()));
        // One that has just been started, too.
        for keys in [&here, &there, &machine()] {
            for (token, issued) in &living {
                let answer = verifier(keys).verify(token.as_str(), now).now().unwrap();
                assert_eq!(answer.is_ok(), now.as_secs() < issued + 1800, "{issued} at {now}");
            }
        }
        living.retain(|(_, issued)| issued + 3600 > now.as_secs());
        clock.advance(secs(7 * 60));
    }
    assert!(names.len() >= 23, "{}", names.len());
}

/// DESIGN 5: keys are derived for tokens alone, and for one application.
#[tokio::test]
async fn keys_of_one_purpose_are_no_keys_of_another() {
    let ring = KeyRing::new(key(0));
    let (shop, blog) =
        (RingKeys::for_application(ring.clone(), "shop"), RingKeys::for_application(ring.clone(), "blog"));
    let plain = RingKeys::new(ring.clone());
    let token = issuer(shop.clone()).access_token("alice", AUDIENCE).issue().unwrap();
    assert!(verify(&shop, &token).is_ok());
    assert!(verify(&RingKeys::for_application(ring.clone(), "shop"), &token).is_ok());
    assert_eq!(verify(&blog, &token).unwrap_err(), JwtErrorKind::Signature);
    assert_eq!(verify(&plain, &token).unwrap_err(), JwtErrorKind::Signature);
    // The master secret itself signs nothing.
    let master = SigningKey::hs256((0..32).collect::<Vec<_>>()).unwrap().with_kid(key(0).id().to_string());
    let forged = issuer(master).access_token("alice", AUDIENCE).issue().unwrap();
    assert_eq!(verify(&plain, &forged).unwrap_err(), JwtErrorKind::Signature);
    // A ticket of the same ring is not a token, nor a token a ticket.
    let tickets = TicketCookie::new(ring);
    let nobody = Identified::anonymous();
    let context = ChangeContext::new(UnixTime::from_secs(NOON), &nobody);
    let effects =
        tickets.remember(&context, &Identity::new("alice").unwrap(), &LoginOptions::new()).await.unwrap();
    let cookie = effects.headers().next().unwrap().1.to_str().unwrap().to_owned();
    let ticket = cookie.split(['=', ';']).nth(1).unwrap();
    let verifier = JwtVerifier::new(plain.clone()).with_issuer(ISSUER).with_audience(AUDIENCE);
    assert!(verifier.verify(ticket, UnixTime::from_secs(NOON)).now().unwrap().is_err());
    let request = http::Request::get("/").header("cookie", format!("__Host-auth={}", token.as_str()));
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let incoming = Incoming::new(&parts, None, UnixTime::from_secs(NOON));
    assert!(tickets.identify(&incoming).await.unwrap().is_bad_credential());
}

/// Exactly one text names a key of a ring; a token without one is rejected.
#[test]
fn the_name_of_a_rings_key_has_one_form() {
    let keys = RingKeys::new(KeyRing::new(key(0)));
    let id = key(0).id().to_string();
    let token = issuer(keys.clone()).access_token("alice", AUDIENCE).issue().unwrap();
    let (input, signature) = token.as_str().rsplit_once('.').unwrap();
    let claims = input.split_once('.').unwrap().1;
    let verifier = JwtVerifier::new(keys).with_issuer(ISSUER).with_audience(AUDIENCE);
    let kinds = [
        json!(id.to_uppercase()),
        json!(format!("0{id}")),
        json!(format!("+{}", &id[1..])),
        json!(format!("{id} ")),
        json!(id[1..]),
        json!("0000000000000000"),
        Value::Null,
    ];
    for kid in kinds {
        let header = tokens::with(json!({ "alg": "HS256", "typ": "at+jwt" }), &json!({ "kid": kid }));
        let token = format!("{}.{claims}.{signature}", tokens::encode(header.to_string()));
        let answer = verifier.verify(&token, UnixTime::from_secs(NOON)).now().unwrap();
        assert_eq!(answer.unwrap_err().kind(), JwtErrorKind::Key, "{kid}");
    }
    let token = format!(
        "{}.{claims}.{signature}",
        tokens::encode(json!({ "alg": "HS384", "typ": "at+jwt", "kid": id }).to_string())
    );
    assert_eq!(
        verifier.verify(&token, UnixTime::from_secs(NOON)).now().unwrap().unwrap_err().kind(),
        JwtErrorKind::Key
    );
}

#[test]
fn nothing_secret_is_shown() {
    let keys = RingKeys::new(KeyRing::new(key(0)));
    let issuer = issuer(keys.clone());
    let builder = issuer.access_token("alice", AUDIENCE).with_claim("pin", "canary").unwrap();
    let shown = format!("{keys:?} {issuer:?} {builder:?}");
    assert!(!shown.contains("canary"), "{shown}");
    let token = builder.issue().unwrap();
    let shown = format!("{token:?} {:?}", TokenResponse::new(token.clone(), None));
    let signature = token.as_str().rsplit_once('.').unwrap().1;
    assert!(!shown.contains(signature) && !shown.contains(token.as_str()), "{shown}");
    assert!(shown.contains(token.id().as_str()), "{shown}");
}

/// RFC 6749, section 5.1.
#[tokio::test]
async fn a_response_gives_tokens_to_one_client_alone() {
    let app = Router::new().route(
        "/token",
        post(|| async {
            let issuer = issuer(tokens::signing_key());
            let token = issuer.access_token("alice", AUDIENCE).with_scopes("b a".parse().unwrap());
            TokenResponse::new(token.issue().unwrap(), None)
        }),
    );
    let answer = support::ask(&app, http::Request::post("/token")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        (answer.header("content-type"), answer.header("cache-control")),
        ("application/json".into(), "no-store".into())
    );
    let json: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        (&json["token_type"], &json["expires_in"], &json["scope"]),
        (&json!("Bearer"), &json!(600), &json!("a b"))
    );
    assert_eq!(json["access_token"].as_str().unwrap().split('.').count(), 3);
    assert!(json.get("refresh_token").is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// With any content of a token, the issuer's claims are the issuer's, and all others are unchanged.
    #[test]
    fn what_goes_in_comes_out(
        subject in "[!-~]([ -~]{0,20}[!-~])?",
        names in prop::collection::btree_map(prop_oneof![4 => "[a-z_]{1,6}", 1 => prop::sample::select(&OF_THE_ISSUER[..]).prop_map(str::to_owned)], prop_oneof![any::<i64>().prop_map(Value::from), "\\PC{0,12}".prop_map(Value::from), Just(json!([{ "a": null }]))], 0..6),
        lifetime in 1_u64..86_400,
    ) {
        let keys = RingKeys::new(KeyRing::new(key(7)));
        let issuer = issuer(keys.clone());
        let mut token = issuer.access_token(&subject, AUDIENCE).with_lifetime(secs(lifetime));
        let mut expected = BTreeMap::new();
        for (name, value) in names {
            let with = token.clone().with_claim(&name, &value);
            prop_assert_eq!(with.is_ok(), !OF_THE_ISSUER.contains(&name.as_str()), "{}", name);
            if let Ok(with) = with {
                token = with;
                expected.insert(name, value);
            }
        }
        let claims = verify(&keys, &token.issue().unwrap()).unwrap();
        prop_assert_eq!((claims.subject(), claims.issuer()), (Some(subject.as_str()), Some(ISSUER)));
        prop_assert_eq!(claims.expires(), Some(UnixTime::from_secs(NOON + lifetime)));
        for (name, value) in expected {
            prop_assert_eq!(claims.get(&name), Some(&value));
        }
    }
}
