//! Defines [`Grant`], a way to obtain tokens.

use std::fmt;

use async_trait::async_trait;

use crate::{Environment, Error, StoreKey, Token};

/// Obtains tokens for a [`TokenAuthorizer`](crate::TokenAuthorizer).
#[async_trait]
pub trait Grant: fmt::Debug + Send + Sync + 'static {
    /// Returns the HTTP client, clock and token format.
    fn environment(&self) -> &Environment;

    /// Returns the key that separates this grant's tokens from those of other servers, clients, accounts and
    /// scopes.
    fn store_key(&self) -> StoreKey;

    /// Obtains a token without a refresh token.
    ///
    /// # Errors
    ///
    /// Returns the reason why there is no token.
    async fn obtain(&self) -> Result<Token, Error>;

    /// Obtains the next token with this one's refresh token. Returns `None` if only [`obtain`](Self::obtain)
    /// is possible.
    ///
    /// # Errors
    ///
    /// Returns the reason why there is no token. [`ErrorKind::Denied`](crate::ErrorKind), and any 4xx except
    /// 408, 425 and 429, end the refresh token; [`obtain`](Self::obtain) is called next.
    async fn refresh(&self, token: &Token) -> Result<Option<Token>, Error>;

    /// Revokes the token at the authorization server. Returns `false` if the server does not support it.
    ///
    /// # Errors
    ///
    /// Fails if the server cannot be reached or denies the request.
    async fn revoke(&self, _token: &Token) -> Result<bool, Error> {
        Ok(false)
    }

    /// Returns the requested scopes.
    fn scopes(&self) -> &[String] {
        &[]
    }

    /// Returns whether [`obtain`](Self::obtain) prompts a user.
    fn is_interactive(&self) -> bool {
        false
    }
}
