//! Checks the claims of an `id_token` besides its signature and times, as a pure function (`OpenID` Connect
//! Core 1.0 section 3.1.3.7).
//!
//! Points 1 and 6 to 10 (signature, algorithm, `exp`, `iat`) and the presence of `iss`, `sub` and `aud` are
//! checked by
//! [`JwtVerifier`](auth_runtime::jwt::JwtVerifier) before.

use std::time::Duration;

use auth_runtime::clock::UnixTime;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;

/// How far the provider's clock may be off.
pub(crate) const LEEWAY: Duration = Duration::from_mins(1);
/// How old an `id_token` may be that comes in response to a code.
const MAX_AGE: Duration = Duration::from_mins(10);
/// The longest subject, in bytes (section 2).
const MAX_SUBJECT: usize = 255;

/// What the claims must say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'a> {
    /// The issuer for these very claims; `None` if no issuer is right
    pub(crate) issuer: Option<&'a str>,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    /// The provider repeats the nonce
    pub(crate) is_nonce_echoed: bool,
    /// The `max_age` of the authorization request, in seconds
    pub(crate) max_age: Option<u64>,
    /// The authentication contexts of which the claim must name one; empty if each is accepted
    pub(crate) acr_values: &'a [String],
    pub(crate) access_token: &'a str,
    pub(crate) code: &'a str,
    pub(crate) now: UnixTime,
}

/// Checks claims whose signature was verified. `header` is the token's first part, decoded.
///
/// # Errors
///
/// Returns the name of the first claim that is wrong.
pub(crate) fn check(
    claims: &Map<String, Value>,
    header: &Value,
    expected: &Expected<'_>,
) -> Result<(), &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let ok = |is_good: bool, name: &'static str| if is_good { Ok(()) } else { Err(name) };
    ok(text("iss").is_some() && text("iss") == expected.issuer, "iss")?;
    let subject = text("sub").unwrap_or_default();
    ok(!subject.is_empty() && subject.len() <= MAX_SUBJECT, "sub")?;
    ok(is_audience(claims.get("aud"), expected.client_id), "aud")?;
    ok(claims.get("azp").is_none_or(|azp| azp.as_str() == Some(expected.client_id)), "azp")?;
    let issued = claims.get("iat").and_then(Value::as_u64).map(UnixTime::from_secs);
    ok(issued.is_some_and(|issued| issued.plus(MAX_AGE) >= expected.now), "iat")?;
    match claims.get("nonce") {
        None => ok(!expected.is_nonce_echoed, "nonce")?,
        Some(nonce) => {
            let nonce = nonce.as_str().unwrap_or_default();
            ok(nonce.as_bytes().ct_eq(expected.nonce.as_bytes()).into(), "nonce")?;
        }
    }
    if let Some(max_age) = expected.max_age {
        let authenticated = claims.get("auth_time").and_then(Value::as_u64).map(UnixTime::from_secs);
        let is_recent = authenticated.is_some_and(|time| {
            expected.now.since(time) <= Duration::from_secs(max_age).saturating_add(LEEWAY)
        });
        ok(is_recent, "auth_time")?;
    }
    let is_named = |acr: &str| expected.acr_values.iter().any(|value| value == acr);
    ok(expected.acr_values.is_empty() || text("acr").is_some_and(is_named), "acr")?;
    // Neither is required in the code flow; a wrong one is a token for another access token or code.
    let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or_default();
    for (name, value) in [("at_hash", expected.access_token), ("c_hash", expected.code)] {
        let Some(hash) = claims.get(name) else { continue };
        let is_equal = half_hash(algorithm, value).is_some_and(|right| hash.as_str() == Some(right.as_str()));
        ok(is_equal, name)?;
    }
    Ok(())
}

/// Points 3 to 5: this client is an audience, and there is no other that would have to be trusted.
fn is_audience(audience: Option<&Value>, client_id: &str) -> bool {
    match audience {
        Some(Value::String(text)) => text == client_id,
        Some(Value::Array(all)) => !all.is_empty() && all.iter().all(|one| one.as_str() == Some(client_id)),
        _ => false,
    }
}

/// Returns the left half of the hash of an access token or code (sections 3.1.3.6 and 3.3.2.11), by the
/// algorithm of the signature.
pub(crate) fn half_hash(algorithm: &str, text: &str) -> Option<String> {
    let hash = match algorithm {
        "EdDSA" | "Ed25519" => Sha512::digest(text).to_vec(),
        name if name.ends_with("256") => Sha256::digest(text).to_vec(),
        name if name.ends_with("384") => Sha384::digest(text).to_vec(),
        name if name.ends_with("512") => Sha512::digest(text).to_vec(),
        _ => return None,
    };
    let half = hash.get(..hash.len() / 2)?;
    Some(BASE64_URL_SAFE_NO_PAD.encode(half))
}

