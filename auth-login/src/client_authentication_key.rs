//! Authenticates the client with a key in place of a secret: [`LoginKey`]; [`hs256_key`] is for secrets that
//! are keys.

use std::time::Duration;

use auth_client::ClientKey;
use auth_runtime::{
    clock::UnixTime,
    jwt::{SigningKey, VerifyingKey},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::{LoginError, descriptor::JwtSecret};

/// How long a signed secret is valid: long enough for one request.
const LIFETIME: Duration = Duration::from_mins(5);

/// How a client authenticates with a key.
#[derive(Clone)]
pub(crate) enum LoginKey {
    /// By an assertion (`private_key_jwt`)
    Assertion(Box<ClientKey>),
    /// By a signed token in the place of the secret
    Secret(Box<SignedSecret>),
}

/// A token that takes the place of a client's secret: signed by the application's own key, for the provider.
#[derive(Clone)]
pub(crate) struct SignedSecret {
    team: String,
    key: SigningKey,
    facts: JwtSecret,
}

impl SignedSecret {
    pub(crate) const fn new(team: String, key: SigningKey, facts: JwtSecret) -> Self {
        Self { team, key, facts }
    }

    /// Signs a new secret.
    ///
    /// # Errors
    ///
    /// Fails if the key cannot sign.
    pub(crate) fn sign(&self, client_id: &str, now: UnixTime) -> Result<SecretString, &'static str> {
        let encode = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let lifetime = LIFETIME.min(Duration::from_secs(self.facts.longest_lifetime));
        let header = json!({"alg": self.key.algorithm().as_str(), "kid": self.key.kid()});
        let claims = json!({
            "iss": self.team,
            "iat": now.as_secs(),
            "exp": now.plus(lifetime).as_secs(),
            "aud": self.facts.audience,
            "sub": client_id,
        });
        let input = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self.key.sign(input.as_bytes()).map_err(|_| "the client's key cannot sign")?;
        Ok(format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)).into())
    }
}

/// Returns the client's secret as the key with which the provider `id` signs (HS256).
///
/// # Errors
///
/// Fails if there is no secret, or if it has fewer than 32 bytes (RFC 7518 section 3.2).
pub(crate) fn hs256_key(id: &str, secret: Option<&SecretString>) -> Result<VerifyingKey, LoginError> {
    let secret = secret.map(ExposeSecret::expose_secret).unwrap_or_default();
    VerifyingKey::hs256(secret).map_err(|error| {
        let message = format!(
            "provider `{id}` signs with the client's secret, and this one cannot be such a key; set the whole \
             secret, which has at least 32 bytes"
        );
        LoginError::because(message, error)
    })
}

#[cfg(test)]
mod tests {
    use auth_runtime::jwt::{Algorithm, JwtVerifier, KeySet};

    use super::*;
    use crate::{descriptor::ClientMethod, providers};

    #[test]
    fn apples_secret_has_the_claims_that_apple_asks_for() {
        let ClientMethod::JwtSecret(facts) = providers::APPLE.client_method else { panic!() };
        let key = SigningKey::generate(Algorithm::ES256).unwrap().with_kid("KEY123");
        let keys = KeySet::new([key.verifying_key()]).unwrap();
        let secret = SignedSecret::new("TEAM123".to_owned(), key, facts);
        let now = UnixTime::from_secs(1_700_000_000);
        let signed = secret.sign("com.example.app", now).unwrap();
        let verifier = JwtVerifier::new(keys)
            .with_issuer("TEAM123")
            .with_audience("https://appleid.apple.com")
            .allow_missing_type();
        let claims = verifier.verify(signed.expose_secret(), now).now().unwrap().unwrap();
        assert_eq!(claims.subject(), Some("com.example.app"));
        assert_eq!(claims.key_id(), Some("KEY123"));
        assert_eq!(claims.issued_at(), Some(now));
        assert_eq!(claims.expires(), Some(now.plus(LIFETIME)));
    }
}
