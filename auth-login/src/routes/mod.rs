//! Builds the routes of log-ins, which share [`App`].

mod back_channel_logout;
mod callback;
mod complete_login;
mod form_csrf_protection;
mod link_account;
mod link_callback;
mod login_registry;
mod logout;
#[cfg(feature = "oauth1")]
mod oauth1;
mod start_login;
mod step_up_by_same_user;

use std::{pin::Pin, sync::Arc};

use auth_runtime::{
    BoxError, LocalPath,
    clock::Clock,
    csrf::CsrfToken,
    guarded::{Router, get, post},
    jwt::ReplayCache,
};
use axum::{extract::DefaultBodyLimit, response::Response};
use http::{HeaderName, HeaderValue};

pub(crate) use login_registry::{LoginRegistry, Means};

use crate::{
    LoginDecision, Page, Tokens,
    accounts::Accounts,
    connection::Connector,
    failure_code::FailureCode,
    login_failure::LoginFailure,
    pages::{self, Button, Render},
    profile::Profile,
    step_up_query::StepUpQuery,
    transaction::{Purpose, Transaction, TransactionCookies},
};

/// The longest body of a form, in bytes.
const MAX_FORM: usize = 64 * 1024;

/// The application's function that is called after a log-in.
pub(crate) type OnLogin = dyn Fn(Profile, Tokens) -> Deciding + Send + Sync;
type Deciding = Pin<Box<dyn Future<Output = Result<LoginDecision, BoxError>> + Send>>;

/// What the routes share.
pub(crate) struct App {
    pub(crate) connectors: Vec<Connector>,
    /// The origin of the public base address
    pub(crate) origin: String,
    pub(crate) path: LocalPath,
    pub(crate) logout_path: LocalPath,
    pub(crate) home: LocalPath,
    /// Below these paths a redirect target may be; everywhere if there are none
    pub(crate) targets: Vec<LocalPath>,
    pub(crate) cookies: TransactionCookies,
    pub(crate) used: Arc<dyn ReplayCache>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) render: Arc<Render>,
    pub(crate) on_login: Box<OnLogin>,
    pub(crate) recorded_logins: Option<LoginRegistry>,
    /// Where identities are linked, if they are
    pub(crate) accounts: Option<Arc<dyn Accounts>>,
}

/// Where an attempt leads, and what it has to be.
#[derive(Clone, Debug)]
pub(crate) struct Goal {
    pub(crate) target: LocalPath,
    pub(crate) demand: StepUpQuery,
    /// A signed-in user links an identity: no page may offer a log-in in its place
    pub(crate) is_link: bool,
    /// The token for the form of a page that begins again
    pub(crate) csrf_token: Option<CsrfToken>,
}

impl Goal {
    /// Returns that of an attempt.
    fn of(attempt: &Transaction) -> Self {
        let max_age = attempt.max_age.filter(|_| attempt.purpose.is_step_up());
        let demand = StepUpQuery { max_age, acr_values: attempt.acr_values.clone() };
        let is_link = matches!(attempt.purpose, Purpose::Link { .. });
        Self { target: attempt.target.clone(), demand, is_link, csrf_token: None }
    }

    /// Returns that of a page about linked identities.
    fn of_link(target: LocalPath) -> Self {
        Self { is_link: true, ..target.into() }
    }
}

impl From<LocalPath> for Goal {
    fn from(target: LocalPath) -> Self {
        Self { target, demand: StepUpQuery::default(), is_link: false, csrf_token: None }
    }
}

pub(crate) fn router<S: Clone + Send + Sync + 'static>(app: &Arc<App>) -> Router<S> {
    let path = app.path.as_str();
    let mut router = Router::new()
        .route(path, get(start_login::choice))
        .route(&format!("{path}/{{provider}}"), get(start_login::confirm).post(start_login::start))
        .route(&format!("{path}/{{provider}}/callback"), get(callback::query).post(callback::form))
        .route(app.logout_path.as_str(), get(logout::confirm).post(logout::log_out))
        .route(&format!("{}/done", app.logout_path), get(logout::done));
    if app.recorded_logins.is_some() {
        let path = format!("{path}/{{provider}}/backchannel-logout");
        router = router.route(&path, post(back_channel_logout::log_out));
    }
    if app.accounts.is_some() {
        let link = get(link_account::confirm).post(link_account::link);
        let unlink = get(link_account::confirm).post(link_account::unlink);
        router = router
            .route(&format!("{path}/{{provider}}/link"), link)
            .route(&format!("{path}/{{provider}}/unlink"), unlink);
    }
    router.layer(DefaultBodyLimit::max(MAX_FORM)).with_state(Arc::clone(app))
}

