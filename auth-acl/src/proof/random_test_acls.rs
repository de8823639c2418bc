//! Generates random ACLs for tests, and all classes of requests that they can tell apart.

use alloc::vec::Vec;

use super::assert::Subject;
use crate::{
    Action, Condition, ConditionAnswer, Groups, Name, Permissions, Principal, Principals, Rule, decide_if,
    first_match_table::{Table, firsts, places},
};

const USERS: [Option<&str>; 4] = [None, Some("other"), Some("u"), Some("v")];
const GROUPS: [&str; 3] = ["g", "h", "i"];
pub(super) const PERMISSIONS: [Name<'static>; 3] = [Name::Text("p"), Name::Text("q"), Name::Text("r")];

const C: Condition = Condition::custom("c");
const D: Condition = Condition::custom("d");
const ANSWERS: [ConditionAnswer; 3] =
    [ConditionAnswer::Holds, ConditionAnswer::Fails, ConditionAnswer::Unknown];

/// A small random number generator with a fixed seed, so that every run tries the same lists.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap().checked_rem(n).unwrap()
    }
}

pub(super) fn random_rules(dice: &mut Dice, has_conditions: bool) -> &'static [Rule<'static>] {
    let rules: Vec<Rule<'static>> = (0..dice.below(6))
        .map(|_| {
            let principal = match dice.below(7) {
                0 => Principal::Everyone,
                1 => Principal::Authenticated,
                2 => Principal::User("u"),
                3 => Principal::User("v"),
                n => Principal::Group(Name::Text(GROUPS[n.abs_diff(4)])),
            };
            let permissions = match dice.below(5) {
                0 => Permissions::All,
                n => {
                    let names: Vec<Name<'static>> = (0..2)
                        .filter(|bit| n & (1 << bit) != 0 || n == 4)
                        .map(|bit| PERMISSIONS[bit])
                        .collect();
                    Permissions::Names(names.leak())
                }
            };
            let conditions: &[Condition] = match if has_conditions { dice.below(6) } else { 5 } {
                0 | 1 => &[C],
                2 => &[D],
                3 => &[C, D],
                _ => &[],
            };
            let action = if dice.below(2) == 0 { Action::Allow } else { Action::Deny };
            Rule::__new(action, principal, permissions, 0).with_conditions(conditions)
        })
        .collect();
    rules.leak()
}

pub(super) fn table(rules: &'static [Rule<'static>]) -> Table<'static> {
    assert!(places(rules) <= 512);
    Table::new(rules, Vec::from(firsts::<512>(rules)).leak(), false)
}

/// Requests of one user, in some groups, with answers to both conditions.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) user: Option<&'static str>,
    groups: Vec<&'static str>,
    answers: [ConditionAnswer; 2],
}

/// All classes: four kinds of callers times eight sets of groups, times nine pairs of answers if there are conditions.
pub(super) fn classes(has_conditions: bool) -> Vec<Class> {
    let mut classes = Vec::new();
    for user in USERS {
        for bits in 0..8 {
            for first in ANSWERS {
                for second in ANSWERS {
                    let groups = (0..3).filter(|bit| bits & (1 << bit) != 0).map(|bit| GROUPS[bit]).collect();
                    let answers = [first, second];
                    if has_conditions || answers == [ConditionAnswer::Unknown; 2] {
                        classes.push(Class { user, groups, answers });
                    }
                }
            }
        }
    }
    classes
}

impl Class {
    pub(super) fn groups(&self) -> Groups {
        self.groups.iter().collect()
    }

    pub(super) fn answer(&self, condition: &Condition) -> ConditionAnswer {
        if *condition == C { self.answers[0] } else { self.answers[1] }
    }

    pub(super) fn may(&self, rules: &[Rule<'_>], permission: Name<'_>) -> bool {
        let groups = self.groups();
        let principals = Principals::new(self.user, Some(&groups));
        let answer = |condition: &Condition| Some(self.answer(condition));
        decide_if(rules.iter().copied(), permission, &principals, answer).unwrap().is_allow()
    }

    pub(super) fn is_of(&self, subject: Subject<'_>) -> bool {
        match subject {
            Subject::Anonymous => self.user.is_none() && self.groups.is_empty(),
            Subject::Of(Principal::Everyone) => true,
            Subject::Of(Principal::Authenticated) => self.user.is_some(),
            Subject::Of(Principal::User(id)) => self.user == Some(id),
            Subject::Of(Principal::Group(name)) => self.groups.iter().any(|group| Name::Text(group) == name),
        }
    }
}

pub(super) fn all_subjects() -> [Subject<'static>; 6] {
    [
        Subject::Anonymous,
        Subject::Of(Principal::Everyone),
        Subject::Of(Principal::Authenticated),
        Subject::Of(Principal::User("u")),
        Subject::Of(Principal::Group(Name::Text("g"))),
        Subject::Of(Principal::Group(Name::Text("h"))),
    ]
}
