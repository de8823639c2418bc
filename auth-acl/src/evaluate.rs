//! Evaluates an ACL: [`decide`] is the single place in which rules become a decision.

use alloc::vec::Vec;

use super::{
    Action, Condition, ConditionAnswer, Decision, Denial, Name, OverlayRules, Principals, Rule,
    mutate_rule::evaluated,
};

/// Decides whether `principals` may do `permission`, by the first rule that matches both.
///
/// Without a matching rule, the permission is denied. A [blocked](Principals::blocked) user is denied everything,
/// regardless of the rules.
///
/// No [condition](Condition) is answered here: rules that allow under one do not fire, and rules that deny under one do
/// (fail closed). [`decide_if`] takes answers.
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
    first(rules, permission, principals, overlay, |_, rule| {
        !rule.is_conditional() || rule.action() == Action::Deny
    })
}

/// Decides as [`decide`] does, with answers to the conditions of rules.
///
/// `answer` returns `None` for a condition that it does not know yet. It is asked about the conditions of rules whose
/// principal and permission match, in order, until a rule fires.
///
/// # Errors
///
/// Returns the condition whose answer the decision depends on. Ask again when it is known.
///
/// # Example
///
/// ```
/// use auth_runtime::{ALL, Condition, Groups, Name, Principal, Principals, Rule};
/// use auth_runtime::acl::{ConditionAnswer, decide_if};
///
/// const ON_CALL: Condition = Condition::custom("on-call");
///
/// let rules = [Rule::allow(Principal::Authenticated, ALL).with_conditions(&[ON_CALL])];
/// let (none, edit) = (Groups::none(), Name::Text("edit"));
/// let alice = Principals::user("alice", &none);
///
/// assert_eq!(decide_if(rules, edit, &alice, |_| None), Err(ON_CALL));
/// assert!(decide_if(rules, edit, &alice, |_| Some(ConditionAnswer::Holds)).unwrap().is_allow());
/// assert!(!decide_if(rules, edit, &alice, |_| Some(ConditionAnswer::Unknown)).unwrap().is_allow());
/// // Nothing is asked for a request that the rule does not match.
/// assert!(!decide_if(rules, edit, &Principals::anonymous(), |_| None).unwrap().is_allow());
/// ```
pub fn decide_if<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    mut answer: impl FnMut(&Condition) -> Option<ConditionAnswer>,
) -> Result<Decision, Condition> {
    decide_each(rules, permission, principals, None, |_, condition| answer(condition))
}

/// Decides as [`decide_if`] does, with the rules of overlays, and with answers that may depend on the index of the rule.
///
/// # Errors
///
/// As [`decide_if`].
pub fn decide_each<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
    mut answer: impl FnMut(usize, &Condition) -> Option<ConditionAnswer>,
) -> Result<Decision, Condition> {
    let mut open = None;
    let decision = first(rules, permission, principals, overlay, |at, rule| {
        rule.fires(&mut |condition| answer(at, condition)).unwrap_or_else(|condition| {
            open = Some(condition);
            true
        })
    });
    open.map_or(Ok(decision), Err)
}

/// The beginning of an evaluation, up to the first rule whose conditions have to be answered.
#[derive(Debug)]
pub enum Evaluation<'r> {
    /// No condition has to be answered; the rule is the one that decided.
    Decided(Decision, Option<Rule<'r>>),
    /// The first matching rule has conditions. So many rules before it do not match; it and those behind it are left.
    Open(usize, Vec<Rule<'r>>),
}

/// Evaluates rules up to the first one whose conditions have to be answered. It needs memory only if there is one.
pub fn begin<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> Evaluation<'r> {
    let mut rules = rules.into_iter();
    let (mut open, mut last) = (None, None);
    let seen = rules.by_ref().inspect(|rule| last = Some(*rule));
    let decision = first(seen, permission, principals, overlay, |at, rule| {
        if rule.is_conditional() {
            open = Some((at, *rule));
        }
        true
    });
    match open {
        Some((at, rule)) => Evaluation::Open(at, [rule].into_iter().chain(rules).collect()),
        None => Evaluation::Decided(decision, last.filter(|_| decision.rule().is_some())),
    }
}

/// Decides as [`decide_if`] does with the answers that allow the most. Conditions that `is_answerable` rejects are
/// unknown.
#[must_use]
pub fn decide_at_best<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
    is_answerable: impl Fn(&Condition) -> bool,
) -> Decision {
    first(rules, permission, principals, overlay, |_, rule| match rule.action() {
        Action::Allow => rule.conditions().iter().all(&is_answerable),
        Action::Deny => !rule.conditions().iter().any(&is_answerable),
    })
}

/// Decides by the first rule that matches and for which `fires` returns true. It is asked with the index of the rule.
pub fn first<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
    mut fires: impl FnMut(usize, &Rule<'r>) -> bool,
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
        let rule = evaluated(rule);
        if rule.bits & bit != 0
            && rule.permissions().hold(permission)
            && principals.include(rule.principal())
            && fires(at, &rule)
        {
            return Decision::of(&rule, at);
        }
    }
    Decision::Deny(Denial::NoRule)
}
