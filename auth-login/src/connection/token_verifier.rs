//! Verifies signatures and claims of an `OpenID` Provider's tokens: [`TokenVerifier`].

use auth_client::Provider;
use auth_runtime::{
    clock::UnixTime,
    jwt::{JwtErrorKind, JwtVerifier, RemoteJwks, VerifiedClaims},
};
use serde_json::{Map, Value};
use url::Url;

use crate::{
    Login, LoginError,
    client_authentication_key::hs256_key,
    descriptor::{IdTokenKey, Nonce},
    transaction::Transaction,
    validate_id_token_claims::{self, LEEWAY},
};

/// Why a token of the provider is not accepted.
#[derive(Debug)]
pub(crate) enum InvalidToken {
    /// The provider's keys cannot be fetched now.
    KeysUnavailable,
    /// The user did not log in as recently or as strongly as the page asks for; the text is for the log.
    Insufficient(String),
    /// The token fails a check; the text is for the log.
    Rejected(String),
}

/// What an `id_token` came with.
#[derive(Clone, Copy)]
pub(crate) struct Issued<'a> {
    pub(crate) access_token: &'a str,
    pub(crate) code: &'a str,
}

/// Checks `id_token`s and signed userinfo responses.
#[derive(Debug)]
pub(crate) struct TokenVerifier {
    id_tokens: JwtVerifier,
    userinfo: JwtVerifier,
    logout_tokens: JwtVerifier,
}

impl TokenVerifier {
    /// # Errors
    ///
    /// Fails if the metadata name no keys, or the keys' address is not secure; or if the client's secret is
    /// the key and too short.
    pub(super) fn new(login: &Login, provider: &Provider) -> Result<Self, LoginError> {
        // The descriptor decides, never a token: each of the two sources knows algorithms of one kind only.
        let verifier = || -> Result<JwtVerifier, LoginError> {
            let verifier = match login.provider.descriptor().id_token_key {
                IdTokenKey::Published => JwtVerifier::new(published_keys(login, provider)?),
                IdTokenKey::ClientSecret => JwtVerifier::new(hs256_key(&login.id, login.secret.as_ref())?),
            };
            let unusable = |error| LoginError::because("the leeway is not usable", error);
            verifier
                .with_audience(&login.client_id)
                .with_type("JWT")
                .allow_missing_type()
                .with_leeway(LEEWAY)
                .map_err(unusable)?
                .with_expiry_leeway(LEEWAY)
                .map_err(unusable)
        };
        let base = verifier()?;
        Ok(Self {
            id_tokens: base.clone().with_required_claims(["iss", "sub", "aud", "exp", "iat"]),
            // Core section 5.3.2: `iss` and `aud` are recommended, and no lifetime is.
            userinfo: base.clone().allow_missing_audience().allow_missing_expiry(),
            // Back-Channel Logout section 2.4. Older providers leave `exp` out; `iat` is then the limit. Many
            // write the type `JWT`, which says no more than none: `events` and the absence of `nonce` tell a
            // log-out from an `id_token`. The keys are fetched apart: any client can send a token with an
            // unknown key id here, and use up the fetch that a log-in needs after a rotation.
            logout_tokens: verifier()?
                .with_types(["logout+jwt", "JWT"])
                .allow_missing_expiry()
                .allow_missing_subject()
                .with_required_claims(["iss", "aud", "iat", "jti", "events"]),
        })
    }

    /// Validates an `id_token` that came with an access token in response to a code (`OpenID` Connect Core
    /// section 3.1.3.7), and returns its claims.
    pub(crate) async fn id_token(
        &self,
        login: &Login,
        id_token: &str,
        issued: Issued<'_>,
        attempt: &Transaction,
        now: UnixTime,
    ) -> Result<Map<String, Value>, InvalidToken> {
        let claims = read(self.id_tokens.verify(id_token, now).await)?;
        let document = Value::Object(claims.clone());
        let expected_issuer = login.provider.id_token_issuer(&document);
        let acr_values = login
            .accepted_acr_values(&attempt.acr_values)
            .ok_or_else(|| InvalidToken::Insufficient("no `acr` is accepted".to_owned()))?;
        let expected = validate_id_token_claims::Expected {
            issuer: expected_issuer.as_deref(),
            client_id: &login.client_id,
            nonce: &attempt.nonce.to_text(),
            is_nonce_echoed: login.provider.descriptor().nonce == Nonce::Echoed,
            max_age: attempt.max_age,
            acr_values: &acr_values,
            access_token: issued.access_token,
            code: issued.code,
            now,
        };
        validate_id_token_claims::check(&claims, &validate_id_token_claims::header(id_token), &expected)
            .map_err(|claim| {
                let reason = format!("the id_token's `{claim}` is wrong");
                match claim {
                    "acr" | "auth_time" if attempt.purpose.is_step_up() => InvalidToken::Insufficient(reason),
                    _ => InvalidToken::Rejected(reason),
                }
            })?;
        Ok(claims)
    }

    /// Verifies signature, type, audience and time of a `logout_token`, and returns its claims.
    pub(crate) async fn logout_token(
        &self,
        token: &str,
        now: UnixTime,
    ) -> Result<Map<String, Value>, InvalidToken> {
        read(self.logout_tokens.verify(token, now).await)
    }

    /// Validates a signed userinfo response (section 5.3.2). `issuer` is that of the `id_token`.
    pub(crate) async fn userinfo(
        &self,
        token: &str,
        issuer: &str,
        now: UnixTime,
    ) -> Result<Map<String, Value>, InvalidToken> {
        let claims = read(self.userinfo.verify(token, now).await)?;
        match claims.get("iss") {
            Some(found) if found.as_str() != Some(issuer) => {
                Err(InvalidToken::Rejected("the userinfo response is of another issuer".to_owned()))
            }
            _ => Ok(claims),
        }
    }
}

fn read(
    verified: Result<VerifiedClaims, auth_runtime::jwt::JwtError>,
) -> Result<Map<String, Value>, InvalidToken> {
    match verified {
        Ok(claims) => {
            claims.deserialize().map_err(|_| InvalidToken::Rejected("the claims cannot be read".to_owned()))
        }
        Err(error) if error.kind() == JwtErrorKind::Unavailable => Err(InvalidToken::KeysUnavailable),
        Err(error) => Err(InvalidToken::Rejected(match error.detail() {
            Some(detail) => format!("{error}: {detail}"),
            None => error.to_string(),
        })),
    }
}

fn published_keys(login: &Login, provider: &Provider) -> Result<RemoteJwks, LoginError> {
    let address = provider
        .jwks_url()
        .ok_or_else(|| LoginError::new(format!("provider `{}` publishes no keys (`jwks_uri`)", login.id)))?;
    remote_keys(login, address)
}

fn remote_keys(login: &Login, address: &Url) -> Result<RemoteJwks, LoginError> {
    let unusable = |error| LoginError::because("the address of the provider's keys is not usable", error);
    let mut keys = if address.scheme() == "http" {
        RemoteJwks::insecure_loopback(address.as_str()).map_err(unusable)?
    } else {
        RemoteJwks::new(address.as_str()).map_err(unusable)?
    };
    for pem in &login.roots {
        keys = keys.with_root_certificate(pem).map_err(unusable)?;
    }
    Ok(keys)
}
