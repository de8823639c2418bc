//! Claims of a token: each of one type, none missing, the right audience, within the time.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::{collections::BTreeSet, time::Duration};

use auth_runtime::{
    clock::UnixTime,
    identity::Scopes,
    jwt::{
        Algorithm, BearerJwt, JwtConfigErrorKind, JwtError, JwtErrorKind, JwtVerifier, SigningKey,
        VerifiedClaims, VerifyingKey,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::tokens::{self, AUDIENCE, ISSUER, NOON, claims, header, sign, with, with_claims, with_header};

type Answer = Result<VerifiedClaims, JwtErrorKind>;

pub(crate) fn verifier() -> JwtVerifier {
    JwtVerifier::new(tokens::verifying_key()).with_issuer(ISSUER).with_audience(AUDIENCE)
}

fn at(verifier: &JwtVerifier, now: u64, token: &str) -> Answer {
    let answer = verifier.verify(token, UnixTime::from_secs(now)).now().expect("the key is at hand");
    answer.map_err(|error| error.kind())
}

pub(crate) fn check(verifier: &JwtVerifier, token: &str) -> Answer {
    at(verifier, NOON, token)
}

pub(crate) fn refused(verifier: &JwtVerifier, token: &str) -> JwtErrorKind {
    check(verifier, token).expect_err(token)
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_valid_token_tells_everything() {
    let token = sign(
        header(),
        with(
            claims(),
            &json!({
                "aud": [AUDIENCE, "https://other.example"], "scope": "read write", "client_id": "web", "auth_time": NOON - 60,
                "act": { "sub": "support" }, "tenant": 7,
            }),
        ),
    );
    let claims = check(&verifier(), &token).unwrap();
    let noon = UnixTime::from_secs(NOON);
    assert_eq!(claims.issuer(), Some(ISSUER));
    assert_eq!(claims.subject(), Some("alice"));
    assert_eq!(claims.audiences(), [AUDIENCE, "https://other.example"]);
    assert_eq!((claims.issued_at(), claims.not_before()), (Some(noon), Some(noon)));
    assert_eq!(claims.expires(), Some(noon.plus(secs(300))));
    assert_eq!(claims.authenticated_at(), Some(UnixTime::from_secs(NOON - 60)));
    assert_eq!(claims.id().unwrap().as_str(), "t1");
    assert_eq!(claims.client_id(), Some("web"));
    assert_eq!(claims.scopes(), Some(&"read write".parse::<Scopes>().unwrap()));
    assert_eq!(claims.actor(), Some("support"));
    assert_eq!(claims.key_id(), Some("k1"));
    assert_eq!(claims.get("tenant"), Some(&json!(7)));
    assert_eq!(claims.get("none"), None);
    let shown = format!("{claims:?}");
    assert!(shown.contains("tenant") && !shown.contains("alice"), "{shown}");
}

/// What a verifier needs not say is not there; nothing is made up.
#[test]
fn what_is_not_said_is_not_there() {
    let claims = with(json!({}), &json!({ "sub": "alice", "exp": NOON + 1 }));
    let claims = check(&JwtVerifier::new(tokens::verifying_key()), &sign(header(), claims)).unwrap();
    assert_eq!((claims.issuer(), claims.client_id(), claims.actor()), (None, None, None));
    assert_eq!((claims.issued_at(), claims.not_before(), claims.authenticated_at()), (None, None, None));
    assert!(claims.id().is_none() && claims.scopes().is_none() && claims.audiences().is_empty());
}

/// The nine kinds of JSON values that a claim might have, besides the right one.
fn nine() -> [Value; 9] {
    [
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(""),
        json!([]),
        json!({}),
        json!([1, "x", null]),
    ]
}

/// Claims in which one has this very value, even `null`.
fn put(name: &str, value: &Value) -> String {
    let mut claims = claims();
    claims[name] = value.clone();
    sign(header(), claims)
}

/// Each registered claim, nine JSON types, asked for or not, required or not.
#[test]
fn each_claim_has_one_type() {
    let mut judged = 0;
    let scope_types: Vec<_> = nine().into_iter().filter(is_list_of_text).chain([json!("")]).collect();
    for name in
        ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "auth_time", "acr", "client_id", "scope", "act"]
    {
        for value in nine() {
            for is_configured in [false, true] {
                for is_required in [false, true] {
                    let mut verifier = JwtVerifier::new(tokens::verifying_key());
                    if is_configured {
                        verifier = verifier.with_issuer(ISSUER);
                    }
                    // A token that names an audience is taken only by who knows it.
                    verifier = verifier.with_audience(AUDIENCE);
                    if is_required {
                        verifier = verifier.with_required_claims([name]);
                    } else {
                        verifier = verifier.allow_missing_expiry().allow_missing_audience();
                        verifier = verifier.allow_missing_subject().allow_missing_issuer();
                    }
                    let answer = check(&verifier, &put(name, &value));
                    judged += 1;
                    // The right types among the nine: no scope, a list of scopes, and the beginning of 1970. Some issuers
                    // write `auth_time` as text; it is judged where it is required.
                    let is_right = match (name, &value) {
                        ("scope", value) => scope_types.contains(value),
                        ("nbf" | "iat", value) => *value == json!(0),
                        ("auth_time", value) => !is_required || *value == json!(0),
                        // Some write `acr` as a number.
                        ("acr", value) => !is_required || value.as_str().is_some_and(|text| !text.is_empty()),
                        _ => false,
                    };
                    assert_eq!(answer.is_ok(), is_right, "{name} {value}: {answer:?}");
                }
            }
        }
    }
    assert_eq!(judged, 12 * 9 * 4);
}

fn is_list_of_text(value: &Value) -> bool {
    let is_word = |word: &Value| word.as_str().is_some_and(|word| !word.is_empty());
    value.as_array().is_some_and(|items| items.iter().all(is_word))
}

/// AD FS writes a date as text. It counts as missing: no log-in is recent, and nothing else depends on it.
#[test]
fn an_auth_time_of_another_type_is_judged_where_it_is_required() {
    for odd in [json!("2023-11-14T22:13:20Z"), json!("1700000000"), json!(1.5), json!(null), json!([])] {
        let claims = check(&verifier(), &put("auth_time", &odd)).unwrap();
        assert_eq!(claims.authenticated_at(), None, "{odd}");
        assert_eq!(claims.get("auth_time"), Some(&odd));
        let strict = verifier().with_required_claims(["auth_time"]);
        let error =
            strict.verify(put("auth_time", &odd), UnixTime::from_secs(NOON)).now().unwrap().unwrap_err();
        assert_eq!(error.kind(), JwtErrorKind::Claim, "{odd}");
        assert!(error.detail().unwrap().contains("`auth_time`"));
    }
}

/// RFC 9864: the name of `EdDSA` on this curve alone.
#[test]
fn ed25519_is_eddsa() {
    let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
    let verifier = JwtVerifier::new(key.verifying_key()).with_issuer(ISSUER).with_audience(AUDIENCE);
    for (alg, is_taken) in [("Ed25519", true), ("EdDSA", true), ("Ed448", false), ("ed25519", false)] {
        let header = json!({ "alg": alg, "typ": "at+jwt" }).to_string();
        let input = [header, claims().to_string()].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let signature = URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap());
        assert_eq!(check(&verifier, &format!("{input}.{signature}")).is_ok(), is_taken, "{alg}");
    }
    let jwk = key.to_jwk().unwrap().replace("EdDSA", "Ed25519");
    assert_eq!(VerifyingKey::from_jwk(jwk).unwrap().algorithm(), Algorithm::EdDSA);
}

/// The reason in the log; the responses are identical.
#[test]
fn errors_name_the_claim_the_type_and_both_issuers() {
    let detail = |verifier: &JwtVerifier, token: &str| {
        let error = verifier.verify(token, UnixTime::from_secs(NOON)).now().unwrap().unwrap_err();
        // The error itself tells nothing of the token.
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        (error.kind(), error.detail().unwrap_or_default().to_owned())
    };
    let has = |(kind, detail): (JwtErrorKind, String), expected: JwtErrorKind, words: &[&str]| {
        assert_eq!(kind, expected, "{detail}");
        assert!(words.iter().all(|word| detail.contains(word)), "{detail}");
    };
    let type_of = |typ: &str| with_header(&json!({ "typ": typ }));
    has(detail(&verifier(), &type_of("JWT")), JwtErrorKind::Type, &["`JWT`", "`at+jwt`", "with_type"]);
    let untyped = with_header(&json!({ "typ": null }));
    has(detail(&verifier(), &untyped), JwtErrorKind::Type, &["missing", "`at+jwt`"]);
    let other = put("iss", &json!("https://canary.example"));
    has(detail(&verifier(), &other), JwtErrorKind::Issuer, &["`https://canary.example`", ISSUER]);
    for name in ["sub", "client_id", "jti", "exp", "iat", "nbf", "aud", "act", "scope"] {
        let wrong = put(name, &json!({ "canary": 1 }));
        has(detail(&verifier(), &wrong), JwtErrorKind::Claim, &[&format!("`{name}`")]);
    }
    let required = verifier().with_required_claims(["tenant"]);
    has(detail(&required, &tokens::valid()), JwtErrorKind::Claim, &["`tenant`"]);
    let early = put("nbf", &json!(NOON + 60));
    has(detail(&verifier(), &early), JwtErrorKind::NotYetValid, &["`nbf`"]);
    has(detail(&verifier(), &with_header(&json!({ "jku": "canary" }))), JwtErrorKind::Header, &["`jku`"]);
    has(
        detail(&verifier(), &with_header(&json!({ "alg": "canary" }))),
        JwtErrorKind::Algorithm,
        &["`canary`"],
    );
    let long = put("own", &json!("canary".repeat(2000)));
    has(detail(&verifier(), &long), JwtErrorKind::TooLong, &[]);
    assert!(JwtError::from(JwtErrorKind::TooLong).to_string().contains("longer than 8 KiB"));
    let header = with_header(&json!({ "own": "canary".repeat(200) }));
    has(detail(&verifier(), &header), JwtErrorKind::Malformed, &["1 KiB"]);
    has(detail(&verifier(), "canary"), JwtErrorKind::Malformed, &["three parts"]);
}

/// Lists with one wrong entry, and numbers that only look like text.
#[test]
fn lists_hold_text_only() {
    for audience in [
        json!([AUDIENCE, 1]),
        json!([1, AUDIENCE]),
        json!([AUDIENCE, null]),
        json!([AUDIENCE, ""]),
        json!([[AUDIENCE]]),
        json!({ "0": AUDIENCE }),
        json!([]),
        json!(42),
    ] {
        assert_eq!(refused(&verifier(), &with_claims(&json!({ "aud": audience }))), JwtErrorKind::Claim);
    }
    for issuer in [json!([ISSUER]), json!(["evil", ISSUER]), json!({ "iss": ISSUER }), json!(7)] {
        assert_eq!(refused(&verifier(), &with_claims(&json!({ "iss": issuer }))), JwtErrorKind::Claim);
    }
    for audience in [json!(AUDIENCE), json!([AUDIENCE]), json!(["x", AUDIENCE]), json!([AUDIENCE, AUDIENCE])]
    {
        assert!(check(&verifier(), &with_claims(&json!({ "aud": audience }))).is_ok());
    }
    for actor in [json!({ "sub": 1 }), json!({ "sub": "" }), json!({ "x": "y" }), json!("support")] {
        assert_eq!(refused(&verifier(), &with_claims(&json!({ "act": actor }))), JwtErrorKind::Claim);
    }
    for id in ["a\nb", " a", &"x".repeat(256)] {
        assert_eq!(refused(&verifier(), &with_claims(&json!({ "jti": id }))), JwtErrorKind::Claim, "{id}");
    }
}

/// All 128 sets of claims that may be missing; what is configured is required, and an opt-out has a name.
#[test]
fn what_is_configured_is_required() {
    const NAMES: [&str; 7] = ["iss", "aud", "sub", "exp", "iat", "nbf", "jti"];
    type Change = fn(JwtVerifier) -> JwtVerifier;
    let opt_outs: [(&str, Change); 4] = [
        ("iss", JwtVerifier::allow_missing_issuer),
        ("aud", JwtVerifier::allow_missing_audience),
        ("sub", JwtVerifier::allow_missing_subject),
        ("exp", JwtVerifier::allow_missing_expiry),
    ];
    for bits in 0_u32..1 << NAMES.len() {
        let missing: Vec<&str> =
            NAMES.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0).map(|(_, name)| *name).collect();
        let nulls: Map<String, Value> =
            missing.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
        let token = with_claims(&Value::Object(nulls));
        for allowed in 0_u32..1 << opt_outs.len() {
            let mut verifier = verifier();
            let mut required: BTreeSet<&str> = BTreeSet::from(["iss", "aud", "sub", "exp"]);
            for (at, (name, allow)) in opt_outs.iter().enumerate() {
                if allowed & (1 << at) != 0 {
                    verifier = allow(verifier);
                    required.remove(name);
                }
            }
            let is_valid = missing.iter().all(|name| !required.contains(name));
            assert_eq!(check(&verifier, &token).is_ok(), is_valid, "{missing:?} {allowed:b}");
        }
        // Every name can be required, also beside those.
        let strict = verifier().with_required_claims(["iat", "nbf", "jti"]);
        assert_eq!(check(&strict, &token).is_ok(), missing.is_empty(), "{missing:?}");
    }
    let own = verifier().with_required_claims(["tenant"]);
    assert!(check(&own, &with_claims(&json!({ "tenant": 0 }))).is_ok());
    assert_eq!(refused(&own, &tokens::valid()), JwtErrorKind::Claim);
    assert_eq!(refused(&own, &put("tenant", &Value::Null)), JwtErrorKind::Claim);
}

