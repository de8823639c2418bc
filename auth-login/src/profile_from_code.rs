//! Exchanges the authorization code for tokens, and gets the profile from `id_token` and userinfo:
//! [`profile`]. Each request is sent once.

use auth_client::{ErrorKind, Token};
use auth_runtime::clock::UnixTime;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use crate::{
    connection::{Connection, Connector, InvalidToken, Issued, is_outage},
    descriptor::Pkce,
    failure_code::FailureCode,
    login_failure::LoginFailure,
    login_tokens::Tokens,
    profile::Profile,
    transaction::Transaction,
    user_info,
};

/// What a callback brought: the code, the parameters that the token request repeats, and the part of the
/// profile that is not signed.
pub(crate) struct Grant<'a> {
    pub(crate) code: SecretString,
    pub(crate) repeated: Vec<(&'a str, &'a str)>,
    pub(crate) profile: Option<Value>,
}

/// Redeems the code, validates what comes back, and reads the profile.
pub(crate) async fn profile(
    connector: &Connector,
    connection: &Connection,
    attempt: &Transaction,
    grant: Grant<'_>,
    redirect_uri: &str,
    now: UnixTime,
) -> Result<(Profile, Tokens), LoginFailure> {
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
        return Err(LoginFailure::new(
            FailureCode::ProviderError,
            format!("refused with {}", refused.code()),
        ));
    }
    let claims = id_token(connector, connection, attempt, &token, grant.code.expose_secret(), now).await?;
    let issuer = match &claims {
        Some(claims) => claims.get("iss").and_then(Value::as_str).unwrap_or_default().to_owned(),
        None => login.provider.issuer().to_owned(),
    };
    let http = connector.http();
    let mut document = user_info::fetch(login, connection, http, &token, claims.clone(), now).await?;
    if let (Some(profile), Value::Object(parts)) = (grant.profile, &mut document) {
        parts.insert("callback".to_owned(), profile);
    }
    let profile = Profile::read(&issuer, &descriptor.mapping, document)
        .map_err(|error| LoginFailure::new(FailureCode::IdentityInvalid, error.to_string()))?;
    Ok((profile, Tokens::new(token, claims)))
}

/// Validates the `id_token`, which each log-in with `OpenID` Connect must bring.
async fn id_token(
    connector: &Connector,
    connection: &Connection,
    attempt: &Transaction,
    token: &Token,
    code: &str,
    now: UnixTime,
) -> Result<Option<Map<String, Value>>, LoginFailure> {
    let Some(verifier) = &connection.tokens else { return Ok(None) };
    let id_token = token.id_token().ok_or_else(|| {
        LoginFailure::new(FailureCode::IdentityInvalid, "the token response has no id_token")
    })?;
    let issued = Issued { access_token: token.access_token().expose_secret(), code };
    let login = connector.login();
    let claims = verifier.id_token(login, id_token.expose_secret(), issued, attempt, now).await;
    let claims = claims.map_err(|error| match error {
        InvalidToken::KeysUnavailable => {
            LoginFailure::new(FailureCode::ProviderUnavailable, "the provider's keys cannot be fetched")
        }
        InvalidToken::Insufficient(reason) => {
            LoginFailure::new(FailureCode::AuthenticationInsufficient, reason)
        }
        InvalidToken::Rejected(reason) => LoginFailure::new(FailureCode::IdentityInvalid, reason),
    })?;
    let is_missing =
        |(name, value): &&(String, String)| claims.get(name).and_then(Value::as_str) != Some(value);
    match login.required_claims.iter().find(is_missing) {
        Some((name, _)) => Err(LoginFailure::new(
            FailureCode::AccountRejected,
            format!("the id_token's `{name}` is not the required one"),
        )),
        None => Ok(Some(claims)),
    }
}

/// Sorts an error of an endpoint of the provider.
pub(crate) fn rejected(error: &auth_client::Error) -> LoginFailure {
    let code = match error.kind() {
        _ if is_outage(error) => FailureCode::ProviderUnavailable,
        ErrorKind::Configuration => FailureCode::ServerError,
        _ => FailureCode::ProviderError,
    };
    LoginFailure::new(code, error.to_string())
}
