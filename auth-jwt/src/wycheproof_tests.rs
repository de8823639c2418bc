//! Runs the JOSE test vectors of Project Wycheproof (C2SP/wycheproof); those of single algorithms are in
//! `tests/identities/wycheproof.rs`.
//!
//! Differences from the labels are listed with reasons. A listed vector that begins to agree fails the test,
//! like any other difference.

use wycheproof_ng_kdf_jose::json_web::{Test, TestGroup, TestName, TestSet};

use super::{KeySet, KeySource, VerifyingKey, compact_serialization::Compact, jose_header::Header};
use auth_identity::clock::UnixTime;

const DIFFERENT_ALGORITHM: &str = "the key says PS256, the header PS384: a key is for one algorithm";
const P_521: &str = "ES512 is not offered, and no algorithm is called ES521";
const NOT_BASE64URL: &str = "labelled valid although a `?` stands inside a part";
const SAME_AS_VALID: &str = "labelled invalid, but byte for byte the valid vector 357";
const ENCRYPTED: &str = "an encrypted token: not a signature";

const SIGNATURE_EXCEPTIONS: [(usize, &str); 8] = [
    (346, DIFFERENT_ALGORITHM),
    (347, P_521),
    (350, DIFFERENT_ALGORITHM),
    (351, P_521),
    (367, SAME_AS_VALID),
    (370, SAME_AS_VALID),
    (372, NOT_BASE64URL),
    (373, NOT_BASE64URL),
];
const CRYPTO_EXCEPTIONS: [(usize, &str); 2] = [(50, ENCRYPTED), (67, ENCRYPTED)];

/// Parses one or several keys, public or secret; none if they are rejected.
fn keys_of(group: &TestGroup) -> Option<Box<dyn KeySource>> {
    let (keys, is_public) = match (&group.public_key, &group.private_key) {
        (Some(public), _) => (public, true),
        (None, secret) => (secret.as_ref()?, false),
    };
    let text = keys.to_string();
    Some(match (keys.get("keys").is_some(), is_public) {
        (true, true) => Box::new(KeySet::from_jwks(text).ok()?),
        (true, false) => Box::new(KeySet::from_secret_jwks(text).ok()?),
        (false, _) => Box::new(VerifyingKey::from_jwk(text).ok()?),
    })
}

/// Returns the token of a vector. The JSON serialization is stored as an object.
fn token_of(test: &Test) -> String {
    let token = test.jws.as_ref().or(test.jwe.as_ref()).unwrap();
    token.as_str().map_or_else(|| token.to_string(), str::to_owned)
}

/// The checks of a token before its claims.
fn verifies(keys: &dyn KeySource, token: &str) -> bool {
    let Ok(token) = Compact::parse(token) else {
        return false;
    };
    let Ok(header) = token.header().map_err(drop).and_then(|header| Header::read(&header).map_err(drop))
    else {
        return false;
    };
    let found = keys.find(header.kid.as_deref(), header.algorithm, UnixTime::default()).now();
    found.unwrap().unwrap().verify(token.signing_input, &token.signature).is_some()
}

/// Runs a set: this number of vectors agree with their labels, and all others are the exceptions.
fn run(name: TestName, agreeing: usize, exceptions: &[(usize, &str)]) {
    let set = TestSet::load(name).unwrap();
    let (mut agreed, mut differing) = (Vec::new(), Vec::new());
    for group in &set.test_groups {
        let keys = keys_of(group);
        for test in &group.tests {
            let accepted = keys.as_deref().is_some_and(|keys| verifies(keys, &token_of(test)));
            let as_labelled = accepted != test.result.must_fail();
            if as_labelled { agreed.push(test.tc_id) } else { differing.push(test.tc_id) }
        }
    }
    let expected: Vec<usize> = exceptions.iter().map(|(id, _)| *id).collect();
    assert_eq!(differing, expected, "{name:?}, exceptions: {exceptions:?}");
    assert_eq!(agreed.len(), agreeing, "{name:?}");
}

#[test]
fn json_web_signature() {
    run(TestName::JsonWebSignature, 393, &SIGNATURE_EXCEPTIONS);
}

#[test]
fn json_web_key() {
    run(TestName::JsonWebKey, 26, &[]);
}

#[test]
fn json_web_crypto() {
    run(TestName::JsonWebCrypto, 81, &CRYPTO_EXCEPTIONS);
}

/// An encrypted token is never accepted as a signed one, whether its label is valid or not.
#[test]
fn json_web_encryption() {
    let set = TestSet::load(TestName::JsonWebEncryption).unwrap();
    let tests: Vec<&Test> = set.test_groups.iter().flat_map(|group| &group.tests).collect();
    assert_eq!(tests.len(), 139);
    for test in tests {
        assert!(Compact::parse(&token_of(test)).is_err(), "vector {}: {}", test.tc_id, test.comment);
    }
}
