//! Expressions of permissions and stacks of guards mean what their truth tables say.

use std::collections::BTreeSet;

use auth_runtime::{
    Acl, Permission, Refusal, acl, acl_required, permission_required,
    testing::{self, FakePolicy},
};
use axum::{Router, http::StatusCode, routing::get};

use crate::support;

const LETTERS: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Clone, Copy, Permission)]
enum Can {
    A,
    B,
    C,
    D,
}

fn policy(set: &BTreeSet<&'static str>) -> FakePolicy<Can> {
    let all = [Can::A, Can::B, Can::C, Can::D];
    FakePolicy::permitting(
        LETTERS.into_iter().zip(all).filter(|(letter, _)| set.contains(letter)).map(|it| it.1),
    )
}

/// Each letter is granted to the group of that name, in four different ways.
const TREE: Acl = acl![
    (Allow, Group("a"), ["a"]),
    (Allow, Group("all"), ALL),
    (Deny, User("anonymous"), ["a", "b", "c", "d"]),
    (Allow, Group("b"), ["b", "unused"]),
    (Deny, Group("no c"), ["c"]),
    (Allow, Authenticated, ["c"]),
    (Allow, Group("d"), ["d"]),
    (Deny, Everyone, ALL),
];

/// Groups that are granted just these letters by [`TREE`].
fn groups(held: &BTreeSet<&'static str>) -> Vec<&'static str> {
    if held.len() == LETTERS.len() {
        return vec!["all"];
    }
    let without_c = LETTERS.into_iter().filter(|letter| *letter != "c" && held.contains(letter));
    without_c.chain((!held.contains("c")).then_some("no c")).collect()
}

/// All sixteen sets of letters.
fn subsets() -> Vec<BTreeSet<&'static str>> {
    (0..16_u32)
        .map(|bits| {
            LETTERS.into_iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|it| it.1).collect()
        })
        .collect()
}

/// A handler behind each expression, guarded once by rules and once by the policy, and what the expression means.
macro_rules! trees {
    ($($path:literal, $rules:ident, $policy:ident: ($($tree:tt)*), |$held:ident| $means:expr;)*) => {
        $(
            #[acl_required($($tree)*, TREE)]
            async fn $rules() {}

            #[permission_required($($tree)*)]
            async fn $policy() {}
        )*

        fn routes() -> Router {
            Router::new()
                $(.route(concat!("/rules/", $path), get($rules)).route(concat!("/policy/", $path), get($policy)))*
        }

        fn meanings(set: &BTreeSet<&'static str>) -> Vec<(&'static str, bool)> {
            vec![$(($path, { let $held = |letter: &str| set.contains(letter); $means })),*]
        }
    };
}

trees! {
    "0", rules_0, policy_0: (any(Can::A, all(Can::B, Can::C))), |held| held("a") || (held("b") && held("c"));
    "1", rules_1, policy_1: (all(any(Can::A, Can::B), any(Can::C, Can::D))), |held| (held("a") || held("b")) && (held("c") || held("d"));
    "2", rules_2, policy_2: (all(Can::A, any(Can::B, all(Can::C, Can::D)))), |held| held("a") && (held("b") || (held("c") && held("d")));
    "3", rules_3, policy_3: (any(any(Can::C, all(Can::A), Can::B), Can::C)), |held| (held("c") || held("a") || held("b")) || held("c");
    "4", rules_4, policy_4: (any(Can::B, any(any(Can::A), Can::C), any(all(Can::B, Can::A)))), |held| held("b") || (held("a") || held("c")) || (held("b") && held("a"));
    "5", rules_5, policy_5: (all(Can::C, any(any(Can::D), all(Can::D, Can::B), any(Can::C, Can::D, Can::B)))), |held| held("c") && (held("d") || (held("d") && held("b")) || (held("c") || held("d") || held("b")));
    "6", rules_6, policy_6: (any(Can::D, all(all(Can::A, Can::C), any(Can::C, Can::D, Can::A), Can::A))), |held| held("d") || ((held("a") && held("c")) && (held("c") || held("d") || held("a")) && held("a"));
    "7", rules_7, policy_7: (any(any(Can::B, any(Can::C, Can::B), all(Can::B, Can::A)), Can::B, Can::A)), |held| (held("b") || (held("c") || held("b")) || (held("b") && held("a"))) || held("b") || held("a");
    "8", rules_8, policy_8: (all(Can::D, any(any(Can::B), all(Can::A, Can::C)), any(any(Can::D)))), |held| held("d") && (held("b") || (held("a") && held("c"))) && held("d");
    "9", rules_9, policy_9: (any(Can::B, any(Can::D, Can::A, all(Can::C, Can::D, Can::B)))), |held| held("b") || (held("d") || held("a") || (held("c") && held("d") && held("b")));
    "10", rules_10, policy_10: (any(Can::A, any(any(Can::D)), Can::B)), |held| held("a") || held("d") || held("b");
    "11", rules_11, policy_11: (any(any(Can::C, any(Can::D, Can::A, Can::C)), Can::B)), |held| (held("c") || (held("d") || held("a") || held("c"))) || held("b");
    "12", rules_12, policy_12: (all(any(Can::D, any(Can::C, Can::D), Can::C), any(Can::B, Can::D))), |held| (held("d") || (held("c") || held("d")) || held("c")) && (held("b") || held("d"));
    "13", rules_13, policy_13: (all(Can::D, any(all(Can::C, Can::B), Can::C, Can::A))), |held| held("d") && ((held("c") && held("b")) || held("c") || held("a"));
    "14", rules_14, policy_14: (any(Can::C, Can::B, Can::D)), |held| held("c") || held("b") || held("d");
    "15", rules_15, policy_15: (all(any(all(Can::C, Can::D)), Can::D)), |held| (held("c") && held("d")) && held("d");
    "16", rules_16, policy_16: (any(Can::B, all(any(Can::B, Can::C, Can::A), any(Can::A, Can::C, Can::D)))), |held| held("b") || ((held("b") || held("c") || held("a")) && (held("a") || held("c") || held("d")));
    "17", rules_17, policy_17: (any(any(any(Can::B), any(Can::C, Can::B, Can::D, Can::A)), Can::C, Can::B)), |held| (held("b") || (held("c") || held("b") || held("d") || held("a"))) || held("c") || held("b");
    "18", rules_18, policy_18: (any(any(all(Can::A, Can::D, Can::C)), Can::A)), |held| (held("a") && held("d") && held("c")) || held("a");
    "19", rules_19, policy_19: (any(all(Can::B, all(Can::D, Can::C), any(Can::B, Can::C)), Can::B, Can::A)), |held| (held("b") && (held("d") && held("c")) && (held("b") || held("c"))) || held("b") || held("a");
    "20", rules_20, policy_20: (all(any(any(Can::A, Can::B), any(Can::C, Can::A), all(Can::D)), Can::B)), |held| ((held("a") || held("b")) || (held("c") || held("a")) || held("d")) && held("b");
    "21", rules_21, policy_21: (any(Can::B, any(any(Can::C, Can::B), any(Can::A, Can::D, Can::C)))), |held| held("b") || ((held("c") || held("b")) || (held("a") || held("d") || held("c")));
    "22", rules_22, policy_22: (any(all(any(Can::C, Can::D, Can::B)), any(Can::D, all(Can::C, Can::A)))), |held| (held("c") || held("d") || held("b")) || (held("d") || (held("c") && held("a")));
    "23", rules_23, policy_23: (any(Can::D, all(any(Can::A, Can::B), all(Can::B, Can::A, Can::C)), Can::C)), |held| held("d") || ((held("a") || held("b")) && (held("b") && held("a") && held("c"))) || held("c");
}

