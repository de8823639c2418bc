//! Evaluates an ACL: [`decide`] is the single place in which rules become a decision.

use super::{Decision, Denial, Name, OverlayRules, Principals, Rule};

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
    decide_with_overlay(rules, permission, principals, None)
}

/// Decides as [`decide`] does, with the rules of overlays before those of the lists that declare them.
///
/// See [`OverlayRules`] for an example.
#[must_use]
pub fn decide_with_overlay<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> Decision {
    if principals.is_blocked() {
        return Decision::Deny(Denial::Blocked);
    }
    let bit = permission.bit();
    // The overlay of the rule before
    let mut under = None;
    for (at, rule) in rules.into_iter().enumerate() {
        if let Some(overlay) = overlay
            && rule.overlay != under
        {
            under = rule.overlay;
            let decision = under.and_then(|under| overlay.decide(*under, permission, principals));
            if let Some(decision) = decision {
                return decision;
            }
        }
        if rule.bits & bit != 0 && rule.permissions().hold(permission) && principals.include(rule.principal())
        {
            return Decision::of(&rule, at);
        }
    }
    Decision::Deny(Denial::NoRule)
}
