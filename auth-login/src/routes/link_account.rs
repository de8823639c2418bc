//! Links an identity at a provider to the account of a signed-in user, or unlinks one: [`Linking`].
//!
//! Both begin with a POST of a page of the application, by a user who has authenticated recently and is not
//! impersonated. The attempt carries the user's id; the callback links only while this user is still signed in.

use std::{sync::Arc, time::Duration};

use auth_runtime::{Auth, AuthErrorKind, LocalPath, auth_required, csrf::CsrfBytes, identity::CredentialId};
use axum::{
    extract::{FromRequestParts, Path, RawQuery},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, request::Parts};

use super::{
    App, Goal,
    form_csrf_protection::{is_cross_site, page_token},
    link_callback::stop,
    start_login::Start,
};
use crate::{
    LinkAction, Page,
    accounts::{LastIdentity, ReauthenticatedUser, ReauthenticatedUserError},
    callback_decision::Parameters,
    connection::Connector,
    failure_code::FailureCode,
    login_failure::LoginFailure,
    login_index::LoggedOut,
    pages::see_other,
    profile::AccountKey,
    step_up_query::StepUpQuery,
    transaction::Purpose,
};

/// How long ago the user may have authenticated.
pub(super) const FRESH: Duration = Duration::from_mins(10);

#[auth_required]
pub(super) async fn confirm(request: Linking, RawQuery(query): RawQuery) -> Response {
    request.with_fields(query.unwrap_or_default().as_bytes()).confirm().await
}

#[auth_required(csrf_form)]
pub(super) async fn link(request: Linking, CsrfBytes(form): CsrfBytes) -> Response {
    let request = request.with_fields(&form);
    let (connector, user) = match request.check().await {
        Ok(checked) => checked,
        Err(response) => return response,
    };
    let purpose = Purpose::Link { user: user.id().as_str().to_owned() };
    let goal = Goal::of_link(request.target());
    let (app, form) = (&request.app, &request.fields);
    Start { app, connector, goal, purpose, headers: &request.headers, form }.send().await
}

#[auth_required(csrf_form)]
pub(super) async fn unlink(request: Linking, CsrfBytes(form): CsrfBytes) -> Response {
    let request = request.with_fields(&form);
    let (connector, user) = match request.check().await {
        Ok(checked) => checked,
        Err(response) => return response,
    };
    let target = request.target();
    match request.unlink(connector, &user).await {
        Ok(()) => {
            tracing::info!(target: "auth_login", provider = connector.login().id(), "identity unlinked");
            request.app.redirect(&target)
        }
        Err(stop) => request.app.failed(&stop, None, Goal::of_link(target)),
    }
}

/// A request to link or unlink an identity.
pub(super) struct Linking {
    app: Arc<App>,
    auth: Auth,
    action: LinkAction,
    /// The name of the provider in paths
    id: String,
    headers: HeaderMap,
    /// The query of a page, or the form that it sends
    fields: Parameters,
}

impl FromRequestParts<Arc<App>> for Linking {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let auth = Auth::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let id = Path::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let Path(id) = id;
        let is_unlink = parts.uri.path().ends_with(LinkAction::Unlink.as_str());
        let action = if is_unlink { LinkAction::Unlink } else { LinkAction::Link };
        let headers = parts.headers.clone();
        Ok(Self { app: Arc::clone(app), auth, action, id, headers, fields: Parameters::parse(&[]) })
    }
}

impl Linking {
    fn with_fields(self, fields: &[u8]) -> Self {
        Self { fields: Parameters::parse(fields), ..self }
    }

    /// Returns the page that asks; or sends the browser to a log-in before, if the last one is too old.
    async fn confirm(&self) -> Response {
        let (connector, _) = match self.fresh().await {
            Ok(found) => found,
            Err(response) => return response,
        };
        let text = |name: &str| self.fields.get(name).map(str::to_owned);
        self.app.show(&Page::ConfirmLink {
            action: self.action,
            label: connector.login().label.clone(),
            address: self.page(None),
            issuer: text("issuer"),
            subject: text("subject"),
            target: self.target(),
            csrf_token: page_token(&self.auth).await,
        })
    }

    /// Returns the provider and the user, if the request is of a page of the application, too.
    async fn check(&self) -> Result<(&Connector, ReauthenticatedUser), Response> {
        if is_cross_site(&self.headers, &self.app.origin) {
            let stop = LoginFailure::new(FailureCode::CrossSite, "the form is of another site");
            return Err(self.app.failed(&stop, None, Goal::of_link(self.target())));
        }
        self.fresh().await
    }

