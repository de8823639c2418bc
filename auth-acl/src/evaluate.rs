//! Evaluates an ACL: [`decide`] is the single place in which rules become a decision.

use super::{Decision, Denial, Name, Principals, Rule};

/// Decides whether `principals` may do `permission`, by the first rule that matches both.
///
/// Without a matching rule, the permission is denied. A [blocked](Principals::blocked) user is denied everything,
/// regardless of the rules.
///
/// # Example
///
/// ```
/// use auth_runtime::{decide, Groups, Name, Principals, Rule, User};
///
/// let owner = String::from("alice");
/// let rules = [Rule::allow(User(&owner), &["edit"])];
/// let none = Groups::none();
///
/// assert!(decide(rules, Name::Text("edit"), &Principals::user("alice", &none)).is_allow());
/// assert!(!decide(rules, Name::Text("edit"), &Principals::user("bob", &none)).is_allow());
/// ```
#[must_use]
pub fn decide<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
) -> Decision {
    if principals.is_blocked() {
        return Decision::Deny(Denial::Blocked);
    }
    let bit = permission.bit();
    rules
        .into_iter()
        .enumerate()
        .find(|(_, rule)| {
            rule.bits & bit != 0
                && rule.permissions().hold(permission)
                && principals.include(rule.principal())
        })
        .map_or(Decision::Deny(Denial::NoRule), |(at, rule)| Decision::of(&rule, at))
}