#[tokio::test]
async fn expressions_of_permissions_mean_what_they_say() {
    let routes = routes();
    for set in subsets() {
        let rules = routes.clone().layer(testing::acting_as("alice", groups(&set)));
        let policy = testing::acting_as("alice", ["any"]).with_policy(policy(&set));
        let policy = routes.clone().layer(policy);
        for (path, means) in meanings(&set) {
            let expected = if means { StatusCode::OK } else { StatusCode::FORBIDDEN };
            let by_rules = support::get(&rules, &format!("/rules/{path}")).await.status;
            let by_policy = support::get(&policy, &format!("/policy/{path}")).await.status;
            assert_eq!((by_rules, by_policy), (expected, expected), "{path} {set:?}");
        }
    }
}

#[tokio::test]
async fn no_expression_lets_the_anonymous_or_the_blocked_pass() {
    let routes = routes();
    for (path, _) in meanings(&BTreeSet::new()) {
        for (layer, expected) in [
            (testing::anonymous().with_policy(policy(&BTreeSet::new())), StatusCode::UNAUTHORIZED),
            (testing::acting_as_blocked("alice").with_policy(policy(&LETTERS.into())), StatusCode::FORBIDDEN),
        ] {
            let app = routes.clone().layer(layer);
            for kind in ["rules", "policy"] {
                assert_eq!(
                    support::get(&app, &format!("/{kind}/{path}")).await.status,
                    expected,
                    "{kind} {path}"
                );
            }
        }
    }
}

macro_rules! refusals {
    ($($name:ident, $status:ident;)*) => {
        $(fn $name(_: &Refusal) -> StatusCode { StatusCode::$status })*
    };
}

refusals! {
    no_a, PAYMENT_REQUIRED;
    no_b, GONE;
    no_c, CONFLICT;
    no_d, LOCKED;
}

#[acl_required("a", TREE, refusal = no_a)]
#[acl_required("b", TREE, refusal = no_b)]
#[permission_required(Can::C, refusal = no_c)]
#[acl_required("d", TREE, refusal = no_d)]
async fn four() {}

#[tokio::test]
async fn stacked_guards_all_have_to_agree_and_the_uppermost_answers() {
    let answers = [
        ("a", StatusCode::PAYMENT_REQUIRED),
        ("b", StatusCode::GONE),
        ("c", StatusCode::CONFLICT),
        ("d", StatusCode::LOCKED),
    ];
    for set in subsets() {
        let layer = testing::acting_as("alice", groups(&set)).with_policy(policy(&set));
        let app = Router::new().route("/", get(four)).layer(layer);
        let missing = answers.iter().find(|(letter, _)| !set.contains(letter));
        let expected = missing.map_or(StatusCode::OK, |(_, status)| *status);
        assert_eq!(support::get(&app, "/").await.status, expected, "{set:?}");
    }
}
