//! Checks at startup that the layer can answer the conditions of guards.

use crate::{AuthLayer, access::route_metadata::RouteMetadata};

/// Stops an application with a guard whose rules depend on a condition that the layer cannot answer.
///
/// # Panics
///
/// Panics with the first such guard, and with what to write.
#[track_caller]
pub(crate) fn check_bindings(records: &[RouteMetadata], auth: &AuthLayer) {
    for record in records {
        for guard in record.guards() {
            let rules = guard.acl().into_iter().chain(guard.shadow()).flatten();
            let asked = guard.permissions();
            let relevant = rules.filter(|rule| asked.iter().any(|name| rule.permissions().hold(*name)));
            let conditions = relevant.flat_map(|rule| rule.conditions());
            // No guard here has a resource, so these are unknown.
            for condition in conditions.filter(|condition| !condition.is_about_resource()) {
                let problem = auth.condition_problem(condition);
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
}
