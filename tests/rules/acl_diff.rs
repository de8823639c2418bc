//! The comparison of two lists shows what changes, all of it, and nothing else.

#![expect(clippy::indexing_slicing, reason = "small numbers in a test, which stops if it cannot go on")]

use std::collections::BTreeSet;

use auth_runtime::{
    Acl, Action, Condition, Groups, Name, Permissions, Principal, Principals, Rule,
    access::{DiffRow, acl_diff},
    acl,
    acl::{ConditionAnswer, decide_if},
    decide, testing,
};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};

const SITE: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, Group("interns"), ["edit"]),
    (Allow, Group("press"), ["edit"]),
    (Allow, User("ada"), ["a|b"]),
];

#[test]
fn the_same_rules_in_another_form_are_no_change() {
    const OTHER: Acl = acl![
        (Allow, User("ada"), ["a|b"]),
        (Deny, Group("interns"), ["edit"]),
        (Allow, Authenticated, ["view"]),
        (Allow, Everyone, ["view"]),
        (Allow, Group("press"), ["view", "edit"]),
    ];
    let diff = acl_diff(&SITE, &OTHER);
    assert!(diff.is_empty(), "{diff}");
    assert_eq!(diff.to_string(), "No request gains or loses a permission.\n");
}

#[test]
fn a_change_for_members_of_two_groups_has_a_row_of_its_own() {
    const OTHER: Acl = acl![
        (Allow, Everyone, ["view"]),
        (Allow, Group("press"), ["edit"]),
        (Deny, Group("interns"), ["edit"]),
        (Deny, Group("press"), ["a|b"]),
        (Allow, User("ada"), ["a|b"]),
    ];
    let table = "\
| who | gains | loses |
|---|---|---|
| group interns and group press | edit |  |
| group press and user ada |  | a\\|b |
";
    assert_eq!(acl_diff(&SITE, &OTHER).to_string(), table);
}

#[test]
fn anonymous_members_are_compared_where_a_list_says_that_there_are_any() {
    const OLD: Acl = acl![anonymous_groups = ["office"], (Allow, Authenticated, ["print"])];
    const NEW: Acl = acl![(Allow, Authenticated, ["print"]), (Allow, Group("office"), ["print"])];
    let diff = acl_diff(&OLD, &NEW);
    assert_eq!(
        diff.to_string(),
        "| who | gains | loses |\n|---|---|---|\n| anonymous in group office | print |  |\n"
    );
    assert_eq!((diff.rows()[0].who(), diff.rows()[0].gains().len()), ("anonymous in group office", 1));
    assert!(diff.rows()[0].loses().is_empty());
}

const DAY: Condition = Condition::daily("day", "08:00", "18:00");
const LONG_DAY: Condition = Condition::daily("day", "06:00", "20:00");
const OFFICE: Condition = Condition::network("office", &["10.0.0.0/8"]);

#[test]
fn conditions_are_part_of_what_a_request_gains_and_loses() {
    const OLD: Acl = acl![
        (Deny, Group("interns"), ["print"], if DAY),
        (Allow, Authenticated, ["edit"]),
        (Allow, Authenticated, ["publish"], if DAY),
        (Allow, Authenticated, ["print"]),
        (Allow, Authenticated, ["read"], if OFFICE),
    ];
    const NEW: Acl = acl![
        (Allow, Authenticated, ["edit"], if OFFICE),
        (Allow, Authenticated, ["publish"]),
        (Allow, Authenticated, ["print"]),
        (Allow, Authenticated, ["read"], if DAY),
    ];
    let table = "\
| who | gains | loses |
|---|---|---|
| signed in | publish (depends on day), read (depends on day, office) | edit (depends on office), \
read (depends on day, office) |
| group interns | print (depends on day), publish (depends on day), read (depends on day, office) | \
edit (depends on office), read (depends on day, office) |
";
    assert_eq!(acl_diff(&OLD, &NEW).to_string(), table);
    assert!(acl_diff(&OLD, &OLD).is_empty());
}