/// A token with an audience is rejected without a configured audience.
#[test]
fn an_unexpected_audience_is_rejected() {
    let open = JwtVerifier::new(tokens::verifying_key());
    assert_eq!(refused(&open, &tokens::valid()), JwtErrorKind::Audience);
    assert!(check(&open, &with_claims(&json!({ "aud": null }))).is_ok());
    assert_eq!(refused(&open.allow_missing_audience(), &tokens::valid()), JwtErrorKind::Audience);
    let both = verifier().with_audience("https://second.example");
    assert!(check(&both, &tokens::valid()).is_ok());
    assert!(check(&both, &with_claims(&json!({ "aud": "https://second.example" }))).is_ok());
}

/// The edges of time, in seconds from noon.
#[test]
fn time_has_sharp_edges() {
    let verifier = verifier();
    for (name, offset, is_valid) in [
        ("exp", -3600, false),
        ("exp", -1, false),
        ("exp", 0, false),
        ("exp", 1, true),
        ("nbf", -3600, true),
        ("nbf", 0, true),
        ("nbf", 30, true),
        ("nbf", 31, false),
        ("nbf", 3600, false),
        ("iat", 30, true),
        ("iat", 31, false),
        ("auth_time", 30, true),
        ("auth_time", 31, false),
    ] {
        let time = NOON.checked_add_signed(offset).unwrap();
        let answer = check(&verifier, &with_claims(&json!({ name: time })));
        assert_eq!(answer.is_ok(), is_valid, "{name} {offset}");
        if let Err(kind) = answer {
            let expected = if name == "exp" { JwtErrorKind::Expired } else { JwtErrorKind::NotYetValid };
            assert_eq!(kind, expected, "{name} {offset}");
        }
    }
    let lenient = verifier.clone().with_expiry_leeway(secs(60)).unwrap().with_leeway(secs(0)).unwrap();
    for (name, offset, is_valid) in
        [("exp", -60, false), ("exp", -59, true), ("nbf", 0, true), ("nbf", 1, false), ("iat", 1, false)]
    {
        let time = NOON.checked_add_signed(offset).unwrap();
        assert_eq!(
            check(&lenient, &with_claims(&json!({ name: time }))).is_ok(),
            is_valid,
            "{name} {offset}"
        );
    }
    for leeway in [301, 3600, u64::MAX] {
        assert_eq!(
            verifier.clone().with_leeway(secs(leeway)).unwrap_err().kind(),
            JwtConfigErrorKind::Leeway
        );
        let error = verifier.clone().with_expiry_leeway(secs(leeway)).unwrap_err();
        assert_eq!(error.kind(), JwtConfigErrorKind::Leeway);
        let policy = || BearerJwt::new(tokens::verifying_key());
        assert!(
            policy().with_leeway(secs(leeway)).is_err() && policy().with_expiry_leeway(secs(leeway)).is_err()
        );
    }
    assert!(verifier.with_leeway(secs(300)).is_ok());
}

