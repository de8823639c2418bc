//! Ends sessions by back-channel log-out, for which the provider's server sends a signed `logout_token`.

use std::sync::Arc;

use auth_runtime::{BoxError, allow_anonymous, clock::UnixTime, jwt::TokenUse};
use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{App, callback::is_form, login_registry::SKEW};
use crate::{
    callback_decision::Parameters,
    connection::Connector,
    login_index::LoginRecord,
    validate_logout_token_claims::{self, MAX_AGE},
};

const USED: &str = "the logout_token was used before";

/// Responds as section 2.8 of the specification wants: 200 if the sessions have ended, 400 if the request is
/// invalid or the log-out has failed, never cached.
#[allow_anonymous(reason = "the provider's server is authenticated by the signed token that it sends")]
pub(super) async fn log_out(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Parameters::parse(if is_form(&headers) { &body } else { &[] });
    let ended = match (app.connector(&id), form.get("logout_token")) {
        (Some(connector), Some(token)) => app.end_sessions(connector, token).await,
        _ => Err("there is no such provider, or no logout_token".to_owned()),
    };
    let (status, body) = match ended {
        Ok(sessions) => {
            tracing::info!(target: "auth_login", provider = id, sessions, "logged out by the provider");
            (StatusCode::OK, "")
        }
        Err(reason) => {
            tracing::warn!(target: "auth_login", provider = id, reason, "back-channel log-out failed");
            (StatusCode::BAD_REQUEST, r#"{"error":"invalid_request"}"#)
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

impl App {
    /// Validates a `logout_token`, and ends the log-ins that it is about. Returns how many there were.
    async fn end_sessions(&self, connector: &Connector, token: &str) -> Result<usize, String> {
        let logins = self.recorded_logins.as_ref().ok_or("log-outs by providers are not configured")?;
        let now = self.clock.now();
        let unavailable = |error: BoxError| error.to_string();
        let connection =
            connector.connect().await.map_err(|_| "the provider's metadata cannot be read".to_owned())?;
        let verifier = connection.tokens.as_ref().ok_or("the provider has no OpenID Connect")?;
        let claims = verifier.logout_token(token, now).await.map_err(|error| format!("{error:?}"))?;
        let issuer = connector.login().provider.id_token_issuer(&Value::Object(claims.clone()));
        let (what, subject) = validate_logout_token_claims::check(&claims, issuer.as_deref(), now)
            .map_err(|claim| format!("the logout_token's `{claim}` is wrong"))?;
        let token = token_use(&claims, now);
        if self.used.is_used(&token).await.map_err(unavailable)? {
            return Err(USED.to_owned());
        }
        // First: a log-in that is not recorded yet is stopped by the note.
        logins.note_logout(&what, now).await.map_err(unavailable)?;
        // A session of another user has nothing to do with this log-out.
        let is_meant = |login: &LoginRecord| subject.as_ref().is_none_or(|subject| login.subject == *subject);
        let ended = logins.end_all(&what, is_meant, now).await.map_err(unavailable)?;
        // Last: if one of the log-ins could not be ended, the provider can send the same token again.
        if self.used.use_once(&token).await.map_err(unavailable)? {
            Ok(ended.len())
        } else {
            Err(USED.to_owned())
        }
    }
}

/// The use of a token, by issuer and `jti`.
fn token_use(claims: &Map<String, Value>, now: UnixTime) -> TokenUse {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut hash = Sha256::new();
    hash.update("auth-login/logout-token");
    hash.update(u64::try_from(text("iss").len()).unwrap_or(u64::MAX).to_be_bytes());
    hash.update(text("iss"));
    hash.update(text("jti"));
    // Longer than the token is valid, since the clocks of instances may differ.
    TokenUse::new(hash.finalize().into(), now, now.plus(MAX_AGE).plus(SKEW))
}
