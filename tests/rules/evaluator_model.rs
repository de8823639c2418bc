//! The evaluator and the compiled index do what a naive reading of the rules does, for random and for all small lists.

#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "small numbers in a test")]

use std::collections::BTreeSet;

use auth_runtime::{
    __private::{Index, Slot, index, slots},
    ALL, Acl, Action, Decision, Denial, Grant, Groups, Name, Permissions, Principal, Principals, Rule,
    decide,
};
use proptest::prelude::*;

fn leak<T>(value: Vec<T>) -> &'static [T] {
    Box::leak(value.into_boxed_slice())
}

/// Makes the index as a guard's constant does.
#[expect(clippy::panic, reason = "no list here is that long")]
fn compiled(acl: &'static Acl, permission: Name<'static>) -> Index {
    fn table<const N: usize>(acl: &Acl, permission: Name<'_>) -> &'static [Slot] {
        leak(index::<N>(acl, permission).to_vec())
    }
    let table = match slots(acl, permission) {
        0 => &[],
        2 => table::<2>(acl, permission),
        4 => table::<4>(acl, permission),
        8 => table::<8>(acl, permission),
        16 => table::<16>(acl, permission),
        32 => table::<32>(acl, permission),
        64 => table::<64>(acl, permission),
        more => panic!("{more}"),
    };
    Index::new(acl, permission, table)
}

fn acl_of(rules: Vec<Rule<'static>>) -> &'static Acl {
    Box::leak(Box::new(auth_runtime::testing::acl(rules)))
}

/// Names with common prefixes and suffixes, and names of the other kinds of principals.
const NAMES: [Name<'static>; 10] = [
    Name::Text("editors"),
    Name::Text("12345678a87654321"),
    Name::Text("12345678b87654321"),
    Name::Text("1"),
    Name::Number(1),
    Name::Number(-1),
    Name::Text("Everyone"),
    Name::Text("abc"),
    Name::Text("a\0c"),
    Name::Text(""),
];

fn text(name: Name<'static>) -> &'static str {
    match name {
        Name::Text(text) => text,
        Name::Number(_) => "12345678c87654321",
    }
}

fn principal() -> impl Strategy<Value = Principal<'static>> {
    prop_oneof![
        1 => Just(Principal::Everyone),
        1 => Just(Principal::Authenticated),
        4 => (0..NAMES.len()).prop_map(|at| Principal::User(text(NAMES[at]))),
        4 => (0..NAMES.len()).prop_map(|at| Principal::Group(NAMES[at])),
    ]
}

fn rule() -> impl Strategy<Value = Rule<'static>> {
    let permissions = prop_oneof![
        1 => Just(ALL),
        3 => prop::collection::vec(0..4_usize, 0..4)
            .prop_map(|places| Permissions::Names(leak(places.into_iter().map(|at| NAMES[at + 1]).collect()))),
    ];
    (prop::bool::ANY, principal(), permissions).prop_map(|(allow, principal, permissions)| {
        if allow { Rule::allow(principal, permissions) } else { Rule::deny(principal, permissions) }
    })
}

/// The rules as people read them: sets of words.
fn words(principal: Principal<'_>) -> String {
    match principal {
        Principal::Everyone => "everyone".to_owned(),
        Principal::Authenticated => "authenticated".to_owned(),
        Principal::User(id) => format!("user {id}"),
        Principal::Group(name) => format!("group {name:?}"),
    }
}

fn reference(rules: &[Rule<'_>], permission: Name<'_>, user: Option<&str>, groups: &[Name<'_>]) -> Decision {
    let mut held = BTreeSet::from(["everyone".to_owned()]);
    if let Some(user) = user {
        held.insert("authenticated".to_owned());
        held.insert(format!("user {user}"));
    }
    held.extend(groups.iter().map(|group| format!("group {group:?}")));
    for (at, rule) in rules.iter().enumerate() {
        let mut names = BTreeSet::new();
        rule.permissions().each(&mut |name| {
            names.insert(format!("{name:?}"));
        });
        let speaks =
            matches!(rule.permissions(), Permissions::All) || names.contains(&format!("{permission:?}"));
        if speaks && held.contains(&words(rule.principal())) {
            return match rule.action() {
                Action::Allow => Decision::Allow(Grant::Rule(at)),
                Action::Deny => Decision::Deny(Denial::Rule(at)),
            };
        }
    }
    Decision::Deny(Denial::NoRule)
}

type Case = (Vec<Rule<'static>>, Option<&'static str>, Vec<Name<'static>>, Name<'static>);

fn cases() -> impl Strategy<Value = Case> {
    let name = (0..NAMES.len()).prop_map(|at| NAMES[at]);
    let user = prop_oneof![1 => Just(None), 3 => name.clone().prop_map(|name| Some(text(name)))];
    let groups = prop::collection::vec(name, 0..6);
    (prop::collection::vec(rule(), 0..12), user, groups, (0..6_usize).prop_map(|at| NAMES[at]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_index_and_the_list_say_what_a_naive_reading_says((rules, user, held, permission) in cases()) {
        let groups: Groups = held.iter().copied().collect();
        let principals = Principals::new(user, Some(&groups));
        let expected = reference(&rules, permission, user, &held);
        prop_assert_eq!(decide(rules.iter().copied(), permission, &principals), expected);
        let acl = acl_of(rules);
        let index = compiled(acl, permission);
        prop_assert_eq!(index.decide(&principals), expected, "{:?}", acl);
        prop_assert_eq!(index.decide(&Principals::blocked()), Decision::Deny(Denial::Blocked));
        // Where it says that groups cannot matter, they do not.
        if !index.needs_groups(user) {
            prop_assert_eq!(index.decide(&Principals::new(user, None)), expected, "{:?}", acl);
        }
    }

    #[test]
    fn p8_lists_have_the_properties_that_people_rely_on((rules, user, held, permission) in cases(), more in rule()) {
        let groups: Groups = held.iter().copied().collect();
        let principals = Principals::new(user, Some(&groups));
        let judge = |rules: &[Rule<'_>]| decide(rules.iter().copied(), permission, &principals);
        let decision = judge(&rules);
        // The order of groups and their repetition are irrelevant.
        let backwards: Groups = held.iter().rev().chain(&held).copied().collect();
        prop_assert_eq!(&backwards, &groups);
        let again = decide(rules.iter().copied(), permission, &Principals::new(user, Some(&backwards)));
        prop_assert_eq!(again, decision);
        // Appending never changes what was decided.
        let mut longer = rules.clone();
        longer.push(more);
        if decision.rule().is_some() {
            prop_assert_eq!(judge(&longer), decision);
        }
        // A refusal in front wins.
        let mut closed = vec![Rule::deny(Principal::Everyone, ALL)];
        closed.extend(&rules);
        prop_assert_eq!(judge(&closed), Decision::Deny(Denial::Rule(0)));
        // Nothing is allowed where no rule allows, and a group more takes nothing away where no rule denies.
        let (allowing, denying): (Vec<_>, Vec<_>) = rules.iter().partition(|rule| rule.action() == Action::Allow);
        prop_assert!(!judge(&denying).is_allow());
        let mut wider = groups.clone();
        wider.insert(NAMES[0]);
        let wide = decide(allowing.iter().copied(), permission, &Principals::new(user, Some(&wider)));
        prop_assert!(wide.is_allow() || !judge(&allowing).is_allow());
    }
}

/// The entries of the small model: four principals, four sets of permissions, two actions.
fn entries() -> Vec<Rule<'static>> {
    let principals = [
        Principal::Everyone,
        Principal::Authenticated,
        Principal::Group(Name::Text("g1")),
        Principal::Group(Name::Text("g2")),
    ];
    let sets = [ALL, Permissions::Names(&[P]), Permissions::Names(&[Q]), Permissions::Names(&[P, Q])];
    let pairs = principals.into_iter().flat_map(|principal| sets.map(|set| (principal, set)));
    pairs.flat_map(|(principal, set)| [Rule::allow(principal, set), Rule::deny(principal, set)]).collect()
}

const P: Name<'static> = Name::Text("p");
const Q: Name<'static> = Name::Text("q");

/// The subjects of the small model: blocked, or anonymous or a user in a subset of three groups.
fn subjects() -> Vec<Option<(Option<&'static str>, Vec<Name<'static>>)>> {
    let all = ["g1", "g2", "g3"].map(Name::Text);
    let subset = |bits: usize| (0..3).filter(|at| bits >> at & 1 == 1).map(|at| all[at]).collect();
    let known =
        [None, Some("u")].into_iter().flat_map(|user| (0..8).map(move |bits| Some((user, subset(bits)))));
    [None].into_iter().chain(known).collect()
}

fn check_all(context: &[Rule<'static>], subjects: &[(Option<&str>, Groups)], with_index: bool) {
    for permission in [P, Q] {
        let index = with_index.then(|| compiled(acl_of(context.to_vec()), permission));
        let blocked = decide(context.iter().copied(), permission, &Principals::blocked());
        assert_eq!(blocked, Decision::Deny(Denial::Blocked));
        for (user, groups) in subjects {
            let expected = context.iter().position(|rule| {
                let spoken_of = match rule.principal() {
                    Principal::Everyone => true,
                    Principal::Authenticated => user.is_some(),
                    Principal::Group(group) => groups.iter().any(|held| held == group),
                    Principal::User(_) => false,
                };
                let named = match rule.permissions() {
                    Permissions::Names(names) => names.iter().any(|name| name.is(permission)),
                    _ => true,
                };
                spoken_of && named
            });
            let principals = Principals::new(*user, Some(groups));
            let decision = decide(context.iter().copied(), permission, &principals);
            let allows = expected.is_some_and(|at| context[at].action() == Action::Allow);
            assert_eq!(
                (decision.rule(), decision.is_allow()),
                (expected, allows),
                "{context:?} {principals:?}"
            );
            if let Some(index) = &index {
                assert_eq!(index.decide(&principals), decision, "{context:?} {principals:?}");
            }
        }
    }
}

fn exhaust(longest: u32, with_index: bool) -> usize {
    let entries = entries();
    let subjects: Vec<_> =
        subjects().into_iter().flatten().map(|(user, groups)| (user, groups.into_iter().collect())).collect();
    let mut contexts: usize = 0;
    for length in 0..=longest {
        for mut code in 0..entries.len().pow(length) {
            let context: Vec<_> = (0..length)
                .map(|_| {
                    let entry = entries[code % entries.len()];
                    code /= entries.len();
                    entry
                })
                .collect();
            check_all(&context, &subjects, with_index);
            contexts += 1;
        }
    }
    contexts
}

#[test]
fn all_lists_of_up_to_three_rules_mean_what_they_say() {
    assert_eq!(exhaust(3, true), 1 + 32 + 32 * 32 + 32 * 32 * 32);
}

#[test]
#[ignore = "long: 36 million decisions"]
fn all_lists_of_up_to_four_rules_mean_what_they_say() {
    assert_eq!(exhaust(4, false), 1 + 32 + 32 * 32 + 32 * 32 * 32 + 32 * 32 * 32 * 32);
}