/// Only integers from 0 to 2^53 are dates, in any spelling of the number, at any time of the clock.
#[test]
fn only_integers_are_dates() {
    const MAX: u64 = 1 << 53;
    for name in ["exp", "nbf", "iat", "auth_time"] {
        for text in [
            "-1",
            "-0",
            "1.0",
            "1700000300.0",
            "1.7e9",
            "1e3",
            "1E400",
            "9007199254740993",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "\"1700000300\"",
            "NaN",
            "Infinity",
            "0x10",
            "01",
            "1_000",
            "170141183460469231731687303715884105727",
            "-170141183460469231731687303715884105728",
        ] {
            let mut members: Vec<String> = claims()
                .as_object()
                .unwrap()
                .iter()
                .filter(|(key, _)| *key != name)
                .map(|(key, value)| format!("\"{key}\":{value}"))
                .collect();
            members.push(format!("\"{name}\":{text}"));
            let token = sign(header(), format!("{{{}}}", members.join(",")));
            for now in [0, NOON, u64::MAX] {
                let answer = at(&verifier(), now, &token);
                // An `auth_time` that is not a date counts as missing.
                let counts_as_missing = name == "auth_time"
                    && answer.as_ref().is_ok_and(|claims| claims.authenticated_at().is_none());
                assert!(answer.is_err() || counts_as_missing, "{name} {text} {now}");
            }
        }
    }
    let late = with_claims(&json!({ "exp": MAX, "nbf": 0, "iat": 0 }));
    for (now, is_valid) in [(0, true), (NOON, true), (MAX - 1, true), (MAX, false), (u64::MAX, false)] {
        assert_eq!(at(&verifier(), now, &late).is_ok(), is_valid, "{now}");
    }
    let lenient = verifier().with_leeway(secs(300)).unwrap().with_expiry_leeway(secs(300)).unwrap();
    assert!(at(&lenient, u64::MAX, &late).is_err());
}

