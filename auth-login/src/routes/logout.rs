//! Logs out: a confirmation by GET, so that no link or prefetch logs out, and the log-out by POST. The
//! session here ends first; then the browser is sent to the provider, where that is configured (`OpenID`
//! Connect RP-Initiated Logout 1.0).

use std::sync::Arc;

use auth_runtime::{Auth, allow_anonymous, csrf::CsrfToken};
use axum::{
    body::Bytes,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::HeaderMap;
use secrecy::ExposeSecret as _;

use super::{
    App,
    form_csrf_protection::{is_cross_site, lacks_token, page_token},
};
use crate::{
    Page,
    callback_decision::Parameters,
    descriptor::Logout,
    failure_code::FailureCode,
    login_failure::LoginFailure,
    login_index::{LoggedOut, LoginRecord},
    pages::{LogoutForm, see_other},
    random_value::RandomValue,
};

/// The longest address that is sent to a provider, in bytes. If the `id_token_hint` makes it longer, the
/// browser sends a form.
const MAX_ADDRESS: usize = 4096;

#[allow_anonymous(reason = "the page is the same for everyone")]
pub(super) async fn confirm(State(app): State<Arc<App>>, auth: Auth) -> Response {
    app.ask_to_log_out(page_token(&auth).await)
}

/// The provider sends the browser here after a log-out there. Nothing depends on it.
#[allow_anonymous(reason = "it leads home")]
pub(super) async fn done(State(app): State<Arc<App>>) -> Response {
    app.redirect(&app.home)
}

#[allow_anonymous(reason = "a log-out of an anonymous client changes nothing")]
pub(super) async fn log_out(
    State(app): State<Arc<App>>,
    auth: Auth,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if is_cross_site(&headers, &app.origin) {
        // Another site must not log users out: the page asks them.
        return app.ask_to_log_out(None);
    }
    if lacks_token(&auth, &Parameters::parse(&body)).await {
        // Such as one that was shown before a log-in, or to a request of another site.
        return app.ask_to_log_out(page_token(&auth).await);
    }
    let login = app.login_of(&auth).await;
    if let Err(error) = auth.forget().await {
        if error.status().is_client_error() {
            // Such as an API key, which cannot be forgotten.
            return error.into_response();
        }
        let stop = LoginFailure::new(FailureCode::ServerError, format!("log-out: {error}"));
        return app.failed(&stop, None, app.home.clone());
    }
    let Some(login) = login else { return app.redirect(&app.home) };
    if let Some(logins) = &app.recorded_logins {
        logins.forget(&login.login).await;
    }
    match app.end_session(&login).await {
        Some(EndSession::Redirect(address)) => see_other(&address).unwrap_or_else(|| app.redirect(&app.home)),
        Some(EndSession::Form(form)) => app.show(&Page::LogOutAtProvider { form, home: app.home.clone() }),
        None => app.redirect(&app.home),
    }
}

/// How the browser tells the provider that the user logs out.
enum EndSession {
    Redirect(String),
    Form(LogoutForm),
}

impl App {
    fn ask_to_log_out(&self, csrf_token: Option<CsrfToken>) -> Response {
        self.show(&Page::LogOut { action: self.logout_path.clone(), csrf_token })
    }

    /// Returns the log-in with which the request's session began. Without an index there is none; a failure
    /// does not stop the log-out here.
    async fn login_of(&self, auth: &Auth) -> Option<LoginRecord> {
        let logins = self.recorded_logins.as_ref()?;
        let login = auth.login_id().await.ok().flatten()?;
        let found = logins.index.find(&LoggedOut::Login(login)).await;
        let logins = found.inspect_err(|error| {
            tracing::warn!(target: "auth_login", error = %error, "the index of log-ins does not answer");
        });
        logins.ok()?.into_iter().next()
    }

    /// Returns how the user logs out at the provider, if that is wanted and offered.
    async fn end_session(&self, login: &LoginRecord) -> Option<EndSession> {
        let connector = self.connector(&login.provider)?;
        if !connector.login().logs_out_at_provider {
            return None;
        }
        let (provider, return_to) = (&connector.login().provider, self.post_logout_redirect_uri());
        if provider.descriptor().logout != Logout::Discovered {
            let address = provider.logout(&connector.login().client_id, &return_to);
            return address.map(|address| EndSession::Redirect(address.into()));
        }
        let connection = connector.connect().await.ok()?;
        let endpoint = connection.client.provider().end_session_url()?;
        let mut fields =
            vec![("client_id", connector.login().client_id.clone()), ("post_logout_redirect_uri", return_to)];
        // Some providers send the browser back only with a state. Nothing here depends on its return.
        if let Some(state) = RandomValue::new() {
            fields.push(("state", state.to_text()));
        }
        if let Some(hint) = &login.id_token {
            fields.push(("id_token_hint", hint.expose_secret().to_owned()));
        }
        let mut url = endpoint.clone();
        url.query_pairs_mut().extend_pairs(&fields);
        if url.as_str().len() <= MAX_ADDRESS {
            return Some(EndSession::Redirect(url.into()));
        }
        Some(EndSession::Form(LogoutForm { action: endpoint.clone().into(), fields }))
    }

    pub(crate) fn post_logout_redirect_uri(&self) -> String {
        format!("{}{}/done", self.origin, self.logout_path)
    }
}
