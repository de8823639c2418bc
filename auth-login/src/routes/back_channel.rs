//! Back-channel log-out: the provider's server sends a signed token, and the sessions that it is about end.

use std::{sync::Arc, time::Duration};

use auth_runtime::{BoxError, allow_anonymous, jwt::TokenUse};
use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{App, callback::is_form};
use crate::{
    callback_decision::Parameters,
    connection::Connector,
    login_index::LoggedOut,
    logout_token::{self, MAX_AGE},
};

/// How long a used token is remembered beyond its end, since the clocks of instances may differ.
const SKEW: Duration = Duration::from_mins(5);

/// Responds as section 2.8 of the specification wants: 200 if the sessions have ended, 400 otherwise, never
/// cached.
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
    /// Validates a `logout_token`, and revokes the credentials of its sessions. Returns how many there were.
    async fn end_sessions(&self, connector: &Connector, token: &str) -> Result<usize, String> {
        let logout = self.back_channel.as_ref().ok_or("log-outs by providers are not configured")?;
        let now = self.clock.now();
        let unavailable = |error: BoxError| error.to_string();
        let connection =
            connector.connect().await.map_err(|_| "the provider's metadata cannot be read".to_owned())?;
        let verifier = connection.tokens.as_ref().ok_or("the provider has no OpenID Connect")?;
        let claims = verifier.logout_token(token, now).await.map_err(|error| format!("{error:?}"))?;
        let issuer = connector.login().provider.id_token_issuer(&Value::Object(claims.clone()));
        let (what, subject) = logout_token::check(&claims, issuer.as_deref(), now)
            .map_err(|claim| format!("the logout_token's `{claim}` is wrong"))?;
        // Find before using the token up: if the index is down, the provider can send the same token again.
        let logins = logout.index.find(&what).await.map_err(unavailable)?;
        if !self.used.use_once(&token_use(&claims, now)).await.map_err(unavailable)? {
            return Err("the logout_token was used before".to_owned());
        }
        let mut ended: usize = 0;
        for login in logins {
            // A session of another user has nothing to do with this log-out.
            let is_of_session = matches!(what, LoggedOut::Session { .. });
            if is_of_session && subject.as_ref().is_some_and(|subject| login.subject != *subject) {
                continue;
            }
            // Revoke before removing: a failure leaves the record, so that the provider's next token can end
            // the session.
            logout.revocation.revoke_credential(&login.credential, None).await.map_err(unavailable)?;
            logout.index.remove(&login.credential).await.map_err(unavailable)?;
            ended = ended.saturating_add(1);
        }
        Ok(ended)
    }
}

/// The use of a token, by issuer and `jti`.
fn token_use(claims: &Map<String, Value>, now: auth_runtime::clock::UnixTime) -> TokenUse {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut hash = Sha256::new();
    hash.update("auth-login/logout-token");
    hash.update(u64::try_from(text("iss").len()).unwrap_or(u64::MAX).to_be_bytes());
    hash.update(text("iss"));
    hash.update(text("jti"));
    TokenUse::new(hash.finalize().into(), now, now.plus(MAX_AGE).plus(SKEW))
}
