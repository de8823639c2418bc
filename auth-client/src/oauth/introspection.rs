//! Reads the response of token introspection: [`Introspection`] (RFC 7662).

use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{ClientAuthentication, OAuthClient};
use crate::{Error, lenient_json, untrusted_json};

/// The introspection response (RFC 7662 section 2.2).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Introspection {
    /// Whether the token is active. The other fields are meaningful only if it is.
    pub active: bool,
    /// The client that the token was issued to.
    pub client_id: Option<String>,
    /// The expiry time.
    pub expires_at: Option<SystemTime>,
    /// The issuer.
    pub issuer: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// The audience.
    pub audience: Vec<String>,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// The key that the token is bound to: `cnf` (RFC 9449 section 6.2, RFC 8705 section 3.2).
    ///
    /// # Security
    ///
    /// A resource server that does not look at it takes a bound token as a bearer token.
    pub confirmation: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct IntrospectionResponse {
    active: bool,
    #[serde(default, deserialize_with = "lenient_json::text")]
    client_id: Option<String>,
    #[serde(default, deserialize_with = "lenient_json::seconds")]
    exp: Option<u64>,
    #[serde(default, deserialize_with = "lenient_json::text")]
    iss: Option<String>,
    #[serde(default, deserialize_with = "lenient_json::text")]
    sub: Option<String>,
    #[serde(default)]
    aud: Option<OneOrMany>,
    #[serde(default, deserialize_with = "lenient_json::scopes")]
    scope: Option<Vec<String>>,
    /// Of another type it is an error: the token may be bound.
    #[serde(default)]
    cnf: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(super) fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

impl OAuthClient {
    /// Introspects an access token or a refresh token (RFC 7662).
    ///
    /// It sends no `token_type_hint`, so that the server looks for the token among all types (RFC 7662
    /// section 2.1).
    ///
    /// # Errors
    ///
    /// Fails if the server has no introspection endpoint, the client has no authentication (required by RFC
    /// 7662 section 2.1), `active` is not a boolean, or the response names another issuer.
    pub async fn introspect(&self, token: &SecretString) -> Result<Introspection, Error> {
        self.introspection(token).await.map_err(|error| self.error(error))
    }

    async fn introspection(&self, token: &SecretString) -> Result<Introspection, Error> {
        let Some(url) = self.provider().introspection.clone() else {
            return Err(Error::configuration("the provider has no introspection endpoint"));
        };
        if matches!(self.authentication(), ClientAuthentication::None) {
            return Err(Error::configuration("introspection needs a client that authenticates"));
        }
        let request = self.form(&url, &[("token", token.expose_secret())])?;
        let body = self.exchange(request).await?.into_body();
        let answer: IntrospectionResponse = untrusted_json::object(&body)
            .map_err(|_| Error::protocol("the introspection answer is not what RFC 7662 asks for"))?;
        if let (Some(found), Some(wanted)) = (&answer.iss, self.provider().issuer())
            && found != wanted
        {
            return Err(Error::protocol("the introspection answer names another issuer"));
        }
        Ok(Introspection {
            active: answer.active,
            client_id: answer.client_id,
            expires_at: answer
                .exp
                .and_then(|exp| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(exp))),
            issuer: answer.iss,
            subject: answer.sub,
            audience: answer.aud.map(OneOrMany::into_vec).unwrap_or_default(),
            scopes: answer.scope.unwrap_or_default(),
            confirmation: answer.cnf,
        })
    }
}
