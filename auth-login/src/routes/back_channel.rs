//! Back-channel log-out: the provider's server sends a signed token, and the sessions that it is about end.

use std::{sync::Arc, time::Duration};

use auth_runtime::{
    BoxError, Sessions, allow_anonymous, clock::UnixTime, identity::CredentialId, jwt::TokenUse,
    revocation::Revocation,
};
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
    failure_code::FailureCode,
    login_index::{LoggedOut, LoginIndex, LoginRecord, TooManyLogins},
    login_stop::Stop,
    logout_token::{self, MAX_AGE},
};

/// How long a used token is remembered beyond its end, since the clocks of instances may differ.
const SKEW: Duration = Duration::from_mins(5);
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

/// What log-outs by providers need.
pub(crate) struct BackChannel {
    pub(crate) index: Arc<dyn LoginIndex>,
    pub(crate) means: Means,
}

/// How log-ins are ended.
pub(crate) enum Means {
    /// By a list of revocations. A log-in on it cannot begin any more.
    Revocation(Arc<dyn Revocation>),
    /// In the store of sessions.
    Sessions(Sessions),
}

impl BackChannel {
    pub(super) async fn record(&self, login: &LoginRecord, until: UnixTime) -> Result<(), Stop> {
        if let Means::Sessions(sessions) = &self.means {
            // It ends nothing. Without an index of users it fails, and so would the log-out.
            let can_end = sessions.end_login(&login.login).await;
            can_end.map_err(|error| Stop::new(FailureCode::ServerError, format!("the sessions: {error}")))?;
        }
        self.index.record(login, until).await.map_err(|error| match error.downcast_ref() {
            Some(TooManyLogins) => Stop::new(FailureCode::TooManyLogins, error.to_string()),
            None => index_failed(&error),
        })
    }

    pub(super) async fn keep(&self, login: &CredentialId, until: UnixTime) -> Result<bool, Stop> {
        self.index.keep(login, until).await.map_err(|error| index_failed(&error))
    }

    /// Removes the record of a log-in that is over. If that fails, it goes when the log-in would have ended.
    pub(super) async fn forget(&self, login: &CredentialId) {
        if let Err(error) = self.index.remove(login).await {
            tracing::warn!(target: "auth_login", %error, "the index of log-ins keeps an ended one");
        }
    }

    /// Ends one log-in, and removes its record.
    async fn end(&self, login: &LoginRecord, now: UnixTime) -> Result<(), BoxError> {
        match &self.means {
            Means::Revocation(list) => {
                // Its end may have been extended meanwhile, so the list keeps it for its longest lifetime.
                list.revoke_credential(&login.login, None).await?;
                self.index.remove(&login.login).await
            }
            Means::Sessions(sessions) => {
                // Before its record is removed: a failure leaves it, and the same token can be sent again.
                sessions.end_login(&login.login).await?;
                self.index.remove(&login.login).await?;
                // A session that has begun since has found the record; one that begins from here on does not.
                if let Err(error) = sessions.end_login(&login.login).await {
                    self.index.record(login, now.plus(MAX_AGE).plus(SKEW)).await?;
                    return Err(error.into());
                }
                Ok(())
            }
        }
    }
}

fn index_failed(error: &BoxError) -> Stop {
    Stop::new(FailureCode::ServerError, format!("the index of log-ins: {error}"))
}

impl App {
    /// Validates a `logout_token`, and ends the log-ins that it is about. Returns how many there were.
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
        let token = token_use(&claims, now);
        if self.used.is_used(&token).await.map_err(unavailable)? {
            return Err(USED.to_owned());
        }
        let mut ended: usize = 0;
        for login in logout.index.find(&what).await.map_err(unavailable)? {
            // A session of another user has nothing to do with this log-out.
            let is_of_session = matches!(what, LoggedOut::Session { .. });
            if is_of_session && subject.as_ref().is_some_and(|subject| login.subject != *subject) {
                continue;
            }
            logout.end(&login, now).await.map_err(unavailable)?;
            ended = ended.saturating_add(1);
        }
        // Last: if one of the log-ins could not be ended, the provider can send the same token again.
        if self.used.use_once(&token).await.map_err(unavailable)? { Ok(ended) } else { Err(USED.to_owned()) }
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
    TokenUse::new(hash.finalize().into(), now, now.plus(MAX_AGE).plus(SKEW))
}
