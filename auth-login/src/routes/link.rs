//! Account linking: a signed-in user links an identity at a provider, or unlinks one.
//!
//! Both begin with a POST of a page of the application, by a user who has authenticated recently and is not
//! impersonated. The attempt carries the user's id; the callback links only while this user is still signed in.

use std::{sync::Arc, time::Duration};

use auth_runtime::{Auth, AuthErrorKind, LocalPath, auth_required};
use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Response},
};
use http::HeaderMap;

use super::{App, Goal, callback::Callback, cross_site::is_cross_site, start::Start};
use crate::{
    LinkAction, Page,
    accounts::{AccountsError, AccountsErrorKind, FreshUser, FreshUserError, LastIdentity},
    callback_decision::Parameters,
    connection::Connector,
    failure_code::FailureCode,
    login_stop::Stop,
    pages::see_other,
    profile::AccountKey,
    step_up_query::Demand,
    transaction::{LIFETIME, Purpose, Transaction},
};

/// How long ago the user may have authenticated.
const FRESH: Duration = Duration::from_mins(10);

#[auth_required]
pub(super) async fn confirm_link(
    State(app): State<Arc<App>>,
    auth: Auth,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = Parameters::parse(query.unwrap_or_default().as_bytes());
    let link = Linking { app: &app, auth: &auth, action: LinkAction::Link, id: &id, fields: &fields };
    link.confirm().await
}

#[auth_required]
pub(super) async fn link(
    State(app): State<Arc<App>>,
    auth: Auth,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = Parameters::parse(&body);
    let link = Linking { app: &app, auth: &auth, action: LinkAction::Link, id: &id, fields: &fields };
    let (connector, user) = match link.check(&headers).await {
        Ok(checked) => checked,
        Err(response) => return response,
    };
    let goal = Goal::of_link(link.target());
    let purpose = Purpose::Link { user: user.id().as_str().to_owned() };
    Start { app: &app, connector, goal, purpose, headers: &headers, form: &fields }.send().await
}

#[auth_required]
pub(super) async fn confirm_unlink(
    State(app): State<Arc<App>>,
    auth: Auth,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = Parameters::parse(query.unwrap_or_default().as_bytes());
    let unlink = Linking { app: &app, auth: &auth, action: LinkAction::Unlink, id: &id, fields: &fields };
    unlink.confirm().await
}

#[auth_required]
pub(super) async fn unlink(
    State(app): State<Arc<App>>,
    auth: Auth,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = Parameters::parse(&body);
    let unlink = Linking { app: &app, auth: &auth, action: LinkAction::Unlink, id: &id, fields: &fields };
    let (connector, user) = match unlink.check(&headers).await {
        Ok(checked) => checked,
        Err(response) => return response,
    };
    let target = unlink.target();
    match unlink.unlink(connector, &user).await {
        Ok(()) => {
            tracing::info!(target: "auth_login", provider = connector.login().id(), "identity unlinked");
            app.redirect(&target)
        }
        Err(stop) => app.failed(&stop, None, Goal::of_link(target)),
    }
}

/// A request to link or unlink an identity.
struct Linking<'a> {
    app: &'a App,
    auth: &'a Auth,
    action: LinkAction,
    /// The name of the provider in paths
    id: &'a str,
    /// The query, or the form
    fields: &'a Parameters,
}

