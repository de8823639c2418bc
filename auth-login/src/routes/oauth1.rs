//! Starts and completes log-ins by OAuth 1.0a (RFC 5849). There is no `state`: a random one is put into the
//! callback's address, and finds the attempt, to which the temporary token binds the callback.

use auth_runtime::clock::UnixTime;
use axum::response::Response;
use secrecy::ExposeSecret as _;

use super::{callback::Callback, start_login::Start, with_lines};
use crate::{
    Tokens,
    callback_decision::belonging,
    connection::Connector,
    failure_code::FailureCode,
    login_failure::LoginFailure,
    oauth1::{OAuth1Error, OAuth1Parts},
    pages::see_other,
    profile_from_code::rejected,
    transaction::{Temporary, Transaction},
};

impl Start<'_> {
    /// Requests temporary credentials, and sends the browser to the provider.
    pub(super) async fn send_by_oauth1(&self) -> Result<Response, LoginFailure> {
        let (app, connector) = (self.app, self.connector);
        let failed = |reason: &str| LoginFailure::new(FailureCode::ServerError, reason);
        let now = app.clock.now();
        let mut attempt = self.attempt(now).await?;
        let callback = format!("{}?state={}", app.redirect_uri(connector), attempt.state.to_text());
        let client = connector.oauth1().map_err(|error| stop(&error))?;
        let begun = client.begin(&callback).await.map_err(|error| stop(&error))?;
        let (url, parts) = begun.into_parts();
        let text = |secret: &secrecy::SecretString| secret.expose_secret().to_owned();
        attempt.temporary = Some(Temporary { token: text(parts.token()), secret: text(parts.secret()) });
        let lines = app.cookies.store(&attempt, self.headers, false, now);
        let lines = lines.ok_or_else(|| failed("the attempt does not fit into a cookie"))?;
        let response = see_other(url.as_str());
        Ok(with_lines(response.ok_or_else(|| failed("the provider's address cannot be written"))?, lines))
    }
}

impl Callback<'_> {
    /// Returns the response after a log-in; or why there is none, and whether the attempt is over.
    pub(super) async fn finish_oauth1(
        &self,
        connector: &Connector,
        attempt: Option<&Transaction>,
        now: UnixTime,
    ) -> Result<Response, (LoginFailure, bool)> {
        let attempt = belonging(self.parameters, attempt, &connector.login().id, now).map_err(|code| {
            (
                LoginFailure::new(code, "the callback does not fit the attempt"),
                code == FailureCode::AttemptExpired,
            )
        })?;
        let temporary = attempt.temporary.as_ref().ok_or_else(|| {
            (
                LoginFailure::new(FailureCode::AttemptMissing, "the attempt has no temporary credentials"),
                false,
            )
        })?;
        self.use_once(attempt, now).await.map_err(|stop| (stop, false))?;
        let over = |error: OAuth1Error| (stop(&error), true);
        let client = connector.oauth1().map_err(over)?;
        let parts = OAuth1Parts::new(temporary.token.clone(), temporary.secret.clone());
        let token = client.finish(parts, &self.parameters.to_query()).await.map_err(over)?;
        let profile = client.profile(&token).await.map_err(over)?;
        let tokens = Tokens::of_oauth1(token);
        self.conclude(connector, attempt, profile, tokens).await.map_err(|stop| (stop, true))
    }
}

/// Sorts an error by what the user can do.
fn stop(error: &OAuth1Error) -> LoginFailure {
    let code = match error {
        OAuth1Error::Denied => FailureCode::AccessDenied,
        OAuth1Error::Callback(_) => FailureCode::CallbackInvalid,
        OAuth1Error::Status(status) if status.is_server_error() || status.as_u16() == 429 => {
            FailureCode::ProviderUnavailable
        }
        OAuth1Error::Status(_) | OAuth1Error::Response(_) => FailureCode::ProviderError,
        OAuth1Error::Profile(_) => FailureCode::IdentityInvalid,
        OAuth1Error::Transport(error) => return rejected(error),
        OAuth1Error::Descriptor(_) | OAuth1Error::Configuration(_) => FailureCode::ServerError,
    };
    LoginFailure::new(code, error.to_string())
}
