//! Asking a provider about a token (RFC 7662), and telling it to forget one (RFC 7009).

use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::{ClientAuthentication, OAuthClient, response_status};
use crate::{Error, Token, json, lenient};

/// What a provider says about a token (RFC 7662 section 2.2).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Introspection {
    /// The token is good, here and now. Everything else means something only if this is true.
    pub active: bool,
    /// The client that the token was given to.
    pub client_id: Option<String>,
    /// When the token ends.
    pub expires_at: Option<SystemTime>,
    /// Who gave the token.
    pub issuer: Option<String>,
    /// Whom the token speaks of.
    pub subject: Option<String>,
    /// For whom the token is meant.
    pub audience: Vec<String>,
    /// What the token allows.
    pub scopes: Vec<String>,
}

#[derive(Deserialize)]
struct Answer {
    active: bool,
    #[serde(default, deserialize_with = "lenient::text")]
    client_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::seconds")]
    exp: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    iss: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    sub: Option<String>,
    #[serde(default)]
    aud: Option<OneOrMany>,
    #[serde(default, deserialize_with = "lenient::scopes")]
    scope: Option<Vec<String>>,
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
    /// Asks the provider about a token (RFC 7662), an access token or a refresh token.
    ///
    /// No `token_type_hint` is sent: the provider looks for the token among all kinds (RFC 7662 section 2.1).
    ///
    /// # Errors
    ///
    /// A provider without an introspection endpoint; a client without authentication (RFC 7662 section 2.1 asks for one); an
    /// answer whose `active` is no truth value, or that names another issuer.
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
        let answer: Answer = json::object(&body)
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
        })
    }

    /// Tells the provider to forget a token (RFC 7009): the refresh token if there is one, since with it go the access
    /// tokens, and the access token where the provider can revoke those. Returns false if the provider has no endpoint for it.
    ///
    /// # Errors
    ///
    /// No answer, or the provider's no. A token that the provider does not know counts as forgotten.
    pub async fn revoke(&self, token: &Token) -> Result<bool, Error> {
        let Some(url) = self.provider().revocation.clone() else { return Ok(false) };
        let answer = self.revoke_both(&url, token).await;
        answer.map(|()| true).map_err(|error| self.error(error))
    }

    async fn revoke_both(&self, url: &Url, token: &Token) -> Result<(), Error> {
        let refresh_token = match token.refresh_token() {
            Some(refresh_token) => self.revoke_one(url, refresh_token, "refresh_token").await,
            None => Ok(()),
        };
        // The access token is revoked even if the provider kept the refresh token.
        let access_token = match self.revoke_one(url, token.access_token(), "access_token").await {
            // Some providers' access tokens end by time alone (RFC 7009 section 2.2.1).
            Err(error) if error.is_denial("unsupported_token_type") => Ok(()),
            answer => answer,
        };
        refresh_token.and(access_token)
    }

    async fn revoke_one(&self, url: &Url, token: &SecretString, hint: &str) -> Result<(), Error> {
        let request = self.form(url, &[("token", token.expose_secret()), ("token_type_hint", hint)])?;
        let answer = self.send(request).await?;
        match response_status::check_any_success(&answer, self.environment().clock.now()) {
            // RFC 7009 section 2.2 asks for 200 after an unknown token; some providers say what they found.
            Err(error) if error.is_denial("invalid_token") => Ok(()),
            checked => checked,
        }
    }
}