/// Decodes the header of a token.
pub(crate) fn header(token: &str) -> Value {
    let part = token.split('.').next().unwrap_or_default();
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: u64 = 1_700_000_000;
    const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    const CODE: &str = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";

    fn expected<'a>() -> Expected<'a> {
        Expected {
            issuer: Some("https://op.example"),
            client_id: "me",
            nonce: "n",
            is_nonce_echoed: true,
            max_age: None,
            acr_values: &[],
            access_token: ACCESS_TOKEN,
            code: CODE,
            now: UnixTime::from_secs(NOW),
        }
    }

    fn claims() -> Value {
        json!({"iss": "https://op.example", "sub": "alice", "aud": "me", "iat": NOW, "nonce": "n"})
    }

    fn judge_with(changes: &Value, expected: &Expected<'_>) -> Result<(), &'static str> {
        let mut claims = claims();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        check(claims.as_object().unwrap(), &json!({"alg": "RS256"}), expected)
    }

    fn judge(changes: &Value) -> Result<(), &'static str> {
        judge_with(changes, &expected())
    }

    #[test]
    fn an_id_token_of_another_issuer_is_rejected() {
        assert_eq!(judge(&json!({})), Ok(()));
        for iss in
            [json!("https://op.example/"), json!("https://OP.example"), json!(""), json!(null), json!(7)]
        {
            assert_eq!(judge(&json!({ "iss": iss })), Err("iss"), "{iss}");
        }
        assert_eq!(judge_with(&json!({}), &Expected { issuer: None, ..expected() }), Err("iss"));
        assert_eq!(judge_with(&json!({"iss": null}), &Expected { issuer: None, ..expected() }), Err("iss"));
    }

    #[test]
    fn an_id_token_for_another_client_is_rejected() {
        for (changes, answer) in [
            (json!({"aud": "you"}), Err("aud")),
            (json!({"aud": ["you"]}), Err("aud")),
            (json!({"aud": []}), Err("aud")),
            (json!({"aud": ""}), Err("aud")),
            (json!({"aud": null}), Err("aud")),
            (json!({"aud": {"me": 1}}), Err("aud")),
            (json!({"aud": ["me", 7]}), Err("aud")),
            (json!({"aud": ["me", "you"]}), Err("aud")),
            (json!({"aud": ["me", "you"], "azp": "me"}), Err("aud")),
            (json!({"aud": ["me"]}), Ok(())),
            (json!({"azp": "you"}), Err("azp")),
            (json!({"azp": 7}), Err("azp")),
            (json!({"azp": ""}), Err("azp")),
            (json!({"azp": "me"}), Ok(())),
        ] {
            assert_eq!(judge(&changes), answer, "{changes}");
        }
    }

    #[test]
    fn a_replayed_id_token_is_rejected() {
        for nonce in [json!("m"), json!(""), json!(null), json!(7), json!("n ")] {
            assert_eq!(judge(&json!({ "nonce": nonce })), Err("nonce"), "{nonce}");
        }
        let silent = Expected { is_nonce_echoed: false, ..expected() };
        assert_eq!(judge_with(&json!({"nonce": null}), &silent), Ok(()));
        assert_eq!(
            judge_with(&json!({"nonce": "m"}), &silent),
            Err("nonce"),
            "a wrong one is never accepted"
        );
        for (iat, answer) in [
            (json!(NOW - 600), Ok(())),
            (json!(NOW - 601), Err("iat")),
            (json!(null), Err("iat")),
            (json!("now"), Err("iat")),
        ] {
            assert_eq!(judge(&json!({ "iat": iat })), answer, "{iat}");
        }
    }

    #[test]
    fn a_subject_must_be_there() {
        for sub in [json!(""), json!(null), json!(7), json!("x".repeat(256))] {
            assert_eq!(judge(&json!({ "sub": sub })), Err("sub"), "{sub}");
        }
    }

    // The vector of Core 1.0 appendix A.3.
    #[test]
    fn a_wrong_c_hash_is_rejected() {
        assert_eq!(judge(&json!({"c_hash": "LDktKdoQak3Pk0cnXxCltA"})), Ok(()));
        for hash in [json!("77QmUPtjPfzWtF2AnpK9RQ"), json!(""), json!("LDktKdoQak3Pk0cnXxCltA=="), json!(7)]
        {
            assert_eq!(judge(&json!({ "c_hash": hash })), Err("c_hash"), "{hash}");
        }
    }

    // The vector of Core 1.0 appendix A.3.
    #[test]
    fn a_wrong_at_hash_is_rejected() {
        assert_eq!(judge(&json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"})), Ok(()));
        for hash in [json!("LDktKdoQak3Pk0cnXxCltA"), json!(""), json!(7), json!("77QmUPtjPfzWtF2AnpK9RQ==")]
        {
            assert_eq!(judge(&json!({ "at_hash": hash })), Err("at_hash"), "{hash}");
        }
        assert_eq!(half_hash("ES384", "a").unwrap().len(), 32);
        assert_eq!(half_hash("EdDSA", "a").unwrap().len(), 43);
        assert_eq!(half_hash("none", "a"), None);
    }

    #[test]
    fn a_login_that_is_too_old_or_too_weak_is_rejected() {
        let recent = Expected { max_age: Some(300), ..expected() };
        for (time, answer) in [
            (json!(NOW), Ok(())),
            (json!(NOW - 360), Ok(())),
            (json!(NOW - 361), Err("auth_time")),
            (json!(null), Err("auth_time")),
            (json!("1700000000"), Err("auth_time")),
        ] {
            assert_eq!(judge_with(&json!({ "auth_time": time }), &recent), answer, "{time}");
        }
        let now = Expected { max_age: Some(0), ..expected() };
        assert_eq!(judge_with(&json!({"auth_time": NOW - 61}), &now), Err("auth_time"));
        let values = ["gold".to_owned(), "silver".to_owned()];
        let strong = Expected { acr_values: &values, ..expected() };
        for (acr, answer) in [
            (json!("gold"), Ok(())),
            (json!("silver"), Ok(())),
            (json!("bronze"), Err("acr")),
            (json!(null), Err("acr")),
            (json!(["gold"]), Err("acr")),
        ] {
            assert_eq!(judge_with(&json!({ "acr": acr }), &strong), answer, "{acr}");
        }
    }
}
