//! Compares the `id_token` of a refresh with that of the log-in (OpenID Connect Core 1.0 section 12.2).

use auth_client::{Error, Token};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

/// Accepts a refreshed token if its `id_token` names the same issuer, subject and audience as before, and no
/// other nonce. Tokens without an `id_token` are accepted: they came over TLS for this very refresh token.
pub(super) fn check(before: &Token, next: &Token) -> Result<(), Error> {
    let (Some(before), Some(next)) = (before.id_token(), next.id_token()) else { return Ok(()) };
    let broken = || Error::protocol("the refreshed id_token cannot be read");
    let (before, next) = (claims(before).ok_or_else(broken)?, claims(next).ok_or_else(broken)?);
    let is_same = ["iss", "sub", "aud"].iter().all(|name| before.get(name) == next.get(name));
    let has_other_nonce = next.get("nonce").is_some_and(|nonce| Some(nonce) != before.get("nonce"));
    if is_same && !has_other_nonce && before.get("sub").is_some() {
        Ok(())
    } else {
        Err(Error::protocol("the refreshed id_token is not of the same user, issuer and client"))
    }
}

/// Returns the claims of a token that was validated before.
pub(super) fn claims(token: &SecretString) -> Option<Value> {
    let payload = token.expose_secret().split('.').nth(1)?;
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use auth_client::TokenWireFormat;
    use serde_json::json;

    use super::*;

    fn token(claims: Option<&Value>) -> Token {
        let id_token =
            claims.map(|claims| format!("e30.{}.x", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string())));
        let text = json!({"access_token": "a", "id_token": id_token}).to_string();
        Token::from_json(text.as_bytes(), SystemTime::UNIX_EPOCH, &TokenWireFormat::default()).unwrap()
    }

    // The refreshed identity was unchecked, or a nonce demanded.
    #[test]
    fn a_refresh_for_another_user_is_rejected() {
        let before = json!({"iss": "i", "sub": "s", "aud": "c", "nonce": "n", "iat": 1});
        for (next, is_good) in [
            (json!({"iss": "i", "sub": "s", "aud": "c", "iat": 2}), true),
            (json!({"iss": "i", "sub": "s", "aud": "c", "nonce": "n"}), true),
            (json!({"iss": "i", "sub": "s", "aud": "c", "nonce": "m"}), false),
            (json!({"iss": "i", "sub": "t", "aud": "c"}), false),
            (json!({"iss": "j", "sub": "s", "aud": "c"}), false),
            (json!({"iss": "i", "sub": "s", "aud": "d"}), false),
            (json!({"iss": "i", "aud": "c"}), false),
            (json!([]), false),
        ] {
            assert_eq!(check(&token(Some(&before)), &token(Some(&next))).is_ok(), is_good, "{next}");
        }
        assert!(check(&token(Some(&before)), &token(None)).is_ok());
        assert!(check(&token(None), &token(Some(&before))).is_ok());
        assert!(check(&token(Some(&json!({}))), &token(Some(&json!({})))).is_err());
    }
}
