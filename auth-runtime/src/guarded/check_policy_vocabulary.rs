//! Checks at startup that the policy of the layer knows the permission enum of each guard that asks it.

use crate::{
    AuthLayer,
    access::{guard_metadata::GuardMetadata, route_metadata::RouteMetadata},
    auth::wrong_vocabulary,
    guard::GuardKind,
};

/// Stops an application whose guards ask for permissions that the policy of the layer does not answer for.
///
/// # Panics
///
/// Panics with the first such guard, and with what to write.
#[track_caller]
pub(super) fn check_policy_vocabulary(records: &[RouteMetadata], auth: &AuthLayer) {
    for record in records {
        for guard in record.guards().iter().copied() {
            let problem = problem(guard, auth);
            assert!(
                problem.is_none(),
                "{} {}, {}:{}: {}",
                record.methods(),
                record.path(),
                record.file(),
                record.line(),
                problem.unwrap_or_default()
            );
        }
    }
}

fn problem(guard: GuardMetadata, auth: &AuthLayer) -> Option<String> {
    if guard.kind() != GuardKind::ByPolicy {
        return None;
    }
    let (words, permission) = (guard.words()?, guard.permission()?);
    match auth.policy_words() {
        None => Some(format!(
            "the guard asks for `{permission}` of `{}`, but the layer has no policy; add `AuthLayer::with_policy`",
            words.owner()
        )),
        Some(answered) if answered == words => None,
        Some(answered) => Some(wrong_vocabulary(permission, &words, &answered)),
    }
}
