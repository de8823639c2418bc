//! Claims of the compiler about random lists, compared with every class of requests and every answer to conditions.

use alloc::{vec, vec::Vec};

use super::{assert::Subject, find_counterexample::*, random_test_acls::*, widening::wider};
use crate::{
    Action, Condition, ConditionAnswer, Decision, Denial, Grant, Permissions, Principals, Rule,
    compile_time_checks::{Fate, fate},
    decide, decide_if,
    evaluate::decide_at_best,
    proof::CallerClass,
};

#[test]
fn statements_are_judged_as_by_trying_every_class() {
    for (has_conditions, rounds) in [(false, 3_000), (true, 600)] {
        let (mut dice, classes) = (Dice(0x5eed), classes(has_conditions));
        for round in 0..rounds {
            let rules = random_rules(&mut dice, has_conditions);
            let table = table(rules);
            for permission in PERMISSIONS {
                let may: Vec<bool> = classes.iter().map(|class| class.may(rules, permission)).collect();
                let exists = |test: &dyn Fn(&Class, bool) -> bool| {
                    classes.iter().zip(&may).any(|(class, may)| test(class, *may))
                };
                for subject in all_subjects() {
                    for answer in [Action::Allow, Action::Deny] {
                        let expected =
                            exists(&|class, may| class.is_of(subject) && may == (answer == Action::Allow));
                        let found = with_answer(&table, subject, permission, answer);
                        assert_eq!(
                            found.is_some(),
                            expected,
                            "{round} {rules:?} {subject:?} {permission} {answer:?} {found:?}"
                        );
                    }
                    let Subject::Of(principal) = subject else { continue };
                    assert_eq!(
                        outside(&table, principal, permission).is_some(),
                        exists(&|class, may| !class.is_of(subject) && may),
                        "{round} {rules:?} {subject:?}"
                    );
                }
            }
            let (p, q) = (PERMISSIONS[0], PERMISSIONS[1]);
            let expected = classes.iter().any(|class| class.may(rules, p) && class.may(rules, q));
            assert_eq!(with_both(&table, p, q).is_some(), expected, "{round} {rules:?}");
        }
    }
}

#[test]
fn lists_are_compared_as_by_trying_every_class() {
    for (has_conditions, rounds) in [(false, 6_000), (true, 1_500)] {
        let (mut dice, classes) = (Dice(0xfeed), classes(has_conditions));
        let mut widened = 0;
        for round in 0..rounds {
            let new = random_rules(&mut dice, has_conditions);
            let old = random_rules(&mut dice, has_conditions);
            let expected = classes.iter().any(|class| {
                PERMISSIONS
                    .iter()
                    .any(|permission| class.may(new, *permission) && !class.may(old, *permission))
            });
            let found = wider(&table(new), &table(old));
            assert_eq!(found.is_some(), expected, "{round} {new:?} {old:?} {found:?}");
            assert!(wider(&table(new), &table(new)).is_none(), "{round} {new:?}");
            widened += usize::from(expected);
        }
        assert!((rounds / 12..rounds - rounds / 12).contains(&widened), "not random enough: {widened}");
    }
}

#[test]
fn rules_that_cannot_decide_are_those_that_no_class_reaches() {
    for (has_conditions, rounds) in [(false, 1_000), (true, 1_000)] {
        let (mut dice, classes) = (Dice(0xdead), classes(has_conditions));
        let (mut unreachable, mut missed) = (0, 0);
        for round in 0..rounds {
            let rules = random_rules(&mut dice, has_conditions);
            let table = table(rules);
            for at in 0..rules.len() {
                let decides = classes.iter().filter(|class| is_like_a_request(class)).any(|class| {
                    let groups = class.groups();
                    let principals = Principals::new(class.user, Some(&groups));
                    PERMISSIONS.iter().any(|permission| {
                        let answer = |condition: &Condition| Some(class.answer(condition));
                        let decided = decide_if(rules.iter().copied(), *permission, &principals, answer);
                        decided.unwrap().rule() == Some(at)
                    })
                });
                let said = fate(&table, at) != Fate::Decides;
                // Two rules together may decide all that a third one could, which is not searched for.
                assert!(!(said && decides), "{round} {rules:?} {at}");
                unreachable += usize::from(said);
                missed += usize::from(!said && !decides);
            }
        }
        assert!(unreachable > 100 && missed < unreachable, "{has_conditions} {unreachable} {missed}");
    }
}

/// Members of groups are authenticated.
fn is_like_a_request(class: &Class) -> bool {
    class.user.is_some() || class.groups().is_empty()
}

