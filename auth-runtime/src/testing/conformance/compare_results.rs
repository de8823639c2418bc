//! Compares results of the policy: [`Found`] is such a result.

use std::sync::Arc;

use http::request::Parts;

use super::app_under_test::App;
use crate::{
    clock::UnixTime,
    error_kind::AuthErrorKind,
    identity::{Authentication, CredentialId, Data, Identified, Identity, IdentityError, Scopes},
};

/// The result of a policy, in a form that can be compared.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Found {
    pub(super) identity: Option<String>,
    actor: Option<String>,
    is_bad: bool,
    is_contradictory: bool,
    is_renewal_due: bool,
    ambient: Option<bool>,
    /// The times of the log-in, of the issuance, and of the expiry
    times: [Option<UnixTime>; 3],
    authentication: Authentication,
    credential_id: Option<CredentialId>,
    scopes: Option<Scopes>,
    data: Option<Arc<Data>>,
}

pub(super) type Finding = Result<Found, AuthErrorKind>;

pub(super) fn finding(answer: &Result<Identified, IdentityError>) -> Finding {
    let found = answer.as_ref().map_err(IdentityError::kind)?;
    let text = |identity: Option<&Identity>| identity.map(|identity| identity.as_str().to_owned());
    Ok(Found {
        identity: text(found.identity()),
        actor: text(found.actor()),
        is_bad: found.is_bad_credential(),
        is_contradictory: found.is_contradictory(),
        is_renewal_due: found.is_renewal_due(),
        ambient: found.ambient(),
        times: [found.authenticated_at(), found.issued_at(), found.expires()],
        authentication: found.authentication(),
        credential_id: found.credential_id().cloned(),
        scopes: found.scopes().cloned(),
        data: found.data().cloned(),
    })
}

/// Returns whether the result is this user or anonymous, and not an error.
pub(super) fn is_at_most(finding: &Finding, user: Option<&str>) -> bool {
    match finding {
        Ok(found) => found.identity.is_none() || found.identity.as_deref() == user,
        Err(kind) => kind.status().is_client_error(),
    }
}

/// Compares the results for a request and for another one with the same credential. If the policy declares
/// that they may differ, the other one must still not be another user's, nor an error.
pub(super) async fn compare(
    app: &App,
    parts: &Parts,
    varied: &Parts,
    is_declared: bool,
) -> Result<(), String> {
    let expected = finding(&app.find(parts).await);
    let found = finding(&app.find(varied).await);
    let user = expected.as_ref().ok().and_then(|found| found.identity.as_deref());
    if found == expected || (is_declared && is_at_most(&found, user)) {
        return Ok(());
    }
    Err(format!("the answer is {found:?} in place of {expected:?}"))
}
