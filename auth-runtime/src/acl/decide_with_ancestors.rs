//! Decides by the rules of a [`Resource`] and of its ancestors. Guards and handlers call it.

use auth_acl::__private::{decide_each, explain_each};

use super::{
    Condition, ConditionAnswer, ConditionKind, Decision, Denial, Explanation, Name, OverlayRules, Principals,
    Resource, ResourceFacts, Rule,
};

/// Decides whether `principals` may do `permission` to `resource`, by its rules and those of its ancestors.
///
/// The index of the rule that decided counts from the first rule of the resource through those of its
/// ancestors. The condition [`OWNER`](crate::OWNER) is answered by the resource whose rule has it; all others are unknown
/// here (see [`decide`](crate::decide)).
#[must_use]
pub fn decide_for(
    resource: &(impl Resource + ?Sized),
    permission: Name<'_>,
    principals: &Principals<'_>,
) -> Decision {
    decide_for_with_overlay(resource, permission, principals, None)
}

/// Decides as [`decide_for`] does, with the rules of overlays before those of the lists that declare them.
#[must_use]
pub fn decide_for_with_overlay(
    resource: &(impl Resource + ?Sized),
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> Decision {
    let answer =
        |condition: &Condition, facts: ResourceFacts<'_>| Some(without_request(condition, facts, principals));
    let decided = decide_for_if(resource, permission, principals, overlay, answer);
    decided.unwrap_or(Decision::Deny(Denial::NoRule))
}

/// Answers what follows from the user and the resource.
fn without_request(
    condition: &Condition,
    facts: ResourceFacts<'_>,
    principals: &Principals<'_>,
) -> ConditionAnswer {
    match (condition.kind(), facts.owner) {
        (ConditionKind::Owner, Some(owner)) => ConditionAnswer::of(principals.user_id() == Some(owner)),
        _ => ConditionAnswer::Unknown,
    }
}

/// Decides as [`decide_for_with_overlay`] does, with answers to conditions; the error is the condition to be answered
/// next.
pub(crate) fn decide_for_if(
    resource: &(impl Resource + ?Sized),
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
    answer: impl Fn(&Condition, ResourceFacts<'_>) -> Option<ConditionAnswer>,
) -> Result<Decision, Condition> {
    decide_from(0, resource, (permission, principals, overlay), &answer)
}

fn decide_from(
    first: usize,
    resource: &(impl Resource + ?Sized),
    question @ (permission, principals, overlay): (Name<'_>, &Principals<'_>, Option<&OverlayRules>),
    answer: &dyn Fn(&Condition, ResourceFacts<'_>) -> Option<ConditionAnswer>,
) -> Result<Decision, Condition> {
    let mut end = first;
    let rules = resource.acl().into_iter().inspect(|_| end = end.saturating_add(1));
    let facts = |_: usize, condition: &Condition| answer(condition, ResourceFacts::of(resource));
    match decide_each(rules, permission, principals, overlay, facts)? {
        Decision::Deny(Denial::NoRule) => match resource.parent() {
            Some(parent) => decide_from(end, &parent, question, answer),
            None => Ok(Decision::Deny(Denial::NoRule)),
        },
        decided => Ok(decided.after(first)),
    }
}

/// Returns the id of the rule at an index as [`decide_for`] counts, if the rule has one.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method alone is not a function of rules of every lifetime"
)]
pub(crate) fn rule_id_for(resource: &(impl Resource + ?Sized), at: usize) -> Option<&'static str> {
    rule_at(resource, at, |rule| rule.id())?
}

