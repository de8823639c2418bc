//! Handles the provider's callback, by query (GET), or by a form that the provider makes the browser send
//! (POST): [`Callback`].

use std::{sync::Arc, time::Duration};

use auth_client::json_value;
use auth_runtime::{
    Auth, LocalPath, Session, allow_anonymous, clock::UnixTime, csrf::CsrfToken, jwt::TokenUse,
};
use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::Response,
};
use http::{HeaderMap, Method, header};
use sha2::{Digest as _, Sha256};

use super::{
    App, Goal,
    form_csrf_protection::{is_cross_site, lacks_token, page_token},
    with_lines,
};
use crate::{
    Page, Tokens,
    callback_decision::{Decision, Expected, Parameters, decide},
    connection::Connector,
    failure_code::FailureCode,
    login_failure::LoginFailure,
    profile::Profile,
    profile_from_code::{self, Grant},
    transaction::{Purpose, Transaction},
};

/// How long a used attempt is remembered beyond its end, since the clocks of instances may differ.
const SKEW: Duration = Duration::from_mins(5);

#[allow_anonymous(reason = "users are anonymous before they log in")]
pub(super) async fn query(
    State(app): State<Arc<App>>,
    auth: Auth,
    session: Session,
    Path(id): Path<String>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if method != Method::GET {
        // A HEAD request would use the attempt up, and show nothing.
        return app.failed(
            &LoginFailure::new(FailureCode::CallbackInvalid, "the method is not GET"),
            None,
            app.home.clone(),
        );
    }
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    Callback {
        app: &app,
        auth,
        session,
        headers: &headers,
        is_post: false,
        lacks_token: false,
        parameters: &parameters,
    }
    .respond(&id)
    .await
}

#[allow_anonymous(reason = "users are anonymous before they log in")]
pub(super) async fn form(
    State(app): State<Arc<App>>,
    auth: Auth,
    session: Session,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let parameters = Parameters::parse(if is_form(&headers) { &body } else { &[] });
    // The provider's form has no token, and the one that the browser sends again has one.
    let lacks_token = lacks_token(&auth, &parameters).await;
    Callback {
        app: &app,
        auth,
        session,
        headers: &headers,
        is_post: true,
        lacks_token,
        parameters: &parameters,
    }
    .respond(&id)
    .await
}

pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

pub(super) struct Callback<'a> {
    pub(super) app: &'a App,
    pub(super) auth: Auth,
    pub(super) session: Session,
    pub(super) headers: &'a HeaderMap,
    /// The response came by a form
    pub(super) is_post: bool,
    /// The session cannot be used without a CSRF token
    pub(super) lacks_token: bool,
    pub(super) parameters: &'a Parameters,
}