/// A member that is there twice, whichever would have counted.
#[test]
fn a_member_is_there_once() {
    let twice = |object: &Value, more: &str| {
        let text = object.to_string();
        format!("{},{more}}}", text.strip_suffix('}').unwrap())
    };
    for more in [
        r#""exp":9999999999"#,
        r#""sub":"bob""#,
        r#""\u0073ub":"bob""#,
        r#""x":1,"x":2"#,
        r#""y":{"z":1,"z":1}"#,
    ] {
        assert_eq!(
            refused(&verifier(), &sign(header(), twice(&claims(), more))),
            JwtErrorKind::Claim,
            "{more}"
        );
    }
    for more in [r#""alg":"HS256""#, r#""kid":"k1""#, r#""\u0074yp":"at+jwt""#, r#""x":1,"x":1"#] {
        assert_eq!(
            refused(&verifier(), &sign(twice(&header(), more), claims())),
            JwtErrorKind::Malformed,
            "{more}"
        );
    }
}

/// ASVS 1.5.3: the application's type is read from the members that were checked.
#[test]
fn the_applications_type_sees_what_was_checked() {
    #[derive(serde::Deserialize)]
    struct Own {
        sub: String,
        exp: u64,
        role: String,
    }
    let claims = check(&verifier(), &with_claims(&json!({ "role": "user" }))).unwrap();
    let own: Own = claims.deserialize().unwrap();
    assert_eq!((Some(own.sub.as_str()), own.exp, own.role.as_str()), (claims.subject(), NOON + 300, "user"));
    assert!(check(&verifier(), &tokens::valid()).unwrap().deserialize::<Own>().is_err());
}

