//! Checks at startup that the policy of the layer knows the permission enum of each guard that asks it, and that the
//! paths of routes have the parameters by which the resources of guards are loaded.

use crate::{
    AuthLayer,
    access::{guard_metadata::GuardMetadata, route_metadata::RouteMetadata},
    auth::wrong_vocabulary,
    guard::GuardKind,
};

/// Stops an application whose guards ask for permissions that the policy of the layer does not answer for, or have
/// resources that are loaded by parameters that the path lacks.
///
/// # Panics
///
/// Panics with the first such guard, and with what to write.
#[track_caller]
pub(super) fn check_guards(records: &[RouteMetadata], auth: &AuthLayer) {
    for record in records {
        let of_policy = record.guards().iter().find_map(|guard| policy_problem(*guard, auth));
        let problem = of_policy.or_else(|| record.missing_path_parameter());
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

fn policy_problem(guard: GuardMetadata, auth: &AuthLayer) -> Option<String> {
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