impl App {
    fn connector(&self, id: &str) -> Option<&Connector> {
        self.connectors.iter().find(|connector| connector.login().id == id)
    }

    pub(crate) fn redirect_uri(&self, connector: &Connector) -> String {
        format!("{}{}/{}/callback", self.origin, self.path, connector.login().id)
    }

    /// Returns a button. Its action has the demand in its query, so that forms of applications keep it.
    fn button(&self, connector: &Connector, demand: &StepUpQuery) -> Button {
        let login = connector.login();
        let mut action = format!("{}/{}", self.path, login.id);
        if !demand.is_none() {
            action = format!("{action}?{}", demand.to_query());
        }
        let action = LocalPath::parse(&action);
        Button {
            id: login.id.clone(),
            label: login.label.clone(),
            action: action.unwrap_or_else(|_| self.path.clone()),
        }
    }

    /// Returns the redirect target of a form or link. One that is elsewhere, not allowed, or leads back to the log-in
    /// pages, is replaced.
    fn target(&self, next: Option<&str>) -> LocalPath {
        let target = LocalPath::parse_or(next, self.home.clone());
        let path = target.as_str().split('?').next().unwrap_or_default();
        let is_within = |place: &LocalPath| {
            let place = place.as_str().trim_end_matches('/');
            path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if self.is_link_page(path) {
            return target;
        }
        let is_allowed = self.targets.is_empty() || self.targets.iter().any(is_within);
        if !is_allowed || is_within(&self.path) || is_within(&self.logout_path) {
            return self.home.clone();
        }
        target
    }

    /// Returns whether this is the path of a page that links or unlinks: a step-up leads back there.
    fn is_link_page(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.path.as_str()).and_then(|rest| rest.strip_prefix('/'));
        let Some((id, page)) = rest.and_then(|rest| rest.split_once('/')) else { return false };
        self.accounts.is_some() && self.connector(id).is_some() && matches!(page, "link" | "unlink")
    }

    /// Returns the address of the page with the choice of providers.
    fn choice(&self, goal: &Goal) -> LocalPath {
        let target = format!("next={}", goal.target.to_query_value());
        let address = |query: &str| LocalPath::parse(&format!("{}?{query}", self.path)).ok();
        let found = if goal.demand.is_none() {
            address(&target)
        } else {
            // If both are too long, the target is lost, and never what the log-in has to be.
            let demand = goal.demand.to_query();
            address(&format!("{target}&{demand}")).or_else(|| address(&demand))
        };
        found.unwrap_or_else(|| self.path.clone())
    }

    fn show(&self, page: &Page) -> Response {
        pages::respond(&*self.render, page)
    }

    /// Logs a failure, and returns its page.
    fn failed(&self, stop: &LoginFailure, connector: Option<&Connector>, goal: impl Into<Goal>) -> Response {
        self.failed_until(stop, connector, goal.into(), None)
    }

    fn failed_until(
        &self,
        stop: &LoginFailure,
        connector: Option<&Connector>,
        goal: Goal,
        retry_after: Option<std::time::Duration>,
    ) -> Response {
        let provider = connector.map(|connector| connector.login().id());
        let (code, reason) = (stop.code.as_str(), stop.reason.as_str());
        if stop.code == FailureCode::ServerError {
            tracing::error!(target: "auth_login", provider, code, reason, "log-in failed");
        } else {
            tracing::info!(target: "auth_login", provider, code, reason, "log-in failed");
        }
        self.show(&Page::Failed {
            code: stop.code,
            button: connector.filter(|_| !goal.is_link).map(|connector| self.button(connector, &goal.demand)),
            other_ways: (!goal.is_link).then(|| self.choice(&goal)),
            target: goal.target,
            retry_after,
            csrf_token: goal.csrf_token.filter(|_| connector.is_some() && !goal.is_link),
        })
    }

    /// Returns a redirect to a path of the application.
    fn redirect(&self, target: &LocalPath) -> Response {
        pages::see_other(target.as_str()).unwrap_or_else(|| {
            self.failed(
                &LoginFailure::new(FailureCode::ServerError, "the redirect cannot be written"),
                None,
                self.home.clone(),
            )
        })
    }
}

fn with_lines(mut response: Response, lines: Vec<(HeaderName, HeaderValue)>) -> Response {
    for (name, value) in lines {
        response.headers_mut().append(name, value);
    }
    response
}