impl<'a> Linking<'a> {
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
        })
    }

    /// Returns the provider and the user, if the request is of a page of the application, too.
    async fn check(&self, headers: &HeaderMap) -> Result<(&'a Connector, FreshUser), Response> {
        if is_cross_site(headers, &self.app.origin) {
            let stop = Stop::new(FailureCode::CrossSite, "the form is of another site");
            return Err(self.app.failed(&stop, None, Goal::of_link(self.target())));
        }
        self.fresh().await
    }

    /// Returns the provider and the user, if the user has authenticated recently.
    async fn fresh(&self) -> Result<(&'a Connector, FreshUser), Response> {
        let Some(connector) = self.app.connector(self.id) else {
            let stop = Stop::new(FailureCode::UnknownProvider, "");
            return Err(self.app.failed(&stop, None, Goal::of_link(self.target())));
        };
        let user = FreshUser::of(self.auth, FRESH).await;
        user.map(|user| (connector, user)).map_err(|error| self.refused(&error))
    }

    fn target(&self) -> LocalPath {
        self.app.target(self.fields.get("next"))
    }

    /// Responds to a user who is not fresh: by a step-up that leads back to the page that asks.
    fn refused(&self, error: &FreshUserError) -> Response {
        match *error {
            FreshUserError::Auth(error) if matches!(error.kind(), AuthErrorKind::Stale { .. }) => {
                let target = self.page(Some(&self.target()));
                let demand = Demand { max_age: Some(FRESH.as_secs()), acr_values: Vec::new() };
                let choice = self.app.choice(&Goal { demand, ..target.into() });
                see_other(choice.as_str()).unwrap_or_else(|| error.into_response())
            }
            FreshUserError::Impersonated => {
                let stop = Stop::new(FailureCode::Impersonated, "the user is impersonated");
                self.app.failed(&stop, None, Goal::of_link(self.target()))
            }
            FreshUserError::Auth(error) => error.into_response(),
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

    async fn unlink(&self, connector: &Connector, user: &FreshUser) -> Result<(), Stop> {
        let Some(accounts) = &self.app.accounts else {
            return Err(Stop::new(FailureCode::ServerError, "identities are not linked here"));
        };
        let identities = accounts.identities(user.id()).await.map_err(|error| stop(&error))?;
        let issuer = self.fields.get("issuer").unwrap_or_else(|| connector.login().provider.issuer());
        let subject = self.fields.get("subject");
        let is_meant = |identity: &&AccountKey| {
            identity.issuer() == issuer && subject.is_none_or(|subject| identity.subject() == subject)
        };
        let mut meant = identities.iter().filter(is_meant);
        let (Some(identity), None) = (meant.next(), meant.next()) else {
            return Err(Stop::new(FailureCode::NotLinked, "the user has no such identity, or several"));
        };
        accounts.unlink(user, identity, LastIdentity::Keep).await.map_err(|error| stop(&error))
    }
}

impl Callback<'_> {
    /// Links the identity to the user who began the attempt, if they are still signed in in this browser.
    pub(super) async fn link(
        &self,
        user: &str,
        attempt: &Transaction,
        identity: &AccountKey,
    ) -> Result<Response, Stop> {
        let Some(accounts) = &self.app.accounts else {
            return Err(Stop::new(FailureCode::ServerError, "identities are not linked here"));
        };
        // The user was fresh when the attempt began.
        let fresh = FreshUser::of(&self.auth, FRESH.saturating_add(LIFETIME)).await;
        let fresh = fresh.map_err(|error| match error {
            FreshUserError::Impersonated => Stop::new(FailureCode::Impersonated, error.to_string()),
            FreshUserError::Auth(error) if error.status().is_server_error() => {
                Stop::new(FailureCode::ServerError, error.to_string())
            }
            FreshUserError::Auth(error) => Stop::new(FailureCode::OtherUser, error.to_string()),
        })?;
        if fresh.id().as_str() != user {
            return Err(Stop::new(FailureCode::OtherUser, "the attempt is of another user"));
        }
        accounts.link(&fresh, identity).await.map_err(|error| stop(&error))?;
        tracing::info!(target: "auth_login", provider = attempt.provider, "identity linked");
        Ok(self.lead_on(&self.auth, &attempt.target))
    }

    /// Returns a page that sends the callback again, if the browser has left the cookie of the session out: it does
    /// so in a form of the provider, and with `SameSite=Strict`. Logging in needs no session, linking does.
    pub(super) async fn resumption(
        &self,
        connector: &Connector,
        attempt: Option<&Transaction>,
    ) -> Option<Response> {
        let attempt = attempt.filter(|attempt| matches!(attempt.purpose, Purpose::Link { .. }))?;
        if !is_cross_site(self.headers, &self.app.origin) || self.is_logged_in().await {
            return None;
        }
        let own = ["code", "state", "iss", "error", "oauth_token", "oauth_verifier", "denied"];
        let names = own.iter().chain(connector.login().provider.descriptor().callback_parameters);
        let fields =
            names.filter_map(|name| Some(((*name).to_owned(), self.parameters.get(name)?.to_owned())));
        let action = format!("{}/{}/callback", self.app.path, attempt.provider);
        Some(self.app.show(&Page::Resume {
            action: LocalPath::parse(&action).ok()?,
            is_post: self.is_post,
            fields: fields.collect(),
        }))
    }
}

fn stop(error: &AccountsError) -> Stop {
    let code = match error.kind() {
        AccountsErrorKind::Taken => FailureCode::IdentityInUse,
        AccountsErrorKind::LastIdentity => FailureCode::LastIdentity,
        AccountsErrorKind::NotLinked => FailureCode::NotLinked,
        AccountsErrorKind::Unavailable => FailureCode::ServerError,
    };
    Stop::new(code, error.to_string())
}
