//! Log-out: a confirmation by GET, so that no link or prefetch logs out, and the log-out by POST. The session
//! here ends first; then the browser is sent to the provider, where that is configured (`OpenID` Connect
//! RP-Initiated Logout 1.0).

use std::sync::Arc;

use auth_runtime::{Auth, allow_anonymous};
use axum::{extract::State, response::Response};
use http::HeaderMap;
use secrecy::ExposeSecret as _;

use super::{App, cross_site::is_cross_site};
use crate::{
    Page,
    descriptor::Logout,
    failure_code::FailureCode,
    login_index::{LoggedOut, LoginRecord},
    pages::see_other,
    random::Random,
    stop_reason::Stop,
};

/// The longest address that is sent to a provider; a longer one goes without the `id_token_hint`.
const MAX_ADDRESS: usize = 4096;

#[allow_anonymous(reason = "the page is the same for everyone")]
pub(super) async fn confirm(State(app): State<Arc<App>>) -> Response {
    app.show(&Page::LogOut { action: app.logout_path.clone() })
}

/// The provider sends the browser here after a log-out there. Nothing depends on it.
#[allow_anonymous(reason = "it leads home")]
pub(super) async fn done(State(app): State<Arc<App>>) -> Response {
    app.redirect(&app.home)
}

#[allow_anonymous(reason = "a log-out of an anonymous client changes nothing")]
pub(super) async fn log_out(State(app): State<Arc<App>>, auth: Auth, headers: HeaderMap) -> Response {
    if is_cross_site(&headers, &app.origin) {
        // Another site must not log users out: the page asks them.
        return app.show(&Page::LogOut { action: app.logout_path.clone() });
    }
    let login = app.login_of(&auth).await;
    if let Err(error) = auth.forget().await {
        let stop = Stop::new(FailureCode::ServerError, format!("log-out: {error}"));
        return app.failed(&stop, None, app.home.clone());
    }
    let Some(login) = login else { return app.redirect(&app.home) };
    app.forget_login(&login).await;
    match app.end_session_address(&login).await.as_deref().and_then(see_other) {
        Some(response) => response,
        None => app.redirect(&app.home),
    }
}

impl App {
    /// Returns the log-in with which the request's session began. Without an index there is none; a failure
    /// does not stop the log-out here.
    async fn login_of(&self, auth: &Auth) -> Option<LoginRecord> {
        let logout = self.back_channel.as_ref()?;
        let credential = auth.credential_id().await.ok().flatten()?;
        let found = logout.index.find(&LoggedOut::Credential(credential)).await;
        let logins = found.inspect_err(|error| {
            tracing::warn!(target: "auth_login", error = %error, "the index of log-ins does not answer");
        });
        logins.ok()?.into_iter().next()
    }

    async fn forget_login(&self, login: &LoginRecord) {
        let Some(logout) = &self.back_channel else { return };
        if let Err(error) = logout.index.remove(&login.credential).await {
            tracing::warn!(target: "auth_login", error = %error, "the index of log-ins keeps an ended one");
        }
    }

    /// Returns where the user logs out at the provider, if that is wanted and offered.
    async fn end_session_address(&self, login: &LoginRecord) -> Option<String> {
        let connector = self.connector(&login.provider)?;
        if !connector.login().logs_out_at_provider {
            return None;
        }
        let (provider, return_to) = (&connector.login().provider, self.post_logout_redirect_uri());
        if provider.descriptor().logout != Logout::Discovered {
            return provider.logout(&connector.login().client_id, &return_to).map(Into::into);
        }
        let connection = connector.connect().await.ok()?;
        let mut url = connection.client.provider().end_session_url()?.clone();
        url.query_pairs_mut()
            .append_pair("client_id", &connector.login().client_id)
            .append_pair("post_logout_redirect_uri", &return_to);
        // Some providers send the browser back only with a state. Nothing here depends on its return.
        if let Some(state) = Random::new() {
            url.query_pairs_mut().append_pair("state", &state.to_text());
        }
        let mut with_hint = url.clone();
        if let Some(hint) = &login.id_token {
            with_hint.query_pairs_mut().append_pair("id_token_hint", hint.expose_secret());
        }
        Some(if with_hint.as_str().len() <= MAX_ADDRESS { with_hint } else { url }.into())
    }

    pub(crate) fn post_logout_redirect_uri(&self) -> String {
        format!("{}{}/done", self.origin, self.logout_path)
    }
}
