//! JWTs: with a valid signature over fuzzed content, and as fuzzed text.

use auth_runtime::{
    clock::UnixTime,
    identity::{CredentialId, Scopes},
    jwt::{JwtVerifier, SigningKey, VerifiedClaims},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::{json::Tree, request_parts::NOON};

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "https://api.example";

/// Two lines are a header and claims, which are signed: the token is accepted exactly if the reference rules
/// in this file accept it. One line is a token: it is accepted only with our signature and in its canonical
/// spelling.
pub fn check(bytes: &[u8]) -> bool {
    let key = SigningKey::hs256(b"0123456789-0123456789-0123456789").unwrap();
    let verifier = JwtVerifier::new(key.verifying_key()).with_issuer(ISSUER).with_audience(AUDIENCE);
    let verify = |token: &str| verifier.verify(token, NOON).now().expect("the key is at hand").ok();

    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
        let Ok(token) = std::str::from_utf8(bytes) else { return false };
        let Some(claims) = verify(token) else { return false };
        let (input, signature) = token.rsplit_once('.').unwrap();
        assert_eq!(signature, URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap()));
        let (header, payload) = input.split_once('.').unwrap();
        let [header, payload] = [header, payload].map(|part| {
            let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
            assert_eq!(URL_SAFE_NO_PAD.encode(&bytes), part);
            bytes
        });
        assert!(is_valid(&header, &payload));
        same(&claims, &payload);
        return true;
    };
    let (header, payload) = (&bytes[..end], &bytes[end + 1..]);
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap()));
    let claims = verify(&token);
    let fits = token.len() <= 8192 && URL_SAFE_NO_PAD.encode(header).len() <= 1024;
    assert_eq!(claims.is_some(), fits && is_valid(header, payload), "{token}");
    if let Some(claims) = &claims {
        same(claims, payload);
        // Signed by another key.
        let other = SigningKey::hs256(b"another-0123456789-0123456789-01").unwrap();
        assert!(
            verify(&format!("{input}.{}", URL_SAFE_NO_PAD.encode(other.sign(input.as_bytes()).unwrap())))
                .is_none()
        );
    }
    claims.is_some()
}

/// The claims that a handler sees are the validated ones.
fn same(claims: &VerifiedClaims, payload: &[u8]) {
    let object: Map<String, Value> = serde_json::from_slice(payload).unwrap();
    for (name, value) in &object {
        assert_eq!(claims.get(name), Some(value));
    }
    assert_eq!(claims.subject(), object["sub"].as_str());
    assert_eq!(claims.expires().map(UnixTime::as_secs), object["exp"].as_u64());
}

fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    Tree::parse(bytes).filter(Tree::is_strict_object)?;
    serde_json::from_slice(bytes).ok()
}

fn is_valid(header: &[u8], payload: &[u8]) -> bool {
    object(header).is_some_and(|header| is_header(&header))
        && object(payload).is_some_and(|claims| is_claims(&claims))
}

/// RFC 7515, section 4.1, with RFC 8725, sections 3.1 and 3.11.
fn is_header(header: &Map<String, Value>) -> bool {
    let refused =
        ["jwk", "jku", "x5u", "x5c", "crit", "b64", "cty", "enc", "zip", "epk", "apu", "apv", "p2c", "p2s"];
    let kid = match header.get("kid") {
        None => true,
        Some(kid) => kid.as_str().is_some_and(|kid| (1..=256).contains(&kid.len())),
    };
    let typ = header.get("typ").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    !refused.iter().any(|name| header.contains_key(*name))
        && header.get("alg") == Some(&Value::from("HS256"))
        && kid
        && (typ == "at+jwt" || typ == "application/at+jwt")
}

/// RFC 7519, section 4.1; RFC 8693, section 4; RFC 9068, section 2.2.
fn is_claims(claims: &Map<String, Value>) -> bool {
    let text =
        |name: &str| claims.get(name).is_none_or(|value| value.as_str().is_some_and(|text| !text.is_empty()));
    let time = |name: &str, limit: u64| {
        claims
            .get(name)
            .is_none_or(|value| value.as_u64().is_some_and(|time| time <= limit && time <= 1 << 53))
    };
    let now = NOON.as_secs();
    let audience = match claims.get("aud") {
        Some(Value::Array(names)) => {
            names.iter().all(|name| name.as_str().is_some_and(|name| !name.is_empty()))
                && names.contains(&Value::from(AUDIENCE))
        }
        other => other == Some(&Value::from(AUDIENCE)),
    };
    let scope = match claims.get("scope") {
        None => true,
        Some(Value::String(scope)) => scope.parse::<Scopes>().is_ok(),
        Some(Value::Array(words)) => {
            let words: Option<Vec<_>> = words.iter().map(Value::as_str).collect();
            words.is_some_and(|words| Scopes::new(words).is_ok())
        }
        Some(_) => false,
    };
    // An invalid `auth_time` counts as missing where nothing requires it.
    let auth_time = claims.get("auth_time").and_then(Value::as_u64).filter(|time| *time <= 1 << 53);
    let actor = claims
        .get("act")
        .is_none_or(|actor| actor.get("sub").and_then(Value::as_str).is_some_and(|sub| !sub.is_empty()));
    let id = claims.get("jti").is_none_or(|id| id.as_str().is_some_and(|id| CredentialId::new(id).is_ok()));
    !claims.contains_key("cnf")
        && ["client_id", "sub", "iss"].into_iter().all(text)
        && claims.contains_key("sub")
        && claims.get("iss") == Some(&Value::from(ISSUER))
        && time("exp", u64::MAX)
        && claims.get("exp").and_then(Value::as_u64).is_some_and(|end| end > now)
        && ["nbf", "iat"].into_iter().all(|name| time(name, now + 30))
        && auth_time.is_none_or(|time| time <= now + 30)
        && audience
        && scope
        && actor
        && id
}
