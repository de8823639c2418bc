//! Tests that a composed ACL decides as its parts do with their hierarchies.

use alloc::{
    borrow::ToOwned as _,
    string::{String, ToString as _},
    vec,
    vec::Vec,
};

use super::{group_and_permission_hierarchies::*, *};
use crate::{Groups, Principals, decide};

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
    let composition = Composition {
        parts,
        groups: GroupHierarchy(GROUPS),
        implied: ImpliedPermissions(RIGHTS),
        overlay: None,
    };
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
        overlay: None,
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
#[should_panic(expected = "`b` includes itself by way of `a`; remove `a` from this list")]
fn the_last_pair_of_a_circle_is_refused() {
    let edges = [(Name::Text("a"), Name::Text("b")), (Name::Text("b"), Name::Text("a"))];
    check_acyclic(&edges, 0);
    check_acyclic(&edges, 1);
}