#[test]
fn a_token_that_is_bound_to_a_key_is_refused() {
    for value in
        [json!({ "jkt": "AAAA" }), json!({ "x5t#S256": "AAAA" }), json!({ "jwk": {} }), json!({}), json!("x")]
    {
        assert_eq!(refused(&verifier(), &with_claims(&json!({ "cnf": value }))), JwtErrorKind::Confirmation);
    }
    assert_eq!(refused(&verifier(), &put("cnf", &Value::Null)), JwtErrorKind::Confirmation);
}

/// Names that nearly are the issuer's.
#[test]
fn a_near_miss_is_a_miss() {
    let near = [
        "https://issuer.example/",
        "https://issuer.exampl",
        "https://issuer.example.evil",
        "http://issuer.example",
        "HTTPS://issuer.example",
        "https://ISSUER.example",
        "https://issuer.example:443",
        "https://issuer.example ",
        " https://issuer.example",
        "https://issuer.example#",
        "https://issuer.example?",
        "https://user@issuer.example",
        "https://issuer.example/x",
        "issuer.example",
        "https://issuer.example\u{0}",
        "https://issuer.example\n",
        "https://issuer\u{2024}example",
        "https://\u{456}ssuer.example",
        "https://issuer.example.",
        "https:issuer.example",
        "https://issuer.example,https://evil.example",
        "*",
    ];
    assert!(near.len() >= 20);
    for issuer in near {
        assert_eq!(
            refused(&verifier(), &with_claims(&json!({ "iss": issuer }))),
            JwtErrorKind::Issuer,
            "{issuer}"
        );
        let audience = issuer.replace("issuer", "api");
        assert_eq!(
            refused(&verifier(), &with_claims(&json!({ "aud": audience }))),
            JwtErrorKind::Audience,
            "{audience}"
        );
    }
    let two = verifier().with_issuer("https://second.example");
    assert!(check(&two, &with_claims(&json!({ "iss": "https://second.example" }))).is_ok());
    assert!(check(&two, &tokens::valid()).is_ok());
}

