//! From a code to a profile: token request, `id_token`, userinfo. Each request is sent once.

use auth_client::{ErrorKind, Token};
use auth_runtime::clock::UnixTime;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use crate::{
    connection::{Connection, Connector, InvalidToken, is_outage},
    descriptor::Pkce,
    failure_code::FailureCode,
    outcome::Tokens,
    profile::Profile,
    stop_reason::Stop,
    transaction::Transaction,
    user_info,
};

/// What a callback brought: the code, and the parameters that the token request repeats.
pub(crate) struct Grant<'a> {
    pub(crate) code: SecretString,
    pub(crate) repeated: Vec<(&'a str, &'a str)>,
}

/// Redeems the code, validates what comes back, and reads the profile.
pub(crate) async fn profile(
    connector: &Connector,
    connection: &Connection,
    attempt: &Transaction,
    grant: Grant<'_>,
    redirect_uri: &str,
    now: UnixTime,
) -> Result<(Profile, Tokens), Stop> {
    let login = connector.login();
    let descriptor = login.provider.descriptor();
    let verifier = SecretString::from(attempt.verifier.to_text());
    let verifier = (descriptor.pkce != Pkce::Unsupported).then_some(&verifier);
    let token = connector
        .authenticated(connection)?
        .redeem_code(&grant.code, redirect_uri, verifier, &grant.repeated)
        .await
        .map_err(|error| rejected(&error))?;
    if let Some(refused) = descriptor.refused(&Value::Object(token.extras().clone())) {
        return Err(Stop::new(FailureCode::ProviderError, format!("refused with {}", refused.code())));
    }
    let claims = id_token(connector, connection, attempt, &token, now).await?;
    let issuer = match &claims {
        Some(claims) => claims.get("iss").and_then(Value::as_str).unwrap_or_default().to_owned(),
        None => login.provider.issuer().to_owned(),
    };
    let http = connector.http();
    let document = user_info::fetch(login, connection, http, &token, claims.clone(), now).await?;
    let profile = Profile::read(&issuer, &descriptor.mapping, document)
        .map_err(|error| Stop::new(FailureCode::IdentityInvalid, error.to_string()))?;
    Ok((profile, Tokens::new(token, claims)))
}

/// Validates the `id_token`, which each log-in with `OpenID` Connect must bring.
async fn id_token(
    connector: &Connector,
    connection: &Connection,
    attempt: &Transaction,
    token: &Token,
    now: UnixTime,
) -> Result<Option<Map<String, Value>>, Stop> {
    let Some(verifier) = &connection.tokens else { return Ok(None) };
    let id_token = token
        .id_token()
        .ok_or_else(|| Stop::new(FailureCode::IdentityInvalid, "the token response has no id_token"))?;
    let (id_token, access_token) = (id_token.expose_secret(), token.access_token().expose_secret());
    let claims = verifier.id_token(connector.login(), id_token, access_token, attempt, now).await;
    claims.map(Some).map_err(|error| match error {
        InvalidToken::KeysUnavailable => {
            Stop::new(FailureCode::ProviderUnavailable, "the provider's keys cannot be fetched")
        }
        InvalidToken::Rejected(reason) => Stop::new(FailureCode::IdentityInvalid, reason),
    })
}

/// Sorts an error of an endpoint of the provider.
pub(crate) fn rejected(error: &auth_client::Error) -> Stop {
    let code = match error.kind() {
        _ if is_outage(error) => FailureCode::ProviderUnavailable,
        ErrorKind::Configuration => FailureCode::ServerError,
        _ => FailureCode::ProviderError,
    };
    Stop::new(code, error.to_string())
}
