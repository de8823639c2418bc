//! What lists of rules mean, example by example.

use auth_runtime::{
    ALL, Acl, Decision, Denial, Grant, Group, Groups, Name, Permissions, Principal, Principals, Rule, User,
    acl, acl_required, decide, testing,
};
use axum::{Router, routing::get};

use crate::support;

/// The seed's worked example: one user is denied by name before the signed-in are allowed.
const PAGES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("super_user"), ["view_extra"]),
    (Allow, Authenticated, ["view", "view_extra"]),
    (Allow, Group("edit_group"), ["view", "view_extra", "edit"]),
];

#[tokio::test]
async fn the_worked_example_works_through_real_routes() {
    #[acl_required("view", PAGES)]
    async fn view() {}
    #[acl_required("view_extra", PAGES)]
    async fn view_extra() {}
    #[acl_required("edit", PAGES)]
    async fn edit() {}

    for (layer, expected) in [
        (testing::anonymous(), [200, 401, 401]),
        (testing::acting_as("user", [""; 0]), [200, 200, 403]),
        (testing::acting_as("super_user", ["edit_group"]), [200, 403, 200]),
        // A user called like a group is in no group for it.
        (testing::acting_as("edit_group", [""; 0]), [200, 200, 403]),
        (testing::acting_as("user", ["super_user"]), [200, 200, 403]),
        (testing::acting_as_blocked("user"), [403, 403, 403]),
    ] {
        let app = Router::new()
            .route("/view", get(view))
            .route("/view_extra", get(view_extra))
            .route("/edit", get(edit))
            .layer(layer);
        let mut statuses = Vec::new();
        for path in ["/view", "/view_extra", "/edit"] {
            statuses.push(support::get(&app, path).await.status.as_u16());
        }
        assert_eq!(statuses, expected);
    }
}

#[test]
fn the_first_rule_that_speaks_of_both_decides() {
    let groups = Groups::from(["a", "b"]);
    let alice = Principals::user("alice", &groups);
    let edit = Name::Text("edit");
    let (yes, no) = (|at| Decision::Allow(Grant::Rule(at)), |at| Decision::Deny(Denial::Rule(at)));
    for (rules, expected) in [
        (vec![], Decision::Deny(Denial::NoRule)),
        (vec![Rule::allow(Group("a"), &["edit"])], yes(0)),
        (vec![Rule::allow(Group("c"), &["edit"])], Decision::Deny(Denial::NoRule)),
        (vec![Rule::allow(Group("a"), &["view"])], Decision::Deny(Denial::NoRule)),
        // A refusal of something else is passed over.
        (vec![Rule::deny(Group("a"), &["view"]), Rule::allow(Group("a"), &["edit"])], yes(1)),
        (vec![Rule::deny(Group("a"), &["edit"]), Rule::allow(Group("a"), &["edit"])], no(0)),
        (vec![Rule::allow(Group("b"), &["edit"]), Rule::deny(Group("a"), &["edit"])], yes(0)),
        (vec![Rule::deny(Principal::Everyone, ALL), Rule::allow(User("alice"), ALL)], no(0)),
        (vec![Rule::allow(User("bob"), ALL), Rule::deny(Principal::Authenticated, ALL)], no(1)),
        (vec![Rule::allow(Principal::Everyone, &[""; 0])], Decision::Deny(Denial::NoRule)),
        (vec![Rule::allow(Principal::Everyone, Permissions::Names(&[]))], Decision::Deny(Denial::NoRule)),
    ] {
        assert_eq!(decide(rules.iter().copied(), edit, &alice), expected, "{rules:?}");
        assert_eq!(decide(rules, edit, &Principals::blocked()), Decision::Deny(Denial::Blocked));
    }
}

#[test]
fn blocked_users_are_denied_everything_under_any_rules() {
    const OPEN: Acl = acl![(Allow, Everyone, ALL), (Allow, User("alice"), ["view"])];
    for permission in ["view", "edit", "", "anything"] {
        assert_eq!(OPEN.decide(permission, &Principals::blocked()), Decision::Deny(Denial::Blocked));
        assert!(OPEN.decide(permission, &Principals::anonymous()).is_allow());
    }
}

#[test]
fn no_name_turns_into_another_principal() {
    let hostile = [
        "Everyone",
        "Authenticated",
        "system.Everyone",
        "group:editors",
        "Group(\"editors\")",
        "editors",
        "*",
        "",
        "User",
        "everyone",
        "1",
        "None",
        "null",
        "editors\0",
        "ALL",
    ];
    let none = Groups::none();
    for name in hostile {
        // As a user: only rules for that very user apply, besides those for all users.
        let user = Principals::user(name, &none);
        let all = Groups::from(hostile);
        let nobody = Principals::new(None, Some(&all));
        for other in hostile {
            assert_eq!(user.include(User(other)), name == other, "{name} {other}");
            assert!(!user.include(Group(other)), "{name} {other}");
            assert!(!nobody.include(User(other)) && nobody.include(Group(other)), "{other}");
        }
        assert!(!nobody.include(Principal::Authenticated), "groups do not authenticate a request");
        assert!(!Principals::user(name, &none).include(Principal::Group(Name::Number(1))));
    }
}

