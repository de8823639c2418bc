//! The header of a token: which members it may have, the type, the algorithm, and the look-up of the key that it names.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use auth_runtime::{
    BoxError,
    clock::UnixTime,
    jwt::{Algorithm, Found, JwtErrorKind, JwtVerifier, KeySource, SigningKey, VerifyingKey},
};
use serde_json::{Value, json};

use crate::{
    jwt_claims::{check, refused, verifier},
    tokens::{self, AUDIENCE, ISSUER, NOON, claims, header, sign, with_claims, with_header},
};

/// Six kinds of tokens at six kinds of doors; only what is meant for a door opens it.
#[test]
fn types_are_not_mixed_up() {
    const TYPES: [&str; 6] = ["at+jwt", "JWT", "logout+jwt", "dpop+jwt", "secevent+jwt", "refresh+jwt"];
    for door in TYPES {
        let verifier = verifier().with_type(door);
        for token in TYPES {
            let answer = check(&verifier, &with_header(&json!({ "typ": token })));
            assert_eq!(
                answer.map(|_| ()).err(),
                (door != token).then_some(JwtErrorKind::Type),
                "{door} {token}"
            );
        }
        assert_eq!(refused(&verifier, &with_header(&json!({ "typ": null }))), JwtErrorKind::Type);
        assert!(check(&verifier.allow_missing_type(), &with_header(&json!({ "typ": null }))).is_ok());
    }
    let names = ["AT+JWT", "application/at+jwt", "Application/At+Jwt"];
    assert!(names.iter().all(|typ| check(&verifier(), &with_header(&json!({ "typ": typ }))).is_ok()));
    for typ in ["at+jwt ", " at+jwt", "at jwt", "at%2Bjwt", "x/at+jwt", "at+jwt;x=y", "at+jwtx", ""] {
        assert_eq!(refused(&verifier(), &with_header(&json!({ "typ": typ }))), JwtErrorKind::Type, "{typ}");
    }
    for typ in [json!(1), json!(["at+jwt"]), json!({}), json!(true)] {
        assert_eq!(refused(&verifier(), &with_header(&json!({ "typ": typ }))), JwtErrorKind::Header);
    }
    let both = verifier().with_types(["at+jwt", "JWT"]);
    assert!(
        check(&both, &tokens::valid()).is_ok()
            && check(&both, &with_header(&json!({ "typ": "JWT" }))).is_ok()
    );
}

/// Twelve forms of `crit`.
fn criticals() -> [Value; 12] {
    [
        json!([]),
        json!(["exp2"]),
        json!(["b64"]),
        json!(["exp", "exp"]),
        json!([1]),
        json!("exp"),
        json!({}),
        json!(0),
        json!(false),
        json!(""),
        json!(["crit"]),
        json!([["x"]]),
    ]
}

/// Members that bring a key, name an address of one, or belong to another kind of token.
fn foreign_members() -> Vec<(&'static str, Value)> {
    let public = SigningKey::generate(Algorithm::ES256).unwrap().to_jwk().unwrap();
    vec![
        ("jwk", serde_json::from_str(&public).unwrap()),
        ("jwk", json!({ "kty": "oct", "k": "AAAA" })),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/key.pem")),
        ("x5c", json!(["MIIB"])),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("cty", json!("JWT")),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
        ("p2c", json!(1_000_000_000)),
        ("p2s", json!("AAAA")),
        ("epk", json!({})),
        ("apu", json!("x")),
        ("apv", json!("x")),
    ]
}

/// What would have to be understood, brings its own key or belongs to another kind of token.
#[test]
fn headers_say_nothing_more() {
    for value in criticals() {
        assert_eq!(refused(&verifier(), &with_header(&json!({ "crit": value }))), JwtErrorKind::Header);
    }
    assert_eq!(
        refused(&verifier(), &sign(r#"{"alg":"HS256","kid":"k1","typ":"at+jwt","crit":null}"#, claims())),
        JwtErrorKind::Header
    );
    for (name, value) in foreign_members() {
        assert_eq!(
            refused(&verifier(), &with_header(&json!({ name: value }))),
            JwtErrorKind::Header,
            "{name}"
        );
    }
    // What need not be understood does no harm.
    assert!(check(&verifier(), &with_header(&json!({ "x5t#S256": "AAAA", "own": [1] }))).is_ok());
}

/// Keys, and how often they were looked for.
#[derive(Clone)]
struct Counted(Arc<AtomicUsize>);

impl KeySource for Counted {
    fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: UnixTime,
    ) -> auth_runtime::Answer<'_, Result<Found, BoxError>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let found = tokens::verifying_key().find(kid, algorithm, now).now();
        auth_runtime::Answer::Now(found.expect("the key is at hand"))
    }
}

