//! Revokes tokens: [`OAuthClient::revoke`] (RFC 7009).

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{OAuthClient, classify_response};
use crate::{Error, Token};

impl OAuthClient {
    /// Revokes a token (RFC 7009): the refresh token, which also ends its access tokens, and the access token
    /// if the server supports that. Returns `false` if the server has no revocation endpoint.
    ///
    /// # Errors
    ///
    /// Fails if there is no response or the server denies the request. A token that is unknown to the server
    /// counts as revoked.
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
        // Revoke the access token even if revoking the refresh token failed.
        let access_token = match self.revoke_one(url, token.access_token(), "access_token").await {
            // Some servers cannot revoke access tokens (RFC 7009 section 2.2.1).
            Err(error) if error.is_denial("unsupported_token_type") => Ok(()),
            answer => answer,
        };
        refresh_token.and(access_token)
    }

    async fn revoke_one(&self, url: &Url, token: &SecretString, hint: &str) -> Result<(), Error> {
        let request = self.form(url, &[("token", token.expose_secret()), ("token_type_hint", hint)])?;
        let answer = self.send(request).await?;
        match classify_response::check_any_success(&answer, self.environment().clock.now()) {
            // RFC 7009 section 2.2 requires 200 for an unknown token; some servers respond with an error.
            Err(error) if error.is_denial("invalid_token") => Ok(()),
            checked => checked,
        }
    }
}