#[test]
fn a_condition_with_another_meaning_is_another_condition() {
    const OLD: Acl = acl![(Allow, Authenticated, ["publish"], if DAY)];
    const NEW: Acl = acl![(Allow, Authenticated, ["publish"], if LONG_DAY)];
    let diff = acl_diff(&OLD, &NEW);
    assert_eq!(diff.rows().len(), 1);
    assert_eq!(diff.rows()[0].gains(), ["publish (depends on day)"]);
    assert_eq!(diff.rows()[0].loses(), ["publish (depends on day)"]);
}

#[test]
fn the_order_of_conditions_and_of_rules_under_the_same_condition_is_no_change() {
    const OLD: Acl = acl![
        (Allow, Authenticated, ["publish"], if all(DAY, OFFICE)),
        (Allow, Authenticated, ["publish"], if OFFICE),
    ];
    const NEW: Acl = acl![(Allow, Authenticated, ["publish"], if OFFICE)];
    const TURNED: Acl = acl![
        (Allow, Authenticated, ["publish"], if OFFICE),
        (Allow, Authenticated, ["publish"], if all(OFFICE, DAY)),
    ];
    for (old, new) in [(OLD, NEW), (OLD, TURNED), (NEW, TURNED)] {
        let diff = acl_diff(&old, &new);
        assert!(diff.is_empty(), "{diff}");
    }
}

const GROUPS: [&str; 3] = ["g", "h", "i"];
const USERS: [Option<&str>; 4] = [None, Some("other"), Some("u"), Some("v")];
const NAMES: [&str; 3] = ["p", "q", "r"];

fn rule() -> impl Strategy<Value = Rule<'static>> {
    let principal = prop_oneof![
        Just(Principal::Everyone),
        Just(Principal::Authenticated),
        Just(Principal::User("u")),
        Just(Principal::User("v")),
        (0..3_usize).prop_map(|at| Principal::Group(Name::Text(GROUPS[at]))),
    ];
    let permissions = prop_oneof![
        1 => Just(Permissions::All),
        4 => prop::collection::btree_set(0..2_usize, 1..3)
            .prop_map(|at| testing::names(at.into_iter().map(|at| NAMES[at]))),
    ];
    (any::<bool>(), principal, permissions).prop_map(|(allows, principal, permissions)| {
        if allows { Rule::allow(principal, permissions) } else { Rule::deny(principal, permissions) }
    })
}

const CONDITIONS: [&[Condition]; 5] = [&[], &[], &[DAY], &[OFFICE], &[DAY, OFFICE]];

/// Some rules with conditions.
fn conditional_rule() -> impl Strategy<Value = Rule<'static>> {
    (rule(), 0..5_usize).prop_map(|(rule, at)| rule.with_conditions(CONDITIONS[at]))
}

/// All requests that the rules can tell apart: the user, and the groups.
fn requests() -> impl Iterator<Item = (Option<&'static str>, Groups)> {
    USERS.into_iter().flat_map(|user| {
        // Neither list says that anonymous requests are in groups.
        let sets = if user.is_some() { 8 } else { 1 };
        (0..sets).map(move |bits| {
            let groups = (0..3).filter(|bit| bits & (1 << bit) != 0).map(|bit| GROUPS[bit]);
            (user, groups.collect())
        })
    })
}

