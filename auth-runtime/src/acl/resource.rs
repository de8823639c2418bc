//! Decides by rules that a resource has itself (object-level authorization): [`Resource`].

use std::{rc::Rc, sync::Arc};

use super::{
    Decision, Denial, Explanation, Grant, Name, OverlayRules, Principals, Rule, decide_with_overlay,
    explain_with_overlay,
};

/// A resource with rules of its own, such as an article with an owner.
///
/// A guard names the argument, `#[acl_required("edit", article)]`, and decides as soon as it is extracted.
/// Anonymous requests are rejected before it is loaded, unless the guard says `anonymous`, as in
/// `#[acl_required("view", article, anonymous)]`; a rule for `Everyone` allows them only behind such a guard.
/// The rules of the resource itself are evaluated first, then those of its [parent](Self::parent), and so on;
/// the first match decides.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, Acl, Groups, Name, Principals, Resource, Rule, User, decide_for};
///
/// const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];
///
/// struct Article {
///     owner: String,
/// }
///
/// impl Resource for Article {
///     fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
///         [Rule::allow(User(&self.owner), &["edit", "delete"])].into_iter().chain(&ARTICLES)
///     }
/// }
///
/// let article = Article { owner: "alice".to_owned() };
/// let none = Groups::none();
/// assert!(decide_for(&article, Name::Text("edit"), &Principals::user("alice", &none)).is_allow());
/// assert!(!decide_for(&article, Name::Text("edit"), &Principals::user("bob", &none)).is_allow());
/// ```
#[diagnostic::on_unimplemented(
    message = "this type has no rules; write `impl Resource for` it, or name an ACL such as `ARTICLES` in the guard",
    label = "expected a type that implements `Resource`",
    note = "write `impl Resource for {Self} {{ fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {{ … }} }}`"
)]
pub trait Resource {
    /// Returns the rules, the most specific first.
    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>>;

    /// Returns the parent, whose rules are evaluated if none of this resource's matches: a section, a site.
    ///
    /// The default is none.
    fn parent(&self) -> Option<impl Resource> {
        None::<Orphan>
    }
}

/// The parent type of a resource without a parent; it has no values.
enum Orphan {}

impl Resource for Orphan {
    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        []
    }
}

macro_rules! pointers {
    ($($pointer:ty),*) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<R: Resource> Resource for $pointer {
                fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
                    (**self).acl()
                }

                fn parent(&self) -> Option<impl Resource> {
                    (**self).parent()
                }
            }
        )*
    };
}

pointers!(&R, Box<R>, Rc<R>, Arc<R>);

/// Decides whether `principals` may do `permission` to `resource`, by its rules and those of its ancestors.
///
/// The index of the rule that decided counts from the first rule of the resource through those of its
/// ancestors.
#[must_use]
pub fn decide_for(resource: &impl Resource, permission: Name<'_>, principals: &Principals<'_>) -> Decision {
    decide_for_with_overlay(resource, permission, principals, None)
}

/// Decides as [`decide_for`] does, with the rules of overlays before those of the lists that declare them.
#[must_use]
pub fn decide_for_with_overlay(
    resource: &impl Resource,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> Decision {
    decide_from(0, resource, permission, principals, overlay)
}

fn decide_from(
    first: usize,
    resource: &impl Resource,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> Decision {
    let mut end = first;
    let rules = resource.acl().into_iter().inspect(|_| end = end.saturating_add(1));
    match decide_with_overlay(rules, permission, principals, overlay) {
        Decision::Allow(Grant::Rule(at)) => Decision::Allow(Grant::Rule(first.saturating_add(at))),
        Decision::Deny(Denial::Rule(at)) => Decision::Deny(Denial::Rule(first.saturating_add(at))),
        Decision::Deny(Denial::NoRule) => match resource.parent() {
            Some(parent) => decide_from(end, &parent, permission, principals, overlay),
            None => Decision::Deny(Denial::NoRule),
        },
        decided => decided,
    }
}

/// Returns the id of the rule at an index as [`decide_for`] counts, if the rule has one.
pub(crate) fn rule_id_for(resource: &impl Resource, at: usize) -> Option<&'static str> {
    let mut before = at;
    for rule in resource.acl() {
        let Some(rest) = before.checked_sub(1) else { return rule.id() };
        before = rest;
    }
    resource.parent().and_then(|parent| rule_id_for(&parent, before))
}

/// Decides as [`decide_for`] does, and explains the decision.
#[must_use]
pub fn explain_for(
    resource: &impl Resource,
    permission: Name<'_>,
    principals: &Principals<'_>,
) -> Explanation {
    explain_for_with_overlay(resource, permission, principals, None)
}

/// Decides as [`decide_for_with_overlay`] does, and explains the decision.
#[must_use]
pub fn explain_for_with_overlay(
    resource: &impl Resource,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> Explanation {
    explain_from(Vec::new(), resource, (permission, principals), overlay)
}

/// Evaluating resource and ancestors one after the other equals evaluating their rules in one list.
fn explain_from<'a>(
    mut rules: Vec<Rule<'a>>,
    resource: &'a impl Resource,
    (permission, principals): (Name<'_>, &Principals<'_>),
    overlay: Option<&OverlayRules>,
) -> Explanation {
    rules.extend(resource.acl());
    match resource.parent() {
        Some(parent) => explain_from(rules, &parent, (permission, principals), overlay),
        None => explain_with_overlay(rules, permission, principals, overlay),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acl::{Groups, Permissions, Principal};

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