/// What a header must not say is refused before any key is looked for.
#[tokio::test]
async fn no_key_is_looked_for_in_vain() {
    let asked = Arc::new(AtomicUsize::new(0));
    let verifier = JwtVerifier::new(Counted(Arc::clone(&asked))).with_issuer(ISSUER).with_audience(AUDIENCE);
    let mut bad =
        vec![tokens::valid().rsplit_once('.').unwrap().0.to_owned(), String::new(), "..".to_owned()];
    for name in tokens::casings_of_none() {
        let token = with_header(&json!({ "alg": name }));
        let (input, _) = token.rsplit_once('.').unwrap();
        bad.extend([
            input.to_owned(),
            format!("{input}."),
            format!("{input}.."),
            format!("{input}.AAAA"),
            token,
        ]);
    }
    bad.extend(criticals().into_iter().map(|value| with_header(&json!({ "crit": value }))));
    bad.extend(foreign_members().into_iter().map(|(name, value)| with_header(&json!({ name: value }))));
    bad.extend(["JWT", "logout+jwt", "dpop+jwt"].map(|typ| with_header(&json!({ "typ": typ }))));
    bad.extend([json!(""), json!("k".repeat(257)), json!(1)].map(|kid| with_header(&json!({ "kid": kid }))));
    let now = UnixTime::from_secs(NOON);
    for token in &bad {
        let answer = verifier.verify(token, now).now().expect("no key is waited for");
        assert!(answer.is_err(), "{token}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    assert!(verifier.verify(tokens::valid(), now).await.is_ok());
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

/// Keys that are not at hand, and how often they were looked for.
#[derive(Clone)]
struct Late(Arc<AtomicUsize>);

impl KeySource for Late {
    fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: UnixTime,
    ) -> auth_runtime::Answer<'_, Result<Found, BoxError>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let kid = kid.map(str::to_owned);
        auth_runtime::Answer::later(async move {
            tokio::task::yield_now().await;
            tokens::verifying_key().find(kid.as_deref(), algorithm, now).await
        })
    }
}

/// A token is verified at once or later, by one look-up of its key; a token of the caller's own lives as long as that.
#[tokio::test]
async fn a_key_that_is_late_is_looked_for_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let verifier = JwtVerifier::new(Late(Arc::clone(&asked))).with_issuer(ISSUER).with_audience(AUDIENCE);
    let now = UnixTime::from_secs(NOON);
    let late = verifier.verify(tokens::valid(), now);
    assert!(matches!(late, auth_runtime::Answer::Later(_)));
    assert_eq!(late.await.unwrap().subject(), Some("alice"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let forged = with_claims(&json!({ "exp": 1 }));
    let error = verifier.verify(&forged, now).await.unwrap_err();
    assert_eq!(error.kind(), JwtErrorKind::Expired);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    // With a key at hand it is the same question, and nothing is waited for.
    let at_hand = JwtVerifier::new(tokens::verifying_key()).with_issuer(ISSUER).with_audience(AUDIENCE);
    assert!(at_hand.verify(tokens::valid(), now).now().unwrap().is_ok());
}

/// `none` in all its forms, with and without a signature.
#[test]
fn a_token_is_signed() {
    let others = ["none ", " none", "", "null", "HS256 ", "hs256", "Hs256", "HS256\u{0}"];
    let names: BTreeSet<String> =
        tokens::casings_of_none().into_iter().chain(others.map(str::to_owned)).collect();
    assert_eq!(names.len(), 16 + others.len());
    for name in names {
        let token = with_header(&json!({ "alg": name }));
        let (input, signature) = token.rsplit_once('.').unwrap();
        for signature in ["", ".", "AAAA", signature] {
            let kind = refused(&verifier(), &format!("{input}.{signature}"));
            assert!(matches!(kind, JwtErrorKind::Algorithm | JwtErrorKind::Malformed), "{name} {kind:?}");
        }
        assert_eq!(refused(&verifier(), input), JwtErrorKind::Malformed);
    }
    for algorithm in [json!(null), json!(1), json!(["HS256"]), json!({}), json!(true)] {
        let header = json!({ "alg": algorithm, "kid": "k1", "typ": "at+jwt" });
        assert_eq!(refused(&verifier(), &sign(header, claims())), JwtErrorKind::Header);
    }
    assert_eq!(refused(&verifier(), &with_header(&json!({ "alg": null }))), JwtErrorKind::Algorithm);
    let token = tokens::valid();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let mut other = signature.as_bytes().to_vec();
    other.swap(0, 1);
    assert_eq!(
        refused(&verifier(), &format!("{input}.{}", String::from_utf8(other).unwrap())),
        JwtErrorKind::Signature
    );
    let stranger = SigningKey::hs256([7; 32])
        .or_else(|_| SigningKey::generate(Algorithm::HS256))
        .unwrap()
        .with_kid("k1");
    assert_eq!(
        refused(&verifier(), &tokens::sign_with(&stranger, header(), claims())),
        JwtErrorKind::Signature
    );
}

/// A key's name is a word, and nothing but a word.
#[test]
fn the_name_of_a_key_is_only_a_name() {
    let names = tokens::hostile_names();
    assert!(names.len() >= 30);
    for kid in names.into_iter().chain([String::new(), "k".repeat(257)]) {
        assert_eq!(refused(&verifier(), &with_header(&json!({ "kid": kid }))), JwtErrorKind::Key, "{kid:?}");
    }
    for kid in [json!(1), json!(["k1"]), json!({ "k1": 1 }), json!(true), json!(1.5)] {
        assert_eq!(refused(&verifier(), &with_header(&json!({ "kid": kid }))), JwtErrorKind::Header);
    }
    assert_eq!(
        refused(&verifier(), &with_header(&json!({ "kid": "k".repeat(65_536) }))),
        JwtErrorKind::TooLong
    );
    let nameless = JwtVerifier::new(VerifyingKey::hs256(b"0123456789-0123456789-0123456789").unwrap());
    assert!(check(&nameless.with_audience(AUDIENCE), &with_header(&json!({ "kid": null }))).is_ok());
}
