//! Lists put together from others, with hierarchies of groups and of permissions, while the program is compiled.
//!
//! What a hierarchy says is written out: a rule about `editors` is repeated for `admins` who include them, and a rule
//! that allows `edit` also allows the `view` that it implies. So the result is a plain list, and all that is known of
//! lists (decisions, checks, proofs) is true of it.

use super::{Action, Name, Permissions, Principal, Rule};

/// Which groups include the members of which others, as a constant.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, acl::GroupHierarchy, group_hierarchy, Acl, Groups, Principals};
///
/// const ROLES: GroupHierarchy = group_hierarchy![("admins", ["editors"]), ("editors", ["readers"])];
/// const ARTICLES: Acl = acl![groups = ROLES, (Allow, Group("readers"), ["view"])];
///
/// let admins = Groups::from(["admins"]);
/// assert!(ARTICLES.decide("view", &Principals::user("alice", &admins)).is_allow());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GroupHierarchy(Edges);

/// Which permissions imply which others, as a constant.
///
/// Whoever is allowed the greater is allowed the lesser, and whoever is denied the lesser is denied the greater.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, acl::ImpliedPermissions, implied_permissions, Acl, Groups, Principals};
///
/// const RIGHTS: ImpliedPermissions = implied_permissions![("delete", ["edit"]), ("edit", ["view"])];
/// const ARTICLES: Acl = acl![implied = RIGHTS, (Allow, Group("editors"), ["edit"])];
///
/// let editors = Groups::from(["editors"]);
/// let alice = Principals::user("alice", &editors);
/// assert!(ARTICLES.decide("view", &alice).is_allow());
/// assert!(!ARTICLES.decide("delete", &alice).is_allow());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ImpliedPermissions(Edges);

/// Pairs of a greater and a lesser name.
type Edges = &'static [(Name<'static>, Name<'static>)];

impl GroupHierarchy {
    /// No group includes another.
    pub const NONE: Self = Self(&[]);

    #[doc(hidden)]
    #[must_use]
    pub const fn __new(edges: Edges) -> Self {
        Self(edges)
    }
}

impl ImpliedPermissions {
    /// No permission implies another.
    pub const NONE: Self = Self(&[]);

    #[doc(hidden)]
    #[must_use]
    pub const fn __new(edges: Edges) -> Self {
        Self(edges)
    }
}

/// What a list is put together from.
#[derive(Clone, Copy, Debug)]
pub struct Composition {
    /// The rows of this list and the rules of others, in order
    pub parts: &'static [&'static [Rule<'static>]],
    /// The hierarchy of groups
    pub groups: GroupHierarchy,
    /// The hierarchy of permissions
    pub implied: ImpliedPermissions,
}

/// Stops the build when a name includes itself.
///
/// # Panics
///
/// Panics with a message for the person who wrote the hierarchy; called in constants only.
#[track_caller]
#[expect(clippy::indexing_slicing, reason = "`at` is a place of these pairs; constants have no iterators")]
#[expect(clippy::panic, reason = "a panic in a constant is a compile error; this is its message")]
pub const fn check_acyclic(edges: &[(Name<'_>, Name<'_>)], at: usize) {
    let (greater, lesser) = edges[at];
    if leads(edges, lesser, greater, edges.len()) {
        let message = super::text::Message::new().push_name(greater).push(" includes itself by way of ");
        panic!("{}", message.push_name(lesser).push("; a hierarchy has no circles").as_str())
    }
}

/// Whether `greater` is `lesser`, or leads to it.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
const fn leads(edges: &[(Name<'_>, Name<'_>)], greater: Name<'_>, lesser: Name<'_>, steps: usize) -> bool {
    if greater.is(lesser) {
        return true;
    }
    if steps == 0 {
        return false;
    }
    let mut at = 0;
    while at < edges.len() {
        if edges[at].0.is(greater) && leads(edges, edges[at].1, lesser, steps - 1) {
            return true;
        }
        at += 1;
    }
    false
}

/// One more name of a rule: by the pair at `at`, unless an earlier pair or the rule itself has brought it.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place is compared with its length first; constants have no iterators"
)]
const fn brought<'a>(
    edges: &[(Name<'a>, Name<'a>)],
    at: usize,
    names: &[Name<'_>],
    action: Action,
) -> Option<Name<'a>> {
    let allow = matches!(action, Action::Allow);
    let name = if allow { edges[at].1 } else { edges[at].0 };
    let mut earlier = 0;
    while earlier < at {
        if (if allow { edges[earlier].1 } else { edges[earlier].0 }).is(name) {
            return None;
        }
        earlier += 1;
    }
    let mut follows = false;
    let mut n = 0;
    while n < names.len() {
        if names[n].is(name) {
            return None;
        }
        let (greater, lesser) = if allow { (names[n], name) } else { (name, names[n]) };
        follows = follows || leads(edges, greater, lesser, edges.len());
        n += 1;
    }
    if follows { Some(name) } else { None }
}