#[test]
fn the_decision_is_that_of_a_naive_evaluator() {
    let (mut dice, classes) = (Dice(0xace), classes(true));
    for round in 0..1_000 {
        let rules = random_rules(&mut dice, true);
        for class in &classes {
            let groups = class.groups();
            let principals = Principals::new(class.user, Some(&groups));
            for permission in PERMISSIONS {
                let mut expected = Decision::Deny(Denial::NoRule);
                let mut needed = Vec::new();
                for (at, rule) in rules.iter().enumerate() {
                    if !rule.permissions().hold(permission) || !principals.include(rule.principal()) {
                        continue;
                    }
                    needed.extend_from_slice(rule.conditions());
                    let answers = || rule.conditions().iter().map(|condition| class.answer(condition));
                    let fires = match rule.action() {
                        Action::Allow => answers().all(|answer| answer == ConditionAnswer::Holds),
                        Action::Deny => answers().all(|answer| answer != ConditionAnswer::Fails),
                    };
                    if fires {
                        expected = match rule.action() {
                            Action::Allow => Decision::Allow(Grant::Rule(at)),
                            Action::Deny => Decision::Deny(Denial::Rule(at)),
                        };
                        break;
                    }
                }
                let mut asked = Vec::new();
                let decision = decide_if(rules.iter().copied(), permission, &principals, |condition| {
                    asked.push(*condition);
                    Some(class.answer(condition))
                });
                assert_eq!(decision, Ok(expected), "{round} {rules:?} {class:?} {permission}");
                assert!(asked.iter().all(|condition| needed.contains(condition)), "{rules:?} {class:?}");

                // A caller that learns one answer after the other comes to the same decision.
                let mut known: Vec<Condition> = Vec::new();
                let decision = loop {
                    let answer =
                        |condition: &Condition| known.contains(condition).then(|| class.answer(condition));
                    match decide_if(rules.iter().copied(), permission, &principals, answer) {
                        Ok(decision) => break decision,
                        Err(condition) => {
                            assert!(!known.contains(&condition), "{condition} is asked twice");
                            known.push(condition);
                        }
                    }
                };
                assert_eq!(decision, expected, "{round} {rules:?} {class:?} {permission}");

                let unknown = decide_if(rules.iter().copied(), permission, &principals, |_| {
                    Some(ConditionAnswer::Unknown)
                });
                assert_eq!(Ok(decide(rules.iter().copied(), permission, &principals)), unknown);
            }
        }
    }
}

#[test]
fn the_best_and_the_worst_case_bound_every_answer() {
    let (mut dice, classes) = (Dice(0xbee), classes(true));
    for round in 0..600 {
        let rules = random_rules(&mut dice, true);
        for class in &classes {
            let groups = class.groups();
            let principals = Principals::new(class.user, Some(&groups));
            for permission in PERMISSIONS {
                let worst = decide(rules.iter().copied(), permission, &principals).is_allow();
                let best =
                    decide_at_best(rules.iter().copied(), permission, &principals, None, |_| true).is_allow();
                let actual = class.may(rules, permission);
                assert!(worst <= actual && actual <= best, "{round} {rules:?} {class:?} {permission}");
                let closed = decide_at_best(rules.iter().copied(), permission, &principals, None, |_| false);
                assert_eq!(closed.is_allow(), worst, "{round} {rules:?} {class:?} {permission}");
            }
        }
    }
}

#[test]
fn a_class_at_best_may_what_some_answer_allows() {
    let (mut dice, classes) = (Dice(0xcafe), classes(true));
    for round in 0..600 {
        let rules = random_rules(&mut dice, true);
        let table = table(rules);
        for permission in PERMISSIONS {
            let anonymous = CallerClass::ANONYMOUS.at_best().may(&table, Some(permission));
            let group = crate::Groups::none();
            let best = decide_at_best(
                rules.iter().copied(),
                permission,
                &Principals::new(None, Some(&group)),
                None,
                |_| true,
            );
            assert_eq!(anonymous, best.is_allow(), "{round} {rules:?}");
            let some =
                classes.iter().any(|class| class.is_of(Subject::Anonymous) && class.may(rules, permission));
            // Different answers to one condition in two rules are not told apart.
            assert!(anonymous || !some, "{round} {rules:?}");
        }
    }
}

#[test]
fn conditions_do_not_hide_rules_behind_them() {
    const C: &[Condition] = &[Condition::custom("c")];
    let (edit, everyone) = (Permissions::All, crate::Principal::Everyone);
    let allow = Rule::__new(Action::Allow, everyone, edit, 1);
    let deny = Rule::__new(Action::Deny, everyone, edit, 2);
    for (rules, expected) in [
        // A conditional rule, and then the opposite without a condition.
        (vec![allow.with_conditions(C), deny], [Fate::Decides, Fate::Decides]),
        (vec![deny.with_conditions(C), allow], [Fate::Decides, Fate::Decides]),
        // A conditional rule behind one that decides all.
        (vec![deny, allow.with_conditions(C)], [Fate::Decides, Fate::Overruled]),
        (vec![allow, allow.with_conditions(C)], [Fate::Decides, Fate::Redundant]),
        // The same condition: one that is unknown makes the denial fire, and not the grant before it.
        (vec![deny.with_conditions(C), allow.with_conditions(C)], [Fate::Decides, Fate::Overruled]),
        (vec![allow.with_conditions(C), deny.with_conditions(C)], [Fate::Decides, Fate::Decides]),
        (vec![allow.with_conditions(C), allow.with_conditions(C)], [Fate::Decides, Fate::Redundant]),
    ] {
        let table = table(rules.leak());
        assert_eq!([fate(&table, 0), fate(&table, 1)], expected, "{:?}", table.rules);
    }
}