impl Callback<'_> {
    async fn respond(self, id: &str) -> Response {
        let app = self.app;
        let now = app.clock.now();
        let Some(connector) = app.connector(id) else {
            return app.failed(&LoginFailure::new(FailureCode::UnknownProvider, ""), None, app.home.clone());
        };
        let state = self.parameters.get("state").unwrap_or_default();
        let attempt = app.cookies.find(self.headers, state, now);
        if let Some(page) = self.resumption(connector, attempt.as_ref()).await {
            return page;
        }
        let goal = attempt.as_ref().map_or_else(|| app.home.clone().into(), Goal::of);
        match self.finish(connector, attempt.as_ref(), now).await {
            Ok(response) => with_lines(response, app.cookies.remove(state)),
            Err((stop, is_over)) => {
                if is_repeated(stop.code) && self.is_logged_in().await {
                    // A reload, or the back button: what it was for is done.
                    return self.lead_on(&self.auth, &goal.target);
                }
                let csrf_token = self.page_token().await;
                let response = app.failed(&stop, Some(connector), Goal { csrf_token, ..goal });
                if is_over { with_lines(response, app.cookies.remove(state)) } else { response }
            }
        }
    }

    /// Returns the response after a log-in; or why there is none, and whether the attempt is over.
    async fn finish(
        &self,
        connector: &Connector,
        attempt: Option<&Transaction>,
        now: UnixTime,
    ) -> Result<Response, (LoginFailure, bool)> {
        let app = self.app;
        let login = connector.login();
        let descriptor = login.provider.descriptor();
        let expected = Expected {
            provider: &login.id,
            issuer: login.exact_issuer(),
            announces_issuer: false,
            error_forms: descriptor.error_forms,
        };
        if attempt.is_none() {
            // Without an attempt, the provider is not asked for anything.
            let code = decide(self.parameters, None, expected, now).err();
            let code = code.unwrap_or(FailureCode::AttemptMissing);
            return Err((LoginFailure::new(code, "the browser has no such attempt"), false));
        }
        #[cfg(feature = "oauth1")]
        if login.is_oauth1() {
            return self.finish_oauth1(connector, attempt, now).await;
        }
        let connection = connector.connect().await.map_err(|_| {
            (LoginFailure::new(FailureCode::ProviderUnavailable, "the metadata cannot be read"), false)
        })?;
        let expected = Expected { announces_issuer: connection.announces_issuer, ..expected };
        let decision = decide(self.parameters, attempt, expected, now).map_err(|code| {
            (
                LoginFailure::new(code, "the callback does not fit the attempt"),
                code == FailureCode::AttemptExpired,
            )
        })?;
        let (code, attempt) = match decision {
            Decision::Denied(code) => {
                let error = self.parameters.error(descriptor.error_forms).unwrap_or_default();
                let error = error.escape_debug().take(200);
                return Err((LoginFailure::new(code, format!("error={}", error.collect::<String>())), true));
            }
            Decision::Redeem { code, attempt } => (code, attempt),
        };
        // Before the code is sent: of several callbacks with one state, one goes on.
        self.use_once(attempt, now).await.map_err(|stop| (stop, false))?;
        let repeated = descriptor.callback_parameters.iter();
        let repeated = repeated.filter_map(|name| Some((*name, self.parameters.get(name)?))).collect();
        // A part that cannot be read is left out: it is for display only.
        let profile = descriptor.callback_profile.and_then(|name| self.parameters.get(name));
        let profile = profile.and_then(|text| json_value(text.as_bytes()).ok());
        let grant = Grant { code, repeated, profile };
        let redirect_uri = app.redirect_uri(connector);
        let profile = profile_from_code::profile(
            connector,
            &connection,
            attempt,
            grant,
            &redirect_uri,
            app.clock.now(),
        )
        .await;
        let (profile, tokens) = profile.map_err(|stop| (stop, true))?;
        self.conclude(connector, attempt, profile, tokens).await.map_err(|stop| (stop, true))
    }

    /// Does what the attempt is for.
    pub(super) async fn conclude(
        &self,
        connector: &Connector,
        attempt: &Transaction,
        profile: Profile,
        tokens: Tokens,
    ) -> Result<Response, LoginFailure> {
        match &attempt.purpose {
            Purpose::Link { user } => self.link(user, attempt, profile.account()).await,
            Purpose::LogIn | Purpose::StepUp { .. } => self.log_in(connector, attempt, profile, tokens).await,
        }
    }

    pub(super) async fn use_once(&self, attempt: &Transaction, now: UnixTime) -> Result<(), LoginFailure> {
        let hash = Sha256::digest(attempt.state.as_bytes()).into();
        let state = TokenUse::new(hash, now, attempt.expires().plus(SKEW));
        match self.app.used.use_once(&state).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(LoginFailure::new(FailureCode::AttemptUsed, "the attempt was used before")),
            Err(error) => {
                Err(LoginFailure::new(FailureCode::ServerError, format!("the memory of attempts: {error}")))
            }
        }
    }

    /// Returns the response that brings a user who is logged in to the target.
    ///
    /// A browser gets a page that leads on by itself, since the provider began the chain of redirects: at its
    /// end, cookies with `SameSite=Strict` are not sent, and Chromium's back/forward cache shows the target
    /// again after a log-out, `no-store` or not. Other clients get a redirect.
    pub(super) fn lead_on(&self, auth: &Auth, target: &LocalPath) -> Response {
        let is_browser = self.headers.get("sec-fetch-dest").is_some_and(|value| value == "document");
        if is_browser || auth.sets_strict_cookie() {
            return self.app.show(&Page::Continue { target: target.clone() });
        }
        self.app.redirect(target)
    }

    /// Returns the token for the form of a page, unless the request is the provider's.
    pub(super) async fn page_token(&self) -> Option<CsrfToken> {
        if self.is_post && is_cross_site(self.headers, &self.app.origin) {
            return None;
        }
        page_token(&self.auth).await
    }

    pub(super) async fn is_logged_in(&self) -> bool {
        self.auth.user_id().await.is_ok_and(|user| user.is_some())
    }
}

/// True for a callback that comes again.
fn is_repeated(code: FailureCode) -> bool {
    matches!(code, FailureCode::AttemptMissing | FailureCode::AttemptUsed)
}
