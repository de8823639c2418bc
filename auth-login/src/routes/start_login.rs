//! Shows the log-in page and its confirmation, and starts a log-in attempt: [`Start`].

use std::sync::Arc;

use auth_runtime::{Auth, allow_anonymous, clock::UnixTime};
use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::Response,
};
use http::HeaderMap;

use super::{
    App, Goal,
    form_csrf_protection::{is_cross_site, lacks_token, page_token},
    with_lines,
};
use crate::{
    Login, Page,
    authorization_request::{Challenge, Request},
    callback_decision::Parameters,
    connection::{Connection, Connector},
    descriptor::{Pkce, ResponseMode},
    failure_code::FailureCode,
    login_failure::LoginFailure,
    pages::see_other,
    profile_from_code::rejected,
    step_up_query::StepUpQuery,
    transaction::{Purpose, Transaction},
};

/// The values of `prompt` that a form may choose.
const PROMPTS: [&str; 2] = ["login", "select_account"];
/// The longest `login_hint`, in bytes.
const MAX_HINT: usize = 320;

#[allow_anonymous(reason = "users are anonymous before they log in")]
pub(super) async fn choice(State(app): State<Arc<App>>, auth: Auth, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let demand = StepUpQuery::read(&query);
    let buttons = app.connectors.iter().map(|connector| app.button(connector, &demand)).collect();
    let target = app.target(query.get("next"));
    let csrf_token = page_token(&auth).await;
    app.show(&Page::LogIn { is_step_up: !demand.is_none(), buttons, target, csrf_token })
}

#[allow_anonymous(reason = "users are anonymous before they log in")]
pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    auth: Auth,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let goal = Goal { demand: StepUpQuery::read(&query), ..app.target(query.get("next")).into() };
    let Some(connector) = app.connector(&id) else {
        return app.failed(&LoginFailure::new(FailureCode::UnknownProvider, ""), None, goal);
    };
    let button = app.button(connector, &goal.demand);
    let csrf_token = page_token(&auth).await;
    let is_step_up = !goal.demand.is_none();
    app.show(&Page::Confirm { is_step_up, button, target: goal.target, csrf_token })
}

#[allow_anonymous(reason = "users are anonymous before they log in")]
pub(super) async fn start(
    State(app): State<Arc<App>>,
    auth: Auth,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Parameters::parse(&body);
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let goal = Goal { demand: StepUpQuery::read(&query), ..app.target(form.get("next")).into() };
    let Some(connector) = app.connector(&id) else {
        return app.failed(&LoginFailure::new(FailureCode::UnknownProvider, ""), None, goal);
    };
    if is_cross_site(&headers, &app.origin) {
        let stop = LoginFailure::new(FailureCode::CrossSite, "the form is of another site");
        return app.failed(&stop, Some(connector), goal);
    }
    // Without a right token the request is anonymous, as it is for the callback, and a log-in needs no user.
    let csrf_token = if lacks_token(&auth, &form).await { None } else { page_token(&auth).await };
    let goal = Goal { csrf_token, ..goal };
    let purpose = match super::step_up_by_same_user::purpose(connector.login(), &goal.demand, &auth).await {
        Ok(purpose) => purpose,
        Err(stop) => return app.failed(&stop, Some(connector), goal),
    };
    Start { app: &app, connector, goal, purpose, headers: &headers, form: &form }.send().await
}

/// An attempt that is about to begin.
pub(super) struct Start<'a> {
    pub(super) app: &'a App,
    pub(super) connector: &'a Connector,
    pub(super) goal: Goal,
    pub(super) purpose: Purpose,
    pub(super) headers: &'a HeaderMap,
    pub(super) form: &'a Parameters,
}