/// Passes the rule at an index, as [`decide_for`] counts, to a function.
pub(crate) fn rule_at<T>(
    resource: &(impl Resource + ?Sized),
    at: usize,
    look: impl FnOnce(&Rule<'_>) -> T,
) -> Option<T> {
    let mut before = at;
    for rule in resource.acl() {
        let Some(rest) = before.checked_sub(1) else { return Some(look(&rule)) };
        before = rest;
    }
    resource.parent().and_then(|parent| rule_at(&parent, before, look))
}

/// Decides as [`decide_for`] does, and explains the decision.
#[must_use]
pub fn explain_for(
    resource: &(impl Resource + ?Sized),
    permission: Name<'_>,
    principals: &Principals<'_>,
) -> Explanation {
    explain_for_with_overlay(resource, permission, principals, None)
}

/// Decides as [`decide_for_with_overlay`] does, and explains the decision.
#[must_use]
pub fn explain_for_with_overlay(
    resource: &(impl Resource + ?Sized),
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> Explanation {
    let answer =
        |condition: &Condition, facts: ResourceFacts<'_>| without_request(condition, facts, principals);
    explain_for_if(resource, permission, principals, overlay, answer)
}

/// Explains as [`explain_for_with_overlay`] does, with answers to conditions.
pub(crate) fn explain_for_if(
    resource: &(impl Resource + ?Sized),
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
    answer: impl Fn(&Condition, ResourceFacts<'_>) -> ConditionAnswer,
) -> Explanation {
    let lineage = Lineage { rules: Vec::new(), facts: Vec::new() };
    lineage.explain(resource, (permission, principals, overlay), &answer)
}

/// The rules of a resource and its ancestors, each with the facts of the resource that it is a rule of. Evaluating one
/// after the other equals evaluating all in one list.
struct Lineage<'a> {
    rules: Vec<Rule<'a>>,
    facts: Vec<ResourceFacts<'a>>,
}

impl<'a> Lineage<'a> {
    fn explain(
        mut self,
        resource: &'a (impl Resource + ?Sized),
        question @ (permission, principals, overlay): (Name<'_>, &Principals<'_>, Option<&OverlayRules>),
        answer: &dyn Fn(&Condition, ResourceFacts<'_>) -> ConditionAnswer,
    ) -> Explanation {
        self.rules.extend(resource.acl());
        self.facts.resize(self.rules.len(), ResourceFacts::of(resource));
        if let Some(parent) = resource.parent() {
            return self.explain(&parent, question, answer);
        }
        explain_each(self.rules, permission, principals, overlay, |at, condition| {
            self.facts.get(at).map_or(ConditionAnswer::Unknown, |facts| answer(condition, *facts))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acl::{Grant, Groups, Permissions, Principal};

    #[test]
    fn the_id_of_a_rule_is_found_by_the_index_of_the_decision() {
        let root = Folder {
            rules: vec![
                rule(false, Principal::User("bob")),
                rule(true, Principal::Everyone).with_id("all-read"),
            ],
            parent: None,
        };
        let middle = Folder { rules: vec![], parent: Some(Box::new(root)) };
        let own = rule(false, Principal::User("mallory")).with_id("mallory-is-out");
        let leaf = Folder { rules: vec![own], parent: Some(Box::new(middle)) };
        let none = Groups::none();
        for (user, id) in [("mallory", Some("mallory-is-out")), ("bob", None), ("alice", Some("all-read"))] {
            let decision = decide_for(&leaf, Name::Text("x"), &Principals::user(user, &none));
            assert_eq!(decision.rule().and_then(|at| rule_id_for(&leaf, at)), id, "{user}");
        }
        assert_eq!(rule_id_for(&leaf, 3), None);
    }

    struct Folder {
        rules: Vec<Rule<'static>>,
        parent: Option<Box<Self>>,
    }

    impl Resource for Folder {
        type Permission = ();

        fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
            self.rules.iter().copied()
        }

        fn parent(&self) -> Option<impl Resource> {
            self.parent.as_deref()
        }
    }

    fn rule(allow: bool, principal: Principal<'static>) -> Rule<'static> {
        if allow { Rule::allow(principal, Permissions::All) } else { Rule::deny(principal, Permissions::All) }
    }

    #[test]
    fn the_lineage_is_asked_from_the_thing_upwards() {
        let root = Folder { rules: vec![rule(true, Principal::Everyone)], parent: None };
        let middle = Folder { rules: vec![], parent: Some(Box::new(root)) };
        let leaf =
            Folder { rules: vec![rule(false, Principal::User("mallory"))], parent: Some(Box::new(middle)) };
        let none = Groups::none();
        let ask = |principals: &Principals<'_>| decide_for(&leaf, Name::Text("x"), principals);
        assert_eq!(ask(&Principals::user("mallory", &none)), Decision::Deny(Denial::Rule(0)));
        assert_eq!(ask(&Principals::user("alice", &none)), Decision::Allow(Grant::Rule(1)));
        assert_eq!(ask(&Principals::blocked()), Decision::Deny(Denial::Blocked));
        let lonely = Folder { rules: vec![], parent: None };
        assert_eq!(
            decide_for(&lonely, Name::Text("x"), &Principals::anonymous()),
            Decision::Deny(Denial::NoRule)
        );
    }
}
