//! Loads a user's profile again with the tokens that were kept.

use auth_client::{Error, TokenStore};
use serde_json::{Map, Value};

use super::{ProviderTokens, compare_refreshed_id_token};
use crate::{
    failure_code::FailureCode,
    profile::{AccountKey, Profile},
    user_info,
};

impl<S: TokenStore + Clone + 'static> ProviderTokens<S> {
    /// Loads the profile of an account from the provider, with the requests that the descriptor names.
    ///
    /// It is for display, and asks the provider each time: see
    /// [`ProfileCache`](crate::profile_cache::ProfileCache). Claims of the `id_token` are those of the log-in
    /// or of the latest refresh.
    ///
    /// # Errors
    ///
    /// Fails if the user must log in again ([`LoginRequired`](auth_client::ErrorKind::LoginRequired)), the
    /// provider cannot be reached, or its response is not a profile of this account.
    pub async fn profile(&self, account: &AccountKey) -> Result<Profile, Error> {
        let token = self.authorizer(account).token().await?;
        let connection = self.connector.connect().await.map_err(super::refresh_grant::unavailable)?;
        let login = self.connector.login();
        let claims = if login.is_openid() { claims(&token)? } else { None };
        let (http, now) = (self.connector.http(), self.connector.now());
        let document = user_info::fetch(login, &connection, http, &token, claims, now).await;
        let document = document.map_err(|stop| match stop.code {
            FailureCode::ProviderUnavailable => Error::transport(stop.reason),
            _ => Error::protocol(stop.reason),
        })?;
        let mapping = &login.provider.descriptor().mapping;
        let profile = Profile::read(account.issuer(), mapping, document).map_err(|error| {
            Error::protocol("the provider's response is not a profile").with_source(error)
        })?;
        if profile.account() == account {
            Ok(profile)
        } else {
            Err(Error::protocol("the provider's response is about another account"))
        }
    }
}

fn claims(token: &auth_client::Token) -> Result<Option<Map<String, Value>>, Error> {
    let Some(id_token) = token.id_token() else { return Ok(None) };
    match compare_refreshed_id_token::claims(id_token) {
        Some(Value::Object(claims)) => Ok(Some(claims)),
        _ => Err(Error::protocol("the kept id_token cannot be read")),
    }
}