impl Start<'_> {
    /// Begins the attempt, and sends the browser to the provider.
    pub(super) async fn send(self) -> Response {
        let (app, connector) = (self.app, self.connector);
        let failed = |stop: LoginFailure| app.failed(&stop, Some(connector), self.goal.clone());
        #[cfg(feature = "oauth1")]
        if connector.login().is_oauth1() {
            return self.send_by_oauth1().await.unwrap_or_else(failed);
        }
        let connection = match connector.connect().await {
            Ok(connection) => connection,
            Err(unavailable) => {
                let stop = LoginFailure::new(FailureCode::ProviderUnavailable, "the metadata cannot be read");
                let pause = Some(unavailable.retry_after);
                return app.failed_until(&stop, Some(connector), self.goal.clone(), pause);
            }
        };
        self.send_by_oauth2(&connection).await.unwrap_or_else(failed)
    }

    async fn send_by_oauth2(&self, connection: &Connection) -> Result<Response, LoginFailure> {
        let app = self.app;
        let failed = |reason: &str| LoginFailure::new(FailureCode::ServerError, reason);
        let now = app.clock.now();
        let attempt = self.attempt(now).await?;
        let descriptor = self.connector.login().provider.descriptor();
        let is_form_post = descriptor.response_mode == ResponseMode::FormPost;
        let lines = app.cookies.store(&attempt, self.headers, is_form_post, now);
        let lines = lines.ok_or_else(|| failed("the attempt does not fit into a cookie"))?;
        let url = authorization_url(app, self.connector, connection, &attempt, self.form).await?;
        let response = see_other(&url).ok_or_else(|| failed("the provider's address cannot be written"))?;
        Ok(with_lines(response, lines))
    }

    pub(super) async fn attempt(&self, now: UnixTime) -> Result<Transaction, LoginFailure> {
        let login = self.connector.login();
        let max_age = [login.max_age, self.goal.demand.max_age].into_iter().flatten().min();
        let max_age = max_age.filter(|_| login.is_openid());
        let attempt = Transaction::begin(&login.id, self.goal.target.clone(), max_age, now);
        let attempt = attempt
            .ok_or_else(|| LoginFailure::new(FailureCode::ServerError, "the system gives no random bytes"))?;
        let last_logout = match &self.app.recorded_logins {
            Some(logins) => logins.last_logout().await?,
            None => attempt.last_logout,
        };
        let acr_values = self.goal.demand.acr_values.clone();
        Ok(Transaction { last_logout, purpose: self.purpose.clone(), acr_values, ..attempt })
    }
}

/// Returns the address at the provider for one attempt. The request is pushed before, where the provider or
/// the application wants it (RFC 9126).
async fn authorization_url(
    app: &App,
    connector: &Connector,
    connection: &Connection,
    attempt: &Transaction,
    form: &Parameters,
) -> Result<String, LoginFailure> {
    let login = connector.login();
    let descriptor = login.provider.descriptor();
    let scope = (!login.scopes.is_empty()).then(|| login.scopes.join(descriptor.scope_separator));
    let request = Request {
        endpoint: &connection.authorization,
        client_id: &login.client_id,
        client_id_parameter: descriptor.client_id_parameter,
        redirect_uri: &app.redirect_uri(connector),
        scope: scope.as_deref(),
        challenge: match descriptor.pkce {
            Pkce::S256 => Challenge::S256,
            Pkce::HexSha256 => Challenge::HexSha256,
            Pkce::Unsupported => Challenge::None,
        },
        with_nonce: login.is_openid(),
        is_form_post: descriptor.response_mode == ResponseMode::FormPost,
        more: &parameters(login, attempt, form),
        fragment: descriptor.authorize_fragment,
    };
    if !login.pushes_requests && !connection.client.provider().requires_pushed_authorization() {
        return Ok(request.url(attempt).into());
    }
    let parameters = request.parameters(attempt);
    let parameters: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let client = connector.authenticated(connection)?;
    let pushed = client.push_authorization(&parameters).await;
    Ok(request.pushed_url(&pushed.map_err(|error| rejected(&error))?).into())
}

/// Returns the parameters of the descriptor, of the application and of the form, and what a step-up demands. A later
/// one replaces an earlier one.
fn parameters(login: &Login, attempt: &Transaction, form: &Parameters) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    let fixed = login.provider.descriptor().authorize_parameters.iter();
    let fixed = fixed.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let prompt = form.get("prompt").filter(|prompt| PROMPTS.contains(prompt));
    let hint = form.get("login_hint").filter(|hint| hint.len() <= MAX_HINT);
    let chosen = [("prompt", prompt), ("login_hint", hint)];
    let chosen = chosen.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    for (name, value) in fixed.chain(login.parameters.iter().cloned()).chain(chosen) {
        set(&mut all, &name, value);
    }
    if !attempt.acr_values.is_empty() {
        let accepted = login.accepted_acr_values(&attempt.acr_values).unwrap_or_default();
        set(&mut all, "acr_values", accepted.join(" "));
    }
    // The user has logged in too long ago: a provider that reuses its session would bring them back at once, or with
    // little time left.
    if matches!(attempt.purpose, Purpose::StepUp { identity: Some(_), .. }) && attempt.max_age.is_some() {
        let prompt = all.iter().find(|(name, _)| name == "prompt").map_or("", |(_, value)| value);
        let others = prompt.split(' ').filter(|word| !matches!(*word, "" | "login" | "none"));
        let prompt: Vec<&str> = std::iter::once("login").chain(others).collect();
        let prompt = prompt.join(" ");
        set(&mut all, "prompt", prompt);
    }
    all
}

fn set(all: &mut Vec<(String, String)>, name: &str, value: String) {
    all.retain(|(other, _)| other != name);
    all.push((name.to_owned(), value));
}
