//! Purposes of log-in attempts: a step-up, which a guard requires to be recent or strong, is restricted to the user who was
//! signed in when it began, and keeps the values of the session.

use auth_runtime::{
    Auth, Identity,
    clock::UnixTime,
    identity::{Acr, AuthTime, Authentication, DataEdits},
};
use serde_json::Value;

use super::callback::Callback;
use crate::{
    Login, Tokens,
    failure_code::FailureCode,
    login_failure::LoginFailure,
    step_up_query::StepUpQuery,
    transaction::{Purpose, Transaction},
    validate_id_token_claims::LEEWAY,
};

/// Returns what an attempt with this demand is for.
pub(super) async fn purpose(
    login: &Login,
    demand: &StepUpQuery,
    auth: &Auth,
) -> Result<Purpose, LoginFailure> {
    if demand.is_none() {
        return Ok(Purpose::LogIn);
    }
    if !demand.is_possible_at(login) {
        let reason = format!(
            "the page asks for {}, which the provider cannot confirm or is not trusted for \
             (`Login::with_trusted_acr`)",
            demand.to_query()
        );
        return Err(LoginFailure::new(FailureCode::StepUpUnsupported, reason));
    }
    match auth.identity().await {
        Ok(Some(identity)) => Ok(Purpose::StepUp {
            identity: Some(identity.as_str().to_owned()),
            replaced: auth.login_id().await.ok().flatten(),
        }),
        Err(error) if error.status().is_server_error() => {
            Err(LoginFailure::new(FailureCode::ServerError, error.to_string()))
        }
        // A credential that is rejected is none.
        Ok(None) | Err(_) => Ok(Purpose::StepUp { identity: None, replaced: None }),
    }
}

impl Callback<'_> {
    /// Stops a step-up that would end with another user than it began with, or than is signed in now.
    pub(super) async fn check_same_user(
        &self,
        attempt: &Transaction,
        identity: &str,
    ) -> Result<(), LoginFailure> {
        let Purpose::StepUp { identity: began, .. } = &attempt.purpose else { return Ok(()) };
        // A request that the browser sends without the cookie of the session is anonymous.
        let current = self.auth.identity().await.ok().flatten();
        let current = current.as_ref().map(Identity::as_str);
        let mut others = began.as_deref().into_iter().chain(current).filter(|other| *other != identity);
        match others.next() {
            None => Ok(()),
            Some(_) => Err(LoginFailure::new(FailureCode::OtherUser, "the step-up is of another user")),
        }
    }

    /// Returns the values that the session of a user keeps in a step-up.
    pub(super) async fn kept_values(&self, attempt: &Transaction) -> Option<DataEdits> {
        if !attempt.purpose.is_step_up() || self.auth.identity().await.ok()?.is_none() {
            return None;
        }
        let data = self.session.data().ok()??;
        let mut pairs = data.iter().peekable();
        pairs.peek()?;
        Some(pairs.fold(DataEdits::new(), |edits, (key, value)| edits.set(key, value)))
    }
}

/// Returns how the user authenticated, as the validated `id_token` says, if the provider is trusted for it. What the
/// application has set stays.
pub(super) fn authentication(
    login: &Login,
    attempt: &Transaction,
    tokens: &Tokens,
    own: Authentication,
) -> Authentication {
    let mut authentication = own;
    let acr = tokens.claim("acr").and_then(Value::as_str).and_then(|acr| Acr::new(acr).ok());
    let acr = acr.filter(|acr| login.trusts_acr(acr.as_str()));
    if let (None, Some(acr)) = (authentication.acr(), acr) {
        authentication = authentication.with_acr(acr);
    }
    if authentication.time() != AuthTime::LogIn {
        return authentication;
    }
    let time = tokens.claim("auth_time").and_then(Value::as_u64).map(UnixTime::from_secs);
    authentication.with_time(match time {
        // During this attempt, by a clock that may be behind
        Some(time) if time.plus(LEEWAY) >= attempt.started => AuthTime::At(time.max(attempt.started)),
        Some(time) => AuthTime::At(time),
        None if login.counts_log_in => AuthTime::LogIn,
        None => AuthTime::Unknown,
    })
}