    /// Returns the provider and the user, if the user has authenticated recently.
    async fn fresh(&self) -> Result<(&Connector, ReauthenticatedUser), Response> {
        let Some(connector) = self.app.connector(&self.id) else {
            let stop = LoginFailure::new(FailureCode::UnknownProvider, "");
            return Err(self.app.failed(&stop, None, Goal::of_link(self.target())));
        };
        let user = ReauthenticatedUser::of(&self.auth, FRESH).await;
        user.map(|user| (connector, user)).map_err(|error| self.refused(&error))
    }

    fn target(&self) -> LocalPath {
        self.app.target(self.fields.get("next"))
    }

    /// Responds to a user who is not fresh: by a step-up that leads back to the page that asks.
    fn refused(&self, error: &ReauthenticatedUserError) -> Response {
        match *error {
            ReauthenticatedUserError::Auth(error) if matches!(error.kind(), AuthErrorKind::Stale { .. }) => {
                let target = self.page(Some(&self.target()));
                let demand = StepUpQuery { max_age: Some(FRESH.as_secs()), acr_values: Vec::new() };
                let choice = self.app.choice(&Goal { demand, ..target.into() });
                see_other(choice.as_str()).unwrap_or_else(|| error.into_response())
            }
            ReauthenticatedUserError::Impersonated => {
                let stop = LoginFailure::new(FailureCode::Impersonated, "the user is impersonated");
                self.app.failed(&stop, None, Goal::of_link(self.target()))
            }
            ReauthenticatedUserError::Auth(error) => error.into_response(),
        }
    }

    /// Returns the address of the page that asks; with a redirect target, it has what the request says.
    fn page(&self, target: Option<&LocalPath>) -> LocalPath {
        let mut address = format!("{}/{}/{}", self.app.path, self.id, self.action.as_str());
        if let Some(target) = target {
            let named = ["issuer", "subject"].map(|name| Some((name, self.fields.get(name)?)));
            let pairs = std::iter::once(("next", target.as_str())).chain(named.into_iter().flatten());
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            address = format!("{address}?{query}");
        }
        LocalPath::parse(&address).unwrap_or_else(|_| self.app.home.clone())
    }

    async fn unlink(&self, connector: &Connector, user: &ReauthenticatedUser) -> Result<(), LoginFailure> {
        let Some(accounts) = &self.app.accounts else {
            return Err(LoginFailure::new(FailureCode::ServerError, "identities are not linked here"));
        };
        let identities = accounts.identities(user.id()).await.map_err(|error| stop(&error))?;
        let issuer = self.fields.get("issuer").unwrap_or_else(|| connector.login().provider.issuer());
        let subject = self.fields.get("subject");
        let is_meant = |identity: &&AccountKey| {
            identity.issuer() == issuer && subject.is_none_or(|subject| identity.subject() == subject)
        };
        let mut meant = identities.iter().filter(is_meant);
        let (Some(identity), None) = (meant.next(), meant.next()) else {
            return Err(LoginFailure::new(
                FailureCode::NotLinked,
                "the user has no such identity, or several",
            ));
        };
        // Before: a failure leaves the identity linked, to be unlinked by another request. The last one
        // stays, and so do the sessions that began with it.
        let is_last = identities.len() < 2;
        let mut ended = if is_last { Vec::new() } else { self.end_logins(identity).await? };
        accounts.unlink(user, identity, LastIdentity::Keep).await.map_err(|error| stop(&error))?;
        // After: a log-in meanwhile may have found the user by the identity.
        ended.extend(self.end_logins(identity).await?);
        let current = self.auth.login_id().await.ok().flatten();
        if current.is_some_and(|login| ended.contains(&login)) {
            let forgotten = self.auth.forget().await;
            forgotten
                .map_err(|error| LoginFailure::new(FailureCode::ServerError, format!("log-out: {error}")))?;
        }
        Ok(())
    }

    /// Ends the recorded log-ins that began with an identity, and returns their ids.
    async fn end_logins(&self, identity: &AccountKey) -> Result<Vec<CredentialId>, LoginFailure> {
        let Some(logins) = &self.app.recorded_logins else { return Ok(Vec::new()) };
        let (issuer, subject) = (identity.issuer().to_owned(), identity.subject().to_owned());
        let what = LoggedOut::Account { issuer, subject };
        let ended = logins.end_all(&what, |_| true, self.app.clock.now()).await;
        ended.map_err(|error| {
            LoginFailure::new(FailureCode::ServerError, format!("sessions of the identity: {error}"))
        })
    }
}
