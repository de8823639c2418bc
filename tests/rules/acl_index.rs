//! A guard's index decides as the list itself does, for every list and every request.

use auth_runtime::{
    __private::{Index, Slot, index},
    Acl, Action, Groups, Name, Permissions, Principal, Principals, Rule, decide,
};
use proptest::prelude::*;

/// Longer than twice the longest list, and a power of two.
const SLOTS: usize = 64;

/// Names of all lengths that differ in one place only, and numbers, so that a careless hash would mix them up.
const NAMES: [Name<'static>; 16] = [
    Name::Text(""),
    Name::Text("a"),
    Name::Text("b"),
    Name::Text("ab"),
    Name::Text("abc"),
    Name::Text("1"),
    Name::Number(1),
    Name::Number(-1),
    Name::Text("group-0001"),
    Name::Text("group-0002"),
    Name::Text("group-1001"),
    Name::Text("tenant-0001-editors-of-pages"),
    Name::Text("tenant-0002-editors-of-pages"),
    Name::Text("tenant-0001-editors-of-texts"),
    Name::Text("tenant-0001/editors-of-pages"),
    Name::Text("Tenant-0001-editors-of-pages"),
];
const USERS: [&str; 4] = ["alice", "group-0001", "tenant-0001-editors-of-pages", "mallory"];
const EDIT: Name<'static> = Name::Text("edit");
const VIEW: Name<'static> = Name::Text("view");

fn principals() -> impl Strategy<Value = Principal<'static>> {
    prop_oneof![
        1 => Just(Principal::Everyone),
        2 => Just(Principal::Authenticated),
        4 => proptest::sample::select(&USERS).prop_map(Principal::User),
        12 => proptest::sample::select(&NAMES).prop_map(Principal::Group),
    ]
}

fn permissions() -> impl Strategy<Value = Permissions<'static>> {
    prop_oneof![
        Just(Permissions::All),
        Just(Permissions::Names(&[EDIT])),
        Just(Permissions::Names(&[VIEW])),
        Just(Permissions::Names(&[VIEW, EDIT])),
    ]
}

fn rules() -> impl Strategy<Value = Vec<Rule<'static>>> {
    let action = prop_oneof![Just(Action::Allow), Just(Action::Deny)];
    let rule = (action, principals(), permissions())
        .prop_map(|(action, principal, permissions)| Rule::__new(action, principal, permissions, 0));
    proptest::collection::vec(rule, 0..SLOTS / 2)
}

/// Constants live as long as the program; so do these lists.
fn guard(rules: &[Rule<'static>]) -> (Acl, Index) {
    let acl: &'static Acl = Box::leak(Box::new(auth_runtime::testing::acl(rules.to_vec())));
    let table: &'static [Slot] = Box::leak(Box::new(index::<SLOTS>(acl, EDIT)));
    (*acl, Index::new(acl, EDIT, table))
}

proptest! {
    #[test]
    fn the_index_decides_as_the_list(
        rules in rules(),
        user in proptest::option::of(proptest::sample::select(&USERS)),
        names in proptest::collection::vec(proptest::sample::select(&NAMES), 0..NAMES.len()),
        knows_groups in any::<bool>(),
    ) {
        let (acl, guard) = guard(&rules);
        let groups: Groups = names.iter().collect();
        let who = Principals::new(user, knows_groups.then_some(&groups));
        prop_assert_eq!(guard.decide(&who), decide(acl, EDIT, &who));
        prop_assert!(!guard.decide(&Principals::blocked()).is_allow());
        if !guard.needs_groups(user) {
            prop_assert_eq!(guard.decide(&Principals::new(user, None)), guard.decide(&who));
        }
    }

    #[test]
    fn groups_are_a_set(
        names in proptest::collection::vec(proptest::sample::select(&NAMES), 0..40),
        asked in proptest::sample::select(&NAMES),
    ) {
        let groups: Groups = names.iter().collect();
        let backwards: Groups = names.iter().rev().collect();
        let model: std::collections::BTreeSet<_> = names.iter().copied().collect();
        prop_assert_eq!(&groups, &backwards);
        prop_assert_eq!(groups.len(), model.len());
        prop_assert_eq!(groups.iter().collect::<std::collections::BTreeSet<_>>(), model.clone());
        prop_assert_eq!(groups.contains(asked), model.contains(&asked));
    }
}

/// A table whose entries meet in one place would be searched from end to end.
#[test]
fn names_with_a_pattern_spread_over_the_table() {
    for (prefix, suffix) in
        [("", ""), ("group-", ""), ("tenant-", "-editors"), ("a-very-long-prefix-", "-and-suffix")]
    {
        let names: Vec<String> = (0..1000).map(|n| format!("{prefix}{n:04}{suffix}")).collect();
        let rules: Vec<Rule<'static>> = names
            .into_iter()
            .map(|name| Principal::Group(Name::Text(name.leak())))
            .map(|group| Rule::__new(Action::Allow, group, Permissions::All, 0))
            .collect();
        let acl: &'static Acl = Box::leak(Box::new(auth_runtime::testing::acl(rules)));
        let table = index::<2048>(acl, EDIT);
        let longest = table.split(Slot::is_empty).map(<[Slot]>::len).max();
        assert!(longest < Some(32), "`{prefix}…{suffix}` fills {longest:?} places in a row");
    }
}
