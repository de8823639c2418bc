//! Validates the claims of an `id_token` that protect a log-in (`OpenID` Connect Core section 3.1.3.7).

use std::time::{Duration, SystemTime};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::introspection::OneOrMany;
use crate::{Error, untrusted_json};

/// The accepted clock skew.
const LEEWAY: Duration = Duration::from_mins(1);

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: OneOrMany,
    #[serde(default)]
    azp: Option<String>,
    exp: u64,
    #[serde(default)]
    nonce: Option<String>,
}

/// The expected claims.
pub(super) struct Expected<'a> {
    pub(super) issuer: Option<&'a str>,
    pub(super) client: &'a str,
    pub(super) nonce: &'a SecretString,
    pub(super) now: SystemTime,
}

/// Validates the claims. The signature is not verified: the token comes directly from the token endpoint over
/// TLS (section 3.1.3.7, point 6).
pub(super) fn check(token: &SecretString, expected: &Expected<'_>) -> Result<(), Error> {
    let wrong = |what: &str| Error::protocol(format!("the id_token's {what}"));
    let payload = token.expose_secret().split('.').nth(1).unwrap_or_default();
    let claims: Claims = BASE64_URL_SAFE_NO_PAD
        .decode(payload)
        .ok()
        .and_then(|text| untrusted_json::object(&text).ok())
        .ok_or_else(|| wrong("claims cannot be read"))?;
    if expected.issuer.is_some_and(|issuer| issuer != claims.iss) {
        return Err(wrong("`iss` names another issuer"));
    }
    let audience = claims.aud.into_vec();
    if !audience.iter().any(|client| client == expected.client) {
        return Err(wrong("`aud` names another client"));
    }
    if claims.azp.as_deref().map_or(audience.len() > 1, |azp| azp != expected.client) {
        return Err(wrong("`azp` is missing or names another client"));
    }
    let end = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(claims.exp).saturating_add(LEEWAY));
    if end.is_some_and(|end| end <= expected.now) {
        return Err(wrong("`exp` is past"));
    }
    let nonce = claims.nonce.unwrap_or_default();
    if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.expose_secret().as_bytes())) {
        return Err(wrong("`nonce` is not the one of this log-in"));
    }
    Ok(())
}

#[cfg(any(fuzzing, test))]
impl super::AuthorizationCode {
    /// Accepted claims are for this client, issuer and log-in, and have not expired.
    pub(crate) fn fuzz_id_token(claims: &[u8]) -> bool {
        let now =
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1000)).unwrap_or(SystemTime::UNIX_EPOCH);
        let nonce = SecretString::from("n");
        let expected = Expected { issuer: Some("https://a.example"), client: "me", nonce: &nonce, now };
        let token = format!("e30.{}.x", BASE64_URL_SAFE_NO_PAD.encode(claims));
        if check(&token.into(), &expected).is_err() {
            return false;
        }
        let claims: serde_json::Value = serde_json::from_slice(claims).unwrap_or_default();
        let is = |name: &str, text: &str| claims.get(name).and_then(serde_json::Value::as_str) == Some(text);
        let audience = claims.get("aud").and_then(serde_json::Value::as_array);
        assert!(is("iss", "https://a.example") && is("nonce", "n"));
        assert!(is("aud", "me") || audience.is_some_and(|all| all.iter().any(|one| one == "me")));
        assert!(is("azp", "me") || audience.is_none_or(|all| all.len() <= 1));
        assert!(claims.get("exp").and_then(serde_json::Value::as_u64).is_some_and(|end| end > 940));
        true
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn judge(claims: &Value) -> Result<(), Error> {
        let token = format!("e30.{}.x", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()));
        check(
            &token.into(),
            &Expected {
                issuer: Some("https://a.example"),
                client: "me",
                nonce: &"n".into(),
                now: SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1000)).unwrap(),
            },
        )
    }

    // Rejects an `id_token` of another log-in (replay), client or issuer.
    #[test]
    fn claims_of_another_log_in_are_refused() {
        let good = json!({"iss": "https://a.example", "aud": "me", "exp": 1000, "nonce": "n"});
        judge(&good).unwrap();
        for (name, value) in [
            ("iss", json!("https://b.example")),
            ("iss", json!(5)),
            ("aud", json!("you")),
            ("aud", json!(["you"])),
            ("aud", json!(["me", "you"])),
            ("aud", json!([])),
            ("azp", json!("you")),
            ("exp", json!(940)),
            ("exp", json!("1000")),
            ("exp", json!(null)),
            ("nonce", json!("m")),
            ("nonce", json!("")),
            ("nonce", json!(null)),
        ] {
            let mut claims = good.clone();
            claims[name] = value;
            assert!(judge(&claims).is_err(), "{claims}");
        }
        let mut many = good;
        many["aud"] = json!(["me", "you"]);
        many["azp"] = json!("me");
        judge(&many).unwrap();
        let expected =
            Expected { issuer: None, client: "me", nonce: &"n".into(), now: SystemTime::UNIX_EPOCH };
        for token in ["", "a", "a.b", "a.!.c", "a.e30.c"] {
            assert!(check(&token.into(), &expected).is_err(), "{token}");
        }
    }
}