/// One more group of a rule: by the pair at `at`, unless an earlier pair has brought it.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place is compared with its length first; constants have no iterators"
)]
const fn includer<'a>(
    edges: &[(Name<'a>, Name<'a>)],
    at: usize,
    principal: Principal<'_>,
) -> Option<Name<'a>> {
    let Principal::Group(group) = principal else { return None };
    let name = edges[at].0;
    let mut earlier = 0;
    while earlier < at {
        if edges[earlier].0.is(name) {
            return None;
        }
        earlier += 1;
    }
    if !name.is(group) && leads(edges, name, group, edges.len()) { Some(name) } else { None }
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place is compared with its length first; constants have no iterators"
)]
impl Composition {
    /// Returns how many rules there will be before the given row of the given part; with the number of parts, how many
    /// there will be at all.
    #[must_use]
    pub const fn rules_before(&self, part: usize, row: usize) -> usize {
        let mut count = 0;
        let mut p = 0;
        while p < self.parts.len() {
            let mut r = 0;
            while r < self.parts[p].len() {
                if p > part || (p == part && r >= row) {
                    return count;
                }
                count += 1;
                let mut at = 0;
                while at < self.groups.0.len() {
                    if includer(self.groups.0, at, self.parts[p][r].principal()).is_some() {
                        count += 1;
                    }
                    at += 1;
                }
                r += 1;
            }
            p += 1;
        }
        count
    }

    /// Returns how many names there will be.
    #[must_use]
    pub const fn names_len(&self) -> usize {
        let mut count = 0;
        let mut p = 0;
        while p < self.parts.len() {
            let mut r = 0;
            while r < self.parts[p].len() {
                count += self.names_of(&self.parts[p][r]);
                r += 1;
            }
            p += 1;
        }
        count
    }

    const fn names_of(&self, rule: &Rule<'_>) -> usize {
        let Permissions::Names(names) = rule.permissions() else { return 0 };
        let mut count = names.len();
        let mut at = 0;
        while at < self.implied.0.len() {
            if brought(self.implied.0, at, names, rule.action()).is_some() {
                count += 1;
            }
            at += 1;
        }
        count
    }

    /// Returns the names of all rules, one after the other.
    #[must_use]
    pub const fn names<const N: usize>(&self) -> [Name<'static>; N] {
        let mut all = [Name::Number(0); N];
        let mut next = 0;
        let mut p = 0;
        while p < self.parts.len() {
            let mut r = 0;
            while r < self.parts[p].len() {
                let rule = &self.parts[p][r];
                if let Permissions::Names(names) = rule.permissions() {
                    let mut n = 0;
                    while n < names.len() {
                        all[next] = names[n];
                        next += 1;
                        n += 1;
                    }
                    let mut at = 0;
                    while at < self.implied.0.len() {
                        if let Some(name) = brought(self.implied.0, at, names, rule.action()) {
                            all[next] = name;
                            next += 1;
                        }
                        at += 1;
                    }
                }
                r += 1;
            }
            p += 1;
        }
        all
    }

