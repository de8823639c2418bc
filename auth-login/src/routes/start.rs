//! The log-in page, the confirmation, and the start of an attempt.

use std::sync::Arc;

use auth_runtime::allow_anonymous;
use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::Response,
};
use http::HeaderMap;

use super::{App, cross_site::is_cross_site, with_lines};
use crate::{
    Login, Page,
    authorization_request::{Challenge, Request},
    callback_decision::Parameters,
    code_exchange::rejected,
    connection::{Connection, Connector},
    descriptor::{Pkce, ResponseMode},
    failure_code::FailureCode,
    pages::see_other,
    stop_reason::Stop,
    transaction::Transaction,
};

/// The values of `prompt` that a form may choose.
const PROMPTS: [&str; 2] = ["login", "select_account"];
/// The longest `login_hint`, in bytes.
const MAX_HINT: usize = 320;

#[allow_anonymous(reason = "users are anonymous before they log in")]
pub(super) async fn choice(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let buttons = app.connectors.iter().map(|connector| app.button(connector)).collect();
    app.show(&Page::LogIn { buttons, target: app.target(parameters.get("next")) })
}

#[allow_anonymous(reason = "users are anonymous before they log in")]
pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let target = app.target(parameters.get("next"));
    match app.connector(&id) {
        Some(connector) => app.show(&Page::Confirm { button: app.button(connector), target }),
        None => app.failed(&Stop::new(FailureCode::UnknownProvider, ""), None, target),
    }
}

#[allow_anonymous(reason = "users are anonymous before they log in")]
pub(super) async fn start(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Parameters::parse(&body);
    let target = app.target(form.get("next"));
    let Some(connector) = app.connector(&id) else {
        return app.failed(&Stop::new(FailureCode::UnknownProvider, ""), None, target);
    };
    let failed = |stop: Stop| app.failed(&stop, Some(connector), target.clone());
    if is_cross_site(&headers, &app.origin) {
        return failed(Stop::new(FailureCode::CrossSite, "the form is of another site"));
    }
    #[cfg(feature = "oauth1")]
    if connector.login().is_oauth1() {
        let started = super::oauth1::start(&app, connector, target.clone(), &headers).await;
        return started.unwrap_or_else(failed);
    }
    let connection = match connector.connect().await {
        Ok(connection) => connection,
        Err(unavailable) => {
            let stop = Stop::new(FailureCode::ProviderUnavailable, "the metadata cannot be read");
            return app.failed_until(&stop, Some(connector), target, Some(unavailable.retry_after));
        }
    };
    let login = connector.login();
    let now = app.clock.now();
    let Some(attempt) = Transaction::begin(&login.id, target.clone(), login.max_age, now) else {
        return failed(Stop::new(FailureCode::ServerError, "the system gives no random bytes"));
    };
    let is_form_post = login.provider.descriptor().response_mode == ResponseMode::FormPost;
    let Some(lines) = app.cookies.store(&attempt, &headers, is_form_post, now) else {
        return failed(Stop::new(FailureCode::ServerError, "the attempt does not fit into a cookie"));
    };
    let url = match authorization_url(&app, connector, &connection, &attempt, &form).await {
        Ok(url) => url,
        Err(stop) => return failed(stop),
    };
    match see_other(&url) {
        Some(response) => with_lines(response, lines),
        None => failed(Stop::new(FailureCode::ServerError, "the provider's address cannot be written")),
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
) -> Result<String, Stop> {
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
        more: &parameters(login, form),
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

/// Returns the parameters of the descriptor, of the application and of the form. A later one replaces an
/// earlier one.
fn parameters(login: &Login, form: &Parameters) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    let fixed = login.provider.descriptor().authorize_parameters.iter();
    let fixed = fixed.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let prompt = form.get("prompt").filter(|prompt| PROMPTS.contains(prompt));
    let hint = form.get("login_hint").filter(|hint| hint.len() <= MAX_HINT);
    let chosen = [("prompt", prompt), ("login_hint", hint)];
    let chosen = chosen.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    for (name, value) in fixed.chain(login.parameters.iter().cloned()).chain(chosen) {
        all.retain(|(other, _)| *other != name);
        all.push((name, value));
    }
    all
}
