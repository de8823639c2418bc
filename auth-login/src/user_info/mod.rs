//! Fetches what a provider says about the user (userinfo), and merges it into the document from which the
//! profile is read.

mod api_requests;

use auth_client::{HttpClient, Token, json_value};
use auth_runtime::clock::UnixTime;
use http::{Request, Response, StatusCode, header};
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};

pub(crate) use api_requests::is_supported;

use crate::{
    Login,
    connection::{Connection, InvalidToken, is_outage},
    descriptor::UserInfo,
    failure_code::FailureCode,
    login_failure::LoginFailure,
};

/// Returns the document of the provider's responses, by part. `id_token` are the validated claims.
pub(crate) async fn fetch(
    login: &Login,
    connection: &Connection,
    http: &dyn HttpClient,
    token: &Token,
    id_token: Option<Map<String, Value>>,
    now: UnixTime,
) -> Result<Value, LoginFailure> {
    let mut document = Map::new();
    if login.provider.descriptor().user_info == UserInfo::Discovered
        && let (Some(claims), Some(address)) = (&id_token, &connection.userinfo)
    {
        let userinfo = discovered(connection, http, token, claims, address.as_str(), now).await?;
        document.insert("userinfo".to_owned(), Value::Object(userinfo));
    }
    let source = api_requests::Source {
        provider: &login.provider,
        client_id: &login.client_id,
        secret: login.secret.as_ref(),
        token,
    };
    for call in login.provider.calls() {
        let part = call.call.part;
        let answer = match source.request(call) {
            Some(request) => ask(login, http, request).await,
            None => {
                Err(LoginFailure::new(FailureCode::ProviderError, format!("nothing to ask `{part}` with")))
            }
        };
        match answer {
            Ok(answer) => drop(document.insert(part.to_owned(), answer)),
            Err(stop) if call.call.is_optional => {
                tracing::info!(target: "auth_login", provider = login.id(), part, reason = %stop.reason,
                    "an optional part of the profile is missing");
            }
            Err(stop) => return Err(stop),
        }
    }
    if let Some(claims) = id_token {
        document.insert("id_token".to_owned(), Value::Object(claims));
    }
    document.insert("token".to_owned(), Value::Object(token.extras().clone()));
    Ok(Value::Object(document))
}

/// Asks the discovered userinfo endpoint. The response is JSON or a signed token, as its content type says;
/// its `sub` must be that of the `id_token` (`OpenID` Connect Core section 5.3.2).
async fn discovered(
    connection: &Connection,
    http: &dyn HttpClient,
    token: &Token,
    claims: &Map<String, Value>,
    address: &str,
    now: UnixTime,
) -> Result<Map<String, Value>, LoginFailure> {
    let invalid =
        |reason: &str| LoginFailure::new(FailureCode::IdentityInvalid, format!("userinfo: {reason}"));
    let request = Request::get(address)
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", token.access_token().expose_secret()))
        .body(Vec::new())
        .map_err(|_| invalid("the address or the token makes no request"))?;
    let response = send(http, request).await?;
    let userinfo = if is_signed(&response) {
        let text = str::from_utf8(response.body()).map_err(|_| invalid("the signed response is not text"))?;
        let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
        let verifier = connection.tokens.as_ref().ok_or_else(|| invalid("there are no keys"))?;
        verifier.userinfo(text.trim(), issuer, now).await.map_err(|error| match error {
            InvalidToken::KeysUnavailable => {
                LoginFailure::new(FailureCode::ProviderUnavailable, "the provider's keys cannot be fetched")
            }
            InvalidToken::Insufficient(reason) | InvalidToken::Rejected(reason) => invalid(&reason),
        })?
    } else {
        match json_value(response.body()) {
            Ok(Value::Object(members)) => members,
            _ => return Err(invalid("the response is not a JSON object")),
        }
    };
    let subject = claims.get("sub").and_then(Value::as_str);
    if subject.is_none() || userinfo.get("sub").and_then(Value::as_str) != subject {
        return Err(invalid("it is about another user"));
    }
    Ok(userinfo)
}

fn is_signed(response: &Response<Vec<u8>>) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/jwt")
}

/// Sends the request of one call, and reads JSON that is not an error.
async fn ask(login: &Login, http: &dyn HttpClient, request: Request<Vec<u8>>) -> Result<Value, LoginFailure> {
    let response = send(http, request).await?;
    let answer: Value = json_value(response.body())
        .map_err(|_| LoginFailure::new(FailureCode::ProviderError, "the API's response is not JSON"))?;
    match login.provider.descriptor().refused(&answer) {
        Some(refused) => {
            Err(LoginFailure::new(FailureCode::ProviderError, format!("the API refuses: {}", refused.code())))
        }
        None => Ok(answer),
    }
}

async fn send(http: &dyn HttpClient, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, LoginFailure> {
    let response = http.send(request).await.map_err(|error| {
        let code =
            if is_outage(&error) { FailureCode::ProviderUnavailable } else { FailureCode::ProviderError };
        LoginFailure::new(code, error.to_string())
    })?;
    match response.status() {
        StatusCode::OK => Ok(response),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(LoginFailure::new(FailureCode::ProviderUnavailable, format!("the API answers {status}")))
        }
        status => Err(LoginFailure::new(FailureCode::ProviderError, format!("the API answers {status}"))),
    }
}