    /// Returns the rules, with their permissions out of `names`.
    #[must_use]
    pub const fn rules<const N: usize>(&self, names: &'static [Name<'static>]) -> [Rule<'static>; N] {
        let nothing = Rule::__new(Action::Deny, Principal::Everyone, Permissions::All, 0);
        let mut all = [nothing; N];
        let mut next = 0;
        let mut rest = names;
        let mut p = 0;
        while p < self.parts.len() {
            let mut r = 0;
            while r < self.parts[p].len() {
                let rule = &self.parts[p][r];
                let permissions = match rule.permissions() {
                    Permissions::Names(_) => {
                        let (own, others) = rest.split_at(self.names_of(rule));
                        rest = others;
                        Permissions::Names(own)
                    }
                    other => other,
                };
                all[next] = rule.__with(rule.principal(), permissions);
                next += 1;
                let mut at = 0;
                while at < self.groups.0.len() {
                    if let Some(group) = includer(self.groups.0, at, rule.principal()) {
                        all[next] = rule.__with(Principal::Group(group), permissions);
                        next += 1;
                    }
                    at += 1;
                }
                r += 1;
            }
            p += 1;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acl::{Groups, Principals, decide};

    const GROUPS: Edges = &[
        (Name::Text("admins"), Name::Text("editors")),
        (Name::Text("editors"), Name::Text("readers")),
        (Name::Text("root"), Name::Text("admins")),
    ];
    const RIGHTS: Edges = &[
        (Name::Text("delete"), Name::Text("edit")),
        (Name::Text("edit"), Name::Text("view")),
        (Name::Text("comment"), Name::Text("view")),
    ];

    fn compose(parts: &'static [&'static [Rule<'static>]]) -> Vec<Rule<'static>> {
        let composition =
            Composition { parts, groups: GroupHierarchy(GROUPS), implied: ImpliedPermissions(RIGHTS) };
        let names: &'static [Name<'static>] =
            composition.names::<64>()[..composition.names_len()].to_vec().leak();
        composition.rules::<64>(names)[..composition.rules_before(parts.len(), 0)].to_vec()
    }

    fn closure(edges: Edges, from: &str) -> Vec<String> {
        let mut all = vec![from.to_owned()];
        while let Some(more) = edges
            .iter()
            .find(|(a, b)| all.contains(&a.to_string()) && !all.contains(&b.to_string()))
            .map(|(_, b)| b.to_string())
        {
            all.push(more);
        }
        all
    }

    /// The same question, asked of the rows with the user's groups and the permission written out.
    fn reference(rows: &[Rule<'_>], groups: &[&str], permission: &str) -> bool {
        let groups: Groups = groups.iter().flat_map(|group| closure(GROUPS, group)).collect();
        let principals = Principals::user("u", &groups);
        rows.iter()
            .find(|rule| {
                let mut holds = matches!(rule.permissions(), Permissions::All);
                rule.permissions().each(&mut |name| {
                    let (greater, lesser) = match rule.action() {
                        Action::Allow => (name.to_string(), permission.to_owned()),
                        Action::Deny => (permission.to_owned(), name.to_string()),
                    };
                    holds |= closure(RIGHTS, &greater).contains(&lesser);
                });
                holds && principals.include(rule.principal())
            })
            .is_some_and(|rule| rule.action() == Action::Allow)
    }

    #[test]
    fn what_is_written_out_is_what_the_hierarchies_say() {
        let groups = ["readers", "editors", "admins", "root", "others"];
        let permissions = ["view", "comment", "edit", "delete", "purge"];
        let mut rows = Vec::new();
        for action in [Action::Allow, Action::Deny] {
            for principal in
                groups.map(|name| Principal::Group(Name::Text(name))).into_iter().chain([Principal::Everyone])
            {
                for permission in permissions {
                    let names: &'static [Name<'static>] = vec![Name::Text(permission)].leak();
                    rows.push(Rule::__new(action, principal, Permissions::Names(names), 0));
                }
                rows.push(Rule::__new(action, principal, Permissions::All, 0));
            }
        }
        for (a, first) in rows.iter().enumerate() {
            for second in rows.iter().skip(a % 5).step_by(5) {
                let list: &'static [Rule<'static>] = vec![*first, *second].leak();
                let composed = compose(vec![list].leak());
                for group in groups {
                    for permission in permissions {
                        let own = Groups::from([group]);
                        let found = decide(
                            composed.iter().copied(),
                            Name::Text(permission),
                            &Principals::user("u", &own),
                        );
                        let expected = reference(list, &[group], permission);
                        assert_eq!(found.is_allow(), expected, "{list:?} {group} {permission}");
                    }
                }
            }
        }
    }

    #[test]
    fn parts_keep_their_order() {
        const OWN: &[Rule<'static>] = &[Rule::__new(Action::Deny, Principal::User("u"), Permissions::All, 1)];
        const BASE: &[Rule<'static>] =
            &[Rule::__new(Action::Allow, Principal::Group(Name::Text("readers")), Permissions::All, 2)];
        let rules = compose(&[OWN, BASE]);
        assert_eq!(rules.len(), 5);
        assert_eq!(rules[0].principal(), Principal::User("u"));
        let composition = Composition {
            parts: &[OWN, BASE, OWN],
            groups: GroupHierarchy(GROUPS),
            implied: ImpliedPermissions::NONE,
        };
        assert_eq!(
            [
                composition.rules_before(0, 0),
                composition.rules_before(1, 0),
                composition.rules_before(2, 0),
                composition.rules_before(3, 0)
            ],
            [0, 1, 5, 6]
        );
    }

    #[test]
    #[should_panic(expected = "`a` includes itself by way of `b`; a hierarchy has no circles")]
    fn circles_are_refused() {
        check_acyclic(&[(Name::Text("a"), Name::Text("b")), (Name::Text("b"), Name::Text("a"))], 0);
    }
}