#[test]
fn names_are_compared_byte_by_byte() {
    let names = [
        "edit",
        "Edit",
        "EDIT",
        "edit ",
        " edit",
        "edit\0",
        "edi",
        "iew",
        "view",
        "view_extra",
        "\u{212A}",
        "K",
        "k",
        "\u{E9}",
        "e\u{301}",
        "\u{131}",
        "i",
        "I",
        "\u{130}",
        "ss",
        "\u{DF}",
        "\u{FF25}dit",
        "ed\u{200B}it",
        "1",
        "01",
        "1.0",
        "\u{1D2E}\u{1D35}\u{1D33}",
        "BIG",
        "big",
        "12345678a87654321",
        "12345678b87654321",
    ];
    for a in names {
        let names_a = [a];
        let rule = [Rule::allow(Principal::Everyone, &names_a)];
        let groups = Groups::from([a]);
        for b in names {
            let same = a == b;
            assert_eq!(decide(rule, Name::Text(b), &Principals::anonymous()).is_allow(), same, "{a} {b}");
            assert_eq!(groups.contains(b), same, "{a} {b}");
            assert_eq!(Principals::user(a, &Groups::none()).include(User(b)), same, "{a} {b}");
        }
        assert!(!decide(rule, Name::Number(1), &Principals::anonymous()).is_allow());
    }
}

#[test]
fn a_text_is_never_a_list_of_letters() {
    let rules = [Rule::allow(Group("admin"), &["view_extra"])];
    for letter in ["a", "d", "m", "i", "n", ""] {
        assert!(!Principals::user("alice", &Groups::from([letter])).include(Group("admin")));
        assert!(!Groups::from(["admin"]).contains(letter));
    }
    let groups = Groups::from(["admin"]);
    for part in ["iew", "view", "extra", "view_extr", "_", ""] {
        assert!(!decide(rules, Name::Text(part), &Principals::user("alice", &groups)).is_allow(), "{part}");
    }
}

#[test]
fn numbers_are_names_and_differ_from_their_digits() {
    // In one list the compiler would ask which of the two is meant.
    const NUMBERED: Acl = acl![(Allow, Group(1), [10, "10x"]), (Deny, Group(-1), [10])];
    const QUOTED: Acl = acl![(Allow, Group("1"), [11])];
    let may = |permission: Name<'_>, principals: &Principals<'_>| {
        decide(NUMBERED.iter().chain(&QUOTED), permission, principals).is_allow()
    };
    let (number, text) = (Groups::from([1]), Groups::from(["1"]));
    let (number, text) = (Principals::user("u", &number), Principals::user("u", &text));
    assert!(may(Name::Number(10), &number) && !may(Name::Text("10"), &number));
    assert!(!may(Name::Number(10), &text) && may(Name::Number(11), &text));
    assert!(!may(Name::Number(11), &number) && may(Name::Text("10x"), &number));
    assert!(!Groups::from([i64::MIN]).contains(i64::MAX) && Groups::from([255_u8]).contains(255_i64));
}

#[test]
fn a_list_can_be_asked_as_often_as_one_likes() {
    let rules: Vec<Rule<'_>> = vec![Rule::allow(Principal::Everyone, &["view"])];
    for _ in 0..3 {
        assert!(decide(rules.iter().copied(), Name::Text("view"), &Principals::anonymous()).is_allow());
        assert!(PAGES.decide("view", &Principals::anonymous()).is_allow());
    }
}

#[test]
fn large_lists_and_many_groups_are_decided_rightly() {
    let held: Vec<String> = (0..1_000).map(|n| format!("group {n}")).collect();
    let named: Vec<String> = (0..10_000).map(|n| format!("other {n}")).collect();
    let groups: Groups = held.iter().collect();
    assert_eq!(groups.len(), 1_000);
    let alice = Principals::user("alice", &groups);
    let mut rules: Vec<Rule<'_>> = named.iter().map(|name| Rule::deny(Group(name), ALL)).collect();
    assert_eq!(decide(rules.iter().copied(), Name::Text("edit"), &alice), Decision::Deny(Denial::NoRule));
    rules.push(Rule::allow(Group("group 999"), &["edit"]));
    let decision = decide(rules.iter().copied(), Name::Text("edit"), &alice);
    assert_eq!(decision, Decision::Allow(Grant::Rule(10_000)));
}
