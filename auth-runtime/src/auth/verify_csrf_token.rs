//! Verifies the CSRF token of a request, and makes that of its response.

use auth_identity::csrf::{BrowserSecret, CsrfTokens};
use http::{HeaderMap, Method, request::Parts};

use super::{Auth, AuthError, credential_facts::Facts, csrf_state::CsrfState, request_state::RequestState};
use crate::{
    clock::UnixTime,
    config::{Config, incoming},
    csrf::{CsrfToken, HEADER},
    error_kind::AuthErrorKind,
    identity::{Effects, Identified, Identity},
};

const NOT_CONFIGURED: &str =
    "a CSRF token was asked for, but the layer makes none; add `AuthLayer::with_csrf_tokens`";

/// Notes whether a request needs a token, and whether its header has the right one.
pub(super) fn note(
    state: &CsrfState,
    config: &Config,
    parts: &Parts,
    now: UnixTime,
    found: Option<&Identified>,
) {
    let Some(tokens) = &config.csrf else { return };
    // A script of another site cannot set a header with a credential.
    if !found.and_then(Identified::ambient).unwrap_or_else(|| config.identity.is_ambient()) {
        return;
    }
    state.demand(!matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS));
    if in_header(&parts.headers).is_some_and(|token| is_right(tokens, parts, now, found, token)) {
        state.prove();
    }
}

/// Returns the token of the header; `None` if there are several.
fn in_header(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(HEADER).iter();
    match (lines.next(), lines.next()) {
        (Some(token), None) => token.to_str().ok(),
        _ => None,
    }
}

/// Returns whether a token is that of the browser and of the user whose credential it sends.
fn is_right(
    tokens: &CsrfTokens,
    parts: &Parts,
    now: UnixTime,
    found: Option<&Identified>,
    token: &str,
) -> bool {
    let Some(secret) = tokens.secret_of(&incoming(parts, now)) else { return false };
    let (user, actor) = users_of(found);
    tokens.verifies(now, &secret, user, actor, token)
}

/// A token belongs to the credential, even if its user is not accepted: they may log in again.
fn users_of(found: Option<&Identified>) -> (Option<&Identity>, Option<&Identity>) {
    (found.and_then(Identified::identity), found.and_then(Identified::actor))
}

impl Config {
    /// Makes the secret of the browser after a log-in.
    pub(super) fn new_csrf_secret(&self) -> Result<Option<(BrowserSecret, Box<Effects>)>, AuthError> {
        let Some(tokens) = &self.csrf else { return Ok(None) };
        let (secret, effects) = made(tokens)?;
        Ok(Some((secret, Box::new(effects))))
    }
}

fn made(tokens: &CsrfTokens) -> Result<(BrowserSecret, Effects), AuthError> {
    tokens.new_secret().map_err(|error| AuthError::of_change("csrf", &error))
}

impl RequestState {
    /// Expects the token in the form, which the handler's last argument verifies.
    pub(crate) fn expect_csrf_form(&self) {
        self.carried().csrf().expect_in_the_form();
    }

    /// Fails unless the request needs no token, has proved one already, or this is the right one. The credential must
    /// have been resolved.
    pub(crate) fn check_csrf_token(&self, parts: &Parts, token: Option<&str>) -> Result<(), AuthError> {
        let Some(tokens) = &self.config().csrf else { return Err(AuthError::misconfigured(NOT_CONFIGURED)) };
        let facts = self.carried();
        // Both defences have to hold.
        if facts.is_withheld() {
            return Err(AuthError::new(AuthErrorKind::CrossOrigin));
        }
        if !facts.csrf().lacks_proof() {
            return Ok(());
        }
        let now = self.config().clock.now();
        if !token.is_some_and(|token| is_right(tokens, parts, now, facts.found(), token)) {
            return Err(AuthError::new(AuthErrorKind::CsrfToken));
        }
        facts.csrf().prove();
        Ok(())
    }

    /// Returns a token for the next request of this browser, as the user of now. The credential must have been resolved.
    pub(crate) fn csrf_token(&self, parts: &Parts) -> Result<CsrfToken, AuthError> {
        let Some(tokens) = &self.config().csrf else { return Err(AuthError::misconfigured(NOT_CONFIGURED)) };
        let now = self.config().clock.now();
        let facts = self.facts();
        facts.note_read();
        let found = Facts::found(&facts);
        let mut changes = self.changes();
        let given = changes.csrf.as_ref().map(|(secret, _)| secret.clone());
        let known = given.or_else(|| tokens.secret_of(&incoming(parts, now)));
        let secret = if let Some(secret) = known {
            secret
        } else {
            changes.check_open()?;
            let (secret, effects) = made(tokens)?;
            changes.csrf = Some((secret.clone(), Box::new(effects)));
            secret
        };
        drop(changes);
        let (user, actor) = users_of(found);
        let token = tokens.token(now, &secret, user, actor);
        token.map(CsrfToken::new).map_err(|error| AuthError::of_change("csrf", &error))
    }
}

impl Auth {
    /// Returns a CSRF token for the next request: of the user after the log-ins and log-outs so far.
    ///
    /// It is the token of [`CsrfToken`] as an argument, which is resolved before the handler runs.
    ///
    /// # Errors
    ///
    /// Fails with [`Misconfigured`](AuthErrorKind::Misconfigured) without
    /// [`AuthLayer::with_csrf_tokens`](crate::AuthLayer::with_csrf_tokens), and as [`Auth`] does if the credential cannot
    /// be resolved.
    pub async fn csrf_token(&self) -> Result<CsrfToken, AuthError> {
        self.state.identify(&self.head).await?;
        self.state.csrf_token(&self.head)
    }

    /// Returns whether the layer demands CSRF tokens of browsers, for a library with forms of its own: its pages have a
    /// token if so, and none otherwise.
    #[must_use]
    pub fn demands_csrf_tokens(&self) -> bool {
        self.state.config().csrf.is_some()
    }

    /// Verifies the CSRF token of a body that [`CsrfForm`](crate::csrf::CsrfForm) does not read, such as
    /// `multipart/form-data`. After that, this request may log a user in or out.
    ///
    /// It is for public handlers, marked by `#[allow_anonymous]`: a guard that needs a user has rejected a request without
    /// a token before its body is read.
    ///
    /// # Errors
    ///
    /// Fails with [`CsrfToken`](AuthErrorKind::CsrfToken) if the token is not one of this browser and this user, and with
    /// [`CrossOrigin`](AuthErrorKind::CrossOrigin) on a cross-site request. Otherwise as
    /// [`csrf_token`](Self::csrf_token).
    pub async fn check_csrf_token(&self, token: impl AsRef<str> + Send) -> Result<(), AuthError> {
        self.state.identify(&self.head).await?;
        self.state.check_csrf_token(&self.head, Some(token.as_ref()))
    }
}
