//! An overlay makes no list wider: the decisions are those of the list with denials in front, which the
//! compile-time proof accepts as no wider, for random lists and overlays.

#![expect(clippy::indexing_slicing, reason = "small numbers in a test")]

use auth_runtime::{
    __private::{ListOverlay, assert_no_wider},
    ALL, Acl, Action, Decision, Denial, Grant, Group, Groups, Name, Permissions, Principal, Principals, Rule,
    User, acl,
    acl::{
        OverlayRule, OverlayRules, RowCase, RowPrincipal, RowRule, RowValue, decide_with_overlay,
        row_filter_if,
    },
    decide, testing,
};
use proptest::prelude::*;

const TIGHT: ListOverlay = ListOverlay::__new("random", false);
const WIDENING: ListOverlay = ListOverlay::__new("random", true);
const NAMES: [&str; 4] = ["view", "edit", "editors", "alice"];

fn principal() -> impl Strategy<Value = Principal<'static>> {
    let name = (0..NAMES.len()).prop_map(|at| NAMES[at]);
    prop_oneof![
        1 => Just(Principal::Everyone),
        1 => Just(Principal::Authenticated),
        2 => name.clone().prop_map(Principal::User),
        2 => name.prop_map(|name| Principal::Group(Name::Text(name))),
    ]
}

/// Whether a rule allows, its principal, and its permissions; none for all.
type Row = (bool, Principal<'static>, Option<Vec<&'static str>>);

fn row() -> impl Strategy<Value = Row> {
    let names = prop::collection::vec((0..3_usize).prop_map(|at| NAMES[at]), 1..3);
    (prop::bool::ANY, principal(), prop_oneof![1 => Just(None), 3 => names.prop_map(Some)])
}

fn rule((allows, principal, names): &Row) -> Rule<'static> {
    let permissions: Permissions<'static> = match names {
        None => ALL,
        Some(names) => testing::names(names.iter().copied()),
    };
    if *allows { Rule::allow(*principal, permissions) } else { Rule::deny(*principal, permissions) }
}

fn overlay_rule((allows, principal, names): &Row) -> OverlayRule {
    let action = if *allows { Action::Allow } else { Action::Deny };
    match names {
        None => OverlayRule::of_all("random", "id", action, *principal),
        Some(names) => {
            OverlayRule::new("random", "id", action, *principal, names.iter().copied().map(Name::Text))
        }
    }
}

fn list(rows: &[Row], overlay: &'static ListOverlay) -> Acl {
    testing::acl(rows.iter().map(|row| rule(row).__overlaid(overlay)).collect())
}

fn denials(rows: &[Row]) -> Vec<Row> {
    rows.iter().map(|(_, principal, names)| (false, *principal, names.clone())).collect()
}