fn may(acl: &Acl, user: Option<&str>, groups: &Groups, name: &'static str) -> bool {
    decide(acl, Name::Text(name), &Principals::new(user, Some(groups))).is_allow()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_is_empty_exactly_if_no_request_is_decided_otherwise(
        old in prop::collection::vec(rule(), 0..6),
        new in prop::collection::vec(rule(), 0..6),
        changed in any::<bool>(),
    ) {
        // Half of the pairs differ in the order of their rules only.
        let new = if changed { new } else { old.iter().rev().copied().collect() };
        let (old, new) = (testing::acl(old), testing::acl(new));
        let diff = acl_diff(&old, &new);
        let differs = requests().any(|(user, groups)| {
            NAMES.iter().any(|name| may(&old, user, &groups, name) != may(&new, user, &groups, name))
        });
        prop_assert_eq!(!diff.is_empty(), differs, "{:?} {:?}\n{}", old, new, diff);
        // Each cell is true, and each change of one group is in it.
        for group in GROUPS {
            let groups = Groups::from([group]);
            let row = diff.rows().iter().find(|row| row.who() == format!("group {group}"));
            let is_named = |acl: &Acl| acl.iter().any(|rule| rule.principal() == Principal::Group(Name::Text(group)));
            if !is_named(&old) && !is_named(&new) {
                prop_assert!(row.is_none());
                continue;
            }
            let gained = |from: &Acl, to: &Acl| -> BTreeSet<&str> {
                let gains = |name: &'static str| !may(from, Some("other"), &groups, name) && may(to, Some("other"), &groups, name);
                NAMES.into_iter().filter(|name| gains(name)).collect()
            };
            let named: BTreeSet<Name<'_>> = old.iter().chain(&new).flat_map(|rule| match rule.permissions() {
                Permissions::Names(names) => names.to_vec(),
                _ => Vec::new(),
            }).collect();
            for (shown, expected) in [
                (row.map(DiffRow::gains), gained(&old, &new)),
                (row.map(DiffRow::loses), gained(&new, &old)),
            ] {
                let mut shown: BTreeSet<&str> = shown.unwrap_or_default().iter().map(String::as_str).collect();
                let others = shown.remove("any other permission");
                let mut expected = expected;
                expected.retain(|name| named.contains(&Name::Text(name)));
                prop_assert_eq!(shown, expected, "{:?} {:?}\n{}", old, new, diff);
                // `r` is named by no rule, like all others.
                let (from, to) = if others { (&old, &new) } else { (&new, &new) };
                prop_assert!(!others || may(from, Some("other"), &groups, "r") != may(to, Some("other"), &groups, "r"));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn with_conditions_it_is_empty_exactly_if_no_answers_decide_otherwise(
        old in prop::collection::vec(conditional_rule(), 0..5),
        new in prop::collection::vec(conditional_rule(), 0..5),
        changed in 0..4_usize,
    ) {
        // Some pairs differ in their conditions only, or in one of them.
        let without = |rules: &[Rule<'static>]| rules.iter().map(|rule| rule.with_conditions(&[])).collect();
        let new: Vec<Rule<'static>> = match changed {
            0 => new,
            1 => without(&old),
            2 => old.iter().rev().copied().collect(),
            _ => old.iter().skip(1).copied().chain(old.first().map(|rule| rule.with_conditions(&[DAY]))).collect(),
        };
        let (old, new) = (testing::acl(old), testing::acl(new));
        let diff = acl_diff(&old, &new);
        let all = [ConditionAnswer::Holds, ConditionAnswer::Fails, ConditionAnswer::Unknown];
        let answers = all.iter().flat_map(|day| all.iter().map(move |office| (*day, *office)));
        let differs = answers.clone().any(|(day, office)| requests().any(|(user, groups)| {
            NAMES.iter().any(|name| {
                let of = |acl: &Acl| {
                    let principals = Principals::new(user, Some(&groups));
                    let answer = |condition: &Condition| Some(if *condition == DAY { day } else { office });
                    decide_if(acl, Name::Text(name), &principals, answer).unwrap().is_allow()
                };
                of(&old) != of(&new)
            })
        }));
        prop_assert_eq!(!diff.is_empty(), differs, "{:?} {:?}\n{}", old, new, diff);
    }
}

#[test]
fn random_lists_are_random_enough() {
    // The property above would hold of lists that never decide anything.
    let mut runner = TestRunner::deterministic();
    let lists = prop::collection::vec(rule(), 0..6);
    let differing = (0..500).filter(|_| {
        let mut list = || testing::acl(lists.new_tree(&mut runner).unwrap().current());
        !acl_diff(&list(), &list()).is_empty()
    });
    let differing = differing.count();
    assert!((200..500).contains(&differing), "{differing}");
    let actions: BTreeSet<bool> = SITE.iter().map(|rule| rule.action() == Action::Allow).collect();
    assert_eq!(actions.len(), 2);
}
