//! Refreshes a user's kept tokens, and can get no others without a log-in: [`RefreshGrant`].

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use auth_client::{Environment, Error, Grant, OAuthClient, StoreKey, Token};

use super::compare_refreshed_id_token;
use crate::connection::{Connector, Unavailable};

/// Refreshes the tokens of one account.
pub(super) struct RefreshGrant {
    connector: Arc<Connector>,
    environment: Environment,
    key: StoreKey,
}

impl RefreshGrant {
    pub(super) fn new(connector: Arc<Connector>, key: StoreKey) -> Self {
        let environment = connector.environment().with_service_name(connector.login().id());
        Self { connector, environment, key }
    }

    async fn client(&self) -> Result<OAuthClient, Error> {
        let connection = self.connector.connect().await.map_err(unavailable)?;
        self.connector.authenticated(&connection).map_err(|stop| Error::configuration(stop.reason))
    }
}

/// Returns the error for a provider whose endpoints are not known at the moment.
pub(super) fn unavailable(_: Unavailable) -> Error {
    Error::transport("the provider's metadata cannot be read at the moment")
}

#[async_trait]
impl Grant for RefreshGrant {
    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn store_key(&self) -> StoreKey {
        self.key.clone()
    }

    /// True, so that an authorizer without interaction says that the user must log in.
    fn is_interactive(&self) -> bool {
        true
    }

    async fn obtain(&self) -> Result<Token, Error> {
        Err(Error::configuration("the user must log in again; send them to the log-in page"))
    }

    async fn refresh(&self, token: &Token) -> Result<Option<Token>, Error> {
        let Some(refresh_token) = token.refresh_token() else { return Ok(None) };
        let next = self.client().await?.refresh(refresh_token).await?;
        compare_refreshed_id_token::check(token, &next)?;
        Ok(Some(next))
    }

    async fn revoke(&self, token: &Token) -> Result<bool, Error> {
        self.client().await?.revoke(token).await
    }
}

impl fmt::Debug for RefreshGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshGrant").field("key", &self.key).finish_non_exhaustive()
    }
}