#[test]
fn scopes_are_words() {
    let scopes =
        |changes: Value| check(&verifier(), &with_claims(&changes)).map(|claims| claims.scopes().cloned());
    let set = |text: &str| Ok(Some(text.parse::<Scopes>().unwrap()));
    assert_eq!(scopes(json!({ "scope": "readonly write" })), set("write readonly"));
    assert_eq!(scopes(json!({})), Ok(None));
    // Spring Authorization Server and IdentityServer write a list.
    assert_eq!(scopes(json!({ "scope": ["write", "readonly"] })), set("write readonly"));
    assert_eq!(scopes(json!({ "scope": [] })), Ok(Some(Scopes::none())));
    for wrong in [
        json!("a  b"),
        json!(" a"),
        json!("a "),
        json!("a\tb"),
        json!("a\"b"),
        json!("é"),
        json!(["a b"]),
        json!([""]),
        json!({}),
        json!(7),
    ] {
        assert_eq!(scopes(json!({ "scope": wrong })), Err(JwtErrorKind::Claim), "{wrong}");
    }
    let other = verifier().with_scope_claim("scp");
    let scopes =
        |changes: Value| check(&other, &with_claims(&changes)).map(|claims| claims.scopes().cloned());
    assert_eq!(scopes(json!({ "scp": ["a", "b"], "scope": "c" })), set("a b"));
    assert_eq!(scopes(json!({ "scp": "a b" })), set("a b"));
    assert_eq!(scopes(json!({ "scp": [] })), Ok(Some(Scopes::none())));
    for wrong in [json!(["a b"]), json!([1]), json!([""]), json!({}), json!([["a"]]), json!(null)] {
        let answer = if wrong.is_null() {
            check(&other, &put("scp", &wrong)).map(|_| None)
        } else {
            scopes(json!({ "scp": wrong }))
        };
        assert_eq!(answer, Err(JwtErrorKind::Claim), "{wrong}");
    }
    // What is not read is not judged.
    assert_eq!(scopes(json!({ "scp": ["a"], "scope": 7 })), set("a"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Scopes are the set of words; nothing is a part of a word.
    #[test]
    fn scopes_are_the_set_of_their_words(words in prop::collection::vec("[a-c:]{1,3}", 0..6), asked in "[a-c:]{1,3}") {
        let claims = check(&verifier(), &with_claims(&json!({ "scope": words.join(" ") }))).unwrap();
        let model: BTreeSet<&str> = words.iter().map(String::as_str).collect();
        prop_assert_eq!(claims.scopes().unwrap().contains(&asked), model.contains(asked.as_str()));
        prop_assert_eq!(claims.scopes().unwrap().iter().collect::<BTreeSet<_>>(), model);
    }
}

/// P14: the same rules, written down once more in the simplest form.
fn reference(claims: &Value, now: u64) -> bool {
    let Some(claims) = claims.as_object() else { return false };
    let text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let date = |value: &Value| value.as_u64().is_some_and(|time| time <= 1 << 53);
    for name in ["iss", "sub", "client_id", "jti"] {
        if claims.get(name).is_some_and(|value| !text(value)) {
            return false;
        }
    }
    for name in ["exp", "nbf", "iat"] {
        if claims.get(name).is_some_and(|value| !date(value)) {
            return false;
        }
    }
    for name in ["nbf", "iat", "auth_time"] {
        let time = claims.get(name).filter(|value| date(value)).and_then(Value::as_u64);
        if time.is_some_and(|time| time > now + 30) {
            return false;
        }
    }
    let visible = |value: &Value| {
        let text = value.as_str().unwrap();
        text.len() <= 255 && text.trim() == text && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
    };
    if claims.get("jti").is_some_and(|id| !visible(id)) || claims.contains_key("cnf") {
        return false;
    }
    if claims.get("exp").is_none_or(|exp| exp.as_u64().unwrap() <= now) || !claims.contains_key("sub") {
        return false;
    }
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| (0x21..0x7f).contains(&b) && b != b'"' && b != b'\\')
    };
    let is_scope = |value: &Value| match value {
        Value::String(text) => text.is_empty() || text.split(' ').all(is_word),
        Value::Array(words) => words.iter().all(|word| word.as_str().is_some_and(is_word)),
        _ => false,
    };
    if claims.get("scope").is_some_and(|value| !is_scope(value)) {
        return false;
    }
    if claims.get("act").is_some_and(|act| !act.get("sub").is_some_and(text)) {
        return false;
    }
    let audiences = match claims.get("aud") {
        Some(Value::String(one)) => vec![json!(one)],
        Some(Value::Array(many)) => many.clone(),
        _ => return false,
    };
    audiences.iter().all(text)
        && audiences.contains(&json!(AUDIENCE))
        && claims.get("iss") == Some(&json!(ISSUER))
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (NOON - 60..NOON + 60).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~]{0,8}".prop_map(Value::from),
        Just(json!(ISSUER)),
        Just(json!(AUDIENCE)),
        Just(json!("a b")),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            inner.prop_map(|sub| json!({ "sub": sub })),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// P14: good claims with up to three of them replaced or taken away.
    #[test]
    fn the_decision_is_that_of_the_reference(
        changes in prop::collection::btree_map(
            prop::sample::select(vec![
                "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "auth_time", "client_id", "scope", "act", "cnf", "own",
            ]),
            prop::option::weighted(0.85, any_json()),
            0..4,
        ),
        now in NOON - 60..NOON + 400,
    ) {
        let mut claims = claims();
        for (name, value) in changes {
            match value {
                Some(value) => claims[name] = value,
                None => drop(claims.as_object_mut().unwrap().remove(name)),
            }
        }
        let answer = at(&verifier(), now, &sign(header(), &claims));
        prop_assert_eq!(answer.is_ok(), reference(&claims, now), "{} at {}: {:?}", claims, now, answer);
    }

    /// No date of any size and no clock makes it stop.
    #[test]
    fn any_number_is_judged(number in any::<i128>(), now in any::<u64>(), name in prop::sample::select(vec!["exp", "nbf", "iat", "auth_time"])) {
        let rest = with(claims(), &json!({ name: null })).to_string();
        let token = sign(header(), format!("{},\"{name}\":{number}}}", rest.strip_suffix('}').unwrap()));
        let answer = at(&verifier(), now, &token);
        prop_assert!(answer.is_err() || (0..=1 << 53).contains(&number));
    }
}
