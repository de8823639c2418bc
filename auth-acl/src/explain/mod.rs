//! Explains decisions as text: [`explain`], and the [`Explanation`] that it returns.

mod caller_as_text;
mod evaluation_order;
mod explanation;
mod remedies;
mod rule_effect;

use alloc::{format, vec::Vec};

use caller_as_text::who;
use evaluation_order::{Evaluated, Question, in_order};
pub use explanation::Explanation;
pub use rule_effect::{Hit, Step};

use super::{
    Condition, ConditionAnswer, Decision, Denial, Name, OverlayRules, Principals, Rule, evaluate::decide_each,
};

/// Decides as [`decide`](crate::decide) does, and explains the decision.
#[must_use]
pub fn explain<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
) -> Explanation {
    explain_with_overlay(rules, permission, principals, None)
}

/// Decides as [`decide_with_overlay`](crate::decide_with_overlay) does, and explains the decision.
#[must_use]
pub fn explain_with_overlay<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> Explanation {
    explain_each(rules, permission, principals, overlay, |_, _| ConditionAnswer::Unknown)
}

/// Decides as [`decide_if`](crate::decide_if) does with these answers, and explains the decision.
///
/// # Example
///
/// ```
/// use auth_runtime::{ALL, Groups, Name, OWNER, Principal, Principals, Rule};
/// use auth_runtime::acl::{ConditionAnswer, explain_if};
///
/// let rules = [Rule::allow(Principal::Authenticated, ALL).with_conditions(&[OWNER])];
/// let none = Groups::none();
/// let bob = Principals::user("bob", &none);
/// let explanation = explain_if(rules, Name::Text("edit"), &bob, |_| ConditionAnswer::Fails);
/// assert_eq!(
///     explanation.to_string(),
///     "\
/// `edit` for the user `bob` in no group: denied, since no rule allows it
///   1 (Allow, Authenticated, ALL, if owner): does not fire; `owner` does not hold
///   it would be enough to meet the condition `owner`"
/// );
/// ```
#[must_use]
pub fn explain_if<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    answer: impl Fn(&Condition) -> ConditionAnswer,
) -> Explanation {
    explain_each(rules, permission, principals, None, |_, condition| answer(condition))
}

/// Explains as [`explain_if`] does, with the rules of overlays, and with answers that may depend on the index of the rule.
#[must_use]
pub fn explain_each<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
    answer: impl Fn(usize, &Condition) -> ConditionAnswer,
) -> Explanation {
    let rules: Vec<Rule<'r>> = rules.into_iter().collect();
    let asked = Asked { rules: &rules, permission, overlay, answer: &answer };
    let decision = asked.decide(principals);
    let evaluated = in_order(&rules, overlay);
    let decider = evaluated.iter().position(|one| one.has_decided(decision));
    let question = Question { permission, principals, decider };
    let steps = evaluated.iter().enumerate().map(|(at, one)| {
        let hit = question.hit(at, *one);
        let answers = match one {
            Evaluated::Rule(own, rule) if matches!(hit, Hit::Decides | Hit::ConditionFails) => rule
                .conditions()
                .iter()
                .map(|condition| (condition.name(), answer(*own, condition)))
                .collect(),
            _ => Vec::new(),
        };
        Step::of(*one, hit, answers)
    });
    Explanation {
        decision,
        question: format!("`{permission}` for {}", who(principals)),
        steps: steps.collect(),
        file: "",
        remedies: if decision.is_allow() { Vec::new() } else { asked.remedies(principals) },
    }
}

/// A question about rules, with the answers to their conditions.
#[derive(Clone, Copy)]
struct Asked<'a> {
    rules: &'a [Rule<'a>],
    permission: Name<'a>,
    overlay: Option<&'a OverlayRules>,
    answer: &'a dyn Fn(usize, &Condition) -> ConditionAnswer,
}

impl Asked<'_> {
    fn decide(&self, principals: &Principals<'_>) -> Decision {
        let rules = self.rules.iter().copied();
        let answer = |at: usize, condition: &Condition| Some((self.answer)(at, condition));
        let decided = decide_each(rules, self.permission, principals, self.overlay, answer);
        decided.unwrap_or(Decision::Deny(Denial::NoRule))
    }
}
