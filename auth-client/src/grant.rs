//! A way to a token.

use std::fmt;

use async_trait::async_trait;

use crate::{Environment, Error, StoreKey, Token};

/// A way to a token: what a [`TokenAuthorizer`](crate::TokenAuthorizer) asks when it has none that is good.
#[async_trait]
pub trait Grant: fmt::Debug + Send + Sync + 'static {
    /// Returns how requests are sent, and how tokens look.
    fn environment(&self) -> &Environment;

    /// Returns what tells this grant's tokens from those of other providers, clients, accounts and scopes.
    fn store_key(&self) -> StoreKey;

    /// Gets a token from the beginning.
    ///
    /// # Errors
    ///
    /// Whatever keeps the token from coming.
    async fn obtain(&self) -> Result<Token, Error>;

    /// Gets the next token with what came with this one; `None` if there is no way but [`obtain`](Self::obtain).
    ///
    /// # Errors
    ///
    /// Whatever keeps the token from coming. [`ErrorKind::Denied`](crate::ErrorKind), and any answer of a provider with 4xx other
    /// than 408, 425 and 429, ends the refresh token and leads to [`obtain`](Self::obtain).
    async fn refresh(&self, token: &Token) -> Result<Option<Token>, Error>;

    /// Makes the token worthless at the provider; false if the provider offers no way.
    ///
    /// # Errors
    ///
    /// The provider cannot be reached, or refuses.
    async fn revoke(&self, _token: &Token) -> Result<bool, Error> {
        Ok(false)
    }

    /// Returns the scopes that are asked for.
    fn scopes(&self) -> &[String] {
        &[]
    }

    /// True if [`obtain`](Self::obtain) asks a person.
    fn is_interactive(&self) -> bool {
        false
    }
}