/// The list with the rules of the overlay in front.
fn merged(overlay: &[Row], rows: &[Row]) -> Acl {
    testing::acl(overlay.iter().chain(rows).map(rule).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_overlay_of_a_list_that_does_not_declare_widening_makes_it_no_wider(
        rows in prop::collection::vec(row(), 1..6),
        // Also rules that allow, which the reader of documents rejects: they have no effect.
        overlay in prop::collection::vec(row(), 0..5),
        user in prop::option::of((0..NAMES.len()).prop_map(|at| NAMES[at])),
        held in prop::collection::vec((0..NAMES.len()).prop_map(|at| NAMES[at]), 0..3),
        permission in (0..4_usize).prop_map(|at| Name::Text(NAMES[at])),
    ) {
        let constant = list(&rows, &TIGHT);
        let rules = OverlayRules::new(overlay.iter().map(overlay_rule));
        let groups: Groups = held.iter().copied().collect();
        let who = Principals::new(user, Some(&groups));
        let decision = decide_with_overlay(constant, permission, &who, Some(&rules));
        let by_list = decide(constant, permission, &who);
        prop_assert!(!decision.is_allow() || by_list.is_allow(), "{overlay:?} {constant:?}");

        let in_front: Vec<Row> = overlay.iter().filter(|(allows, ..)| !allows).cloned().collect();
        let merged = merged(&in_front, &rows);
        prop_assert_eq!(decision.is_allow(), decide(merged, permission, &who).is_allow());
        assert_no_wider(&merged, "MERGED", &constant, "CONSTANT");

        let blocked = decide_with_overlay(constant, permission, &Principals::blocked(), Some(&rules));
        prop_assert_eq!(blocked, Decision::Deny(Denial::Blocked));
    }

    #[test]
    fn a_list_that_declares_widening_is_decided_by_all_rules_of_the_overlay_first(
        rows in prop::collection::vec(row(), 1..6),
        overlay in prop::collection::vec(row(), 0..5),
        user in prop::option::of((0..NAMES.len()).prop_map(|at| NAMES[at])),
        held in prop::collection::vec((0..NAMES.len()).prop_map(|at| NAMES[at]), 0..3),
        permission in (0..4_usize).prop_map(|at| Name::Text(NAMES[at])),
    ) {
        let constant = list(&rows, &WIDENING);
        let rules = OverlayRules::new(overlay.iter().map(overlay_rule));
        let groups: Groups = held.iter().copied().collect();
        let who = Principals::new(user, Some(&groups));
        let decision = decide_with_overlay(constant, permission, &who, Some(&rules));
        prop_assert_eq!(decision.is_allow(), decide(merged(&overlay, &rows), permission, &who).is_allow());
        let explanation = acl::explain_with_overlay(constant, permission, &who, Some(&rules));
        prop_assert_eq!(explanation.decision(), decision);
        let deciding = explanation.steps().iter().filter(|step| step.hit() == acl::Hit::Decides).count();
        prop_assert_eq!(deciding, usize::from(!matches!(decision, Decision::Deny(Denial::NoRule))));
    }

    // The filter of a query says for each row what the rules of that row say.
    #[test]
    fn a_filter_of_rows_respects_the_overlay(
        rows in prop::collection::vec(row(), 1..5),
        overlay in prop::collection::vec(row(), 0..4),
        user in prop::option::of((0..NAMES.len()).prop_map(|at| NAMES[at])),
        owner in (0..NAMES.len()).prop_map(|at| NAMES[at]),
    ) {
        let constant = list(&rows, &TIGHT);
        let rules = OverlayRules::new(denials(&overlay).iter().map(overlay_rule));
        let none = Groups::none();
        let who = Principals::new(user, Some(&none));
        let (edit, own) = (Name::Text("edit"), RowRule::allow(RowPrincipal::UserIn(()), &["edit"]));
        let by_column = [own].into_iter().chain(constant.iter().map(RowRule::from));
        let filter = row_filter_if(by_column, edit, &who, Some(&rules), |_| None).unwrap();
        let by_row = [Rule::allow(User(owner), &["edit"])].into_iter().chain(&constant);
        let expected = decide_with_overlay(by_row, edit, &who, Some(&rules)).is_allow();
        prop_assert_eq!(filter.allows(|()| [Name::Text(owner)]), expected);
        prop_assert!(filter.cases().iter().flat_map(RowCase::tests).all(|test| matches!(test.value(), RowValue::User(_))));
    }
}

// The overlay of a list that another one includes is evaluated before the rules of the included list, and not
// before the others.
#[test]
fn an_included_list_keeps_its_overlay() {
    const SITE: Acl = acl![overlay = "site", (Allow, Everyone, ["view"]), (Allow, Group("staff"), ["edit"])];
    const ARTICLES: Acl = acl![(Allow, Group("desk"), ["edit"]), ..SITE];
    const TOGETHER: Acl = acl![overlay = "site", (Allow, Group("desk"), ["edit"]), ..SITE];

    let freeze = OverlayRule::new("site", "freeze", Action::Deny, Principal::Everyone, [Name::Text("edit")]);
    let rules = OverlayRules::new([freeze]);
    let decision = |list: Acl, group: &str, permission| {
        let groups = Groups::from([group]);
        decide_with_overlay(list, Name::Text(permission), &Principals::user("u", &groups), Some(&rules))
    };
    assert_eq!(decision(ARTICLES, "desk", "edit"), Decision::Allow(Grant::Rule(0)));
    assert_eq!(decision(ARTICLES, "staff", "edit"), Decision::Deny(Denial::Overlay(0)));
    assert_eq!(decision(ARTICLES, "staff", "view"), Decision::Allow(Grant::Rule(1)));
    for group in ["desk", "staff"] {
        assert_eq!(decision(TOGETHER, group, "edit"), Decision::Deny(Denial::Overlay(0)));
    }
    assert!(ARTICLES.is_overlaid() && TOGETHER.is_overlaid());
    let names = |list: Acl| list.overlays().iter().map(ListOverlay::name).collect::<Vec<_>>();
    assert_eq!((names(ARTICLES), names(TOGETHER)), (vec!["site"], vec!["site"]));
    let plain: Acl = acl![(Allow, Group("desk"), ["edit"])];
    assert!(!plain.is_overlaid() && plain.overlays().is_empty());
    // Rules that a hierarchy repeats are those of the list, too.
    assert_eq!(Group("desk"), Principal::Group(Name::Text("desk")));
}

#[test]
fn an_explanation_names_the_rules_of_the_overlay() {
    const ARTICLES: Acl =
        acl![overlay = "articles", (Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"]),];
    let everyone =
        OverlayRule::new("articles", "freeze", Action::Deny, Principal::Everyone, [Name::Text("edit")]);
    let mallory = OverlayRule::of_all("articles", "mallory", Action::Deny, User("mallory"));
    let rules = OverlayRules::new([mallory.with_note("Banned."), everyone]);
    let editors = Groups::from(["editors"]);
    let alice = Principals::user("alice", &editors);
    let explanation = ARTICLES.explain_with_overlay("edit", &alice, Some(&rules));
    let text = explanation.to_string();
    let lines: Vec<&str> = text.lines().map(|line| line.split(" (tests").next().unwrap_or(line)).collect();
    assert_eq!(
        lines,
        [
            "`edit` for the user `alice` in `editors`: denied by rule 2 of the overlay",
            "  overlay articles: mallory (Deny, User(\"mallory\"), ALL): names another principal; note: Banned.",
            "  overlay articles: freeze (Deny, Everyone, [\"edit\"]): decides",
            "  1 (Allow, Everyone, [\"view\"]): does not match the permission",
            "  2 (Allow, Group(\"editors\"), [\"edit\"]): comes too late",
        ],
        "{text}"
    );
    let overlays: Vec<_> = explanation.steps().iter().map(|step| (step.overlay(), step.id())).collect();
    assert_eq!(overlays[1], (Some("articles"), Some("freeze")));
    assert_eq!(overlays[2], (None, None));
    assert_eq!(rules.rule_of(explanation.decision()).map(OverlayRule::id), Some("freeze"));
    // Without the overlay it is the explanation of the constant.
    assert!(ARTICLES.explain("edit", &alice).decision().is_allow());
}
