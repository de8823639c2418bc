//! Finds a counterexample of an assertion: a [`CallerClass`] for which the decision is not the asserted one.

use super::{assert::Subject, caller_class::CallerClass};
use crate::{
    Action, Name, Principal,
    first_match_table::{NONE, Table},
};

/// Returns a class of `subject` for which the answer is the one given.
pub(crate) const fn with_answer<'a>(
    table: &Table<'a>,
    subject: Subject<'a>,
    permission: Name<'a>,
    answer: Action,
) -> Option<CallerClass<'a>> {
    let Some(least) = subject.least() else { return None };
    if answers(least.may(table, Some(permission)), answer) {
        return Some(least);
    }
    if matches!(subject, Subject::Anonymous) {
        return None;
    }
    let mut uses = table.uses(Some(permission));
    let mut at = uses.next(table);
    while at != NONE {
        if same(table.action(at), answer)
            && let Some(class) = least.and(table.principal(at))
            && class.decider(table, Some(permission)) == at
        {
            return Some(class);
        }
        at = uses.next(table);
    }
    None
}

/// Returns a class outside of `subject` that is granted `permission`.
pub(crate) const fn outside<'a>(
    table: &Table<'a>,
    subject: Principal<'a>,
    permission: Name<'a>,
) -> Option<CallerClass<'a>> {
    let mut uses = table.uses(Some(permission));
    let mut at = uses.next(table);
    while at != NONE {
        if matches!(table.action(at), Action::Allow)
            && let Some(class) = CallerClass::ANONYMOUS.and(table.principal(at))
            && !class.is_of(subject)
            && class.decider(table, Some(permission)) == at
        {
            return Some(class);
        }
        at = uses.next(table);
    }
    None
}

/// Returns a class that is granted both permissions.
pub(crate) const fn with_both<'a>(table: &Table<'a>, p: Name<'a>, q: Name<'a>) -> Option<CallerClass<'a>> {
    let mut uses = table.uses(Some(p));
    let mut at = uses.next(table);
    while at != NONE {
        if matches!(table.action(at), Action::Allow)
            && let Some(class) = CallerClass::ANONYMOUS.and(table.principal(at))
            && class.decider(table, Some(p)) == at
        {
            let found = with_other(table, p, q, class);
            if found.is_some() {
                return found;
            }
        }
        at = uses.next(table);
    }
    None
}

/// Returns a class within the given one, which is granted `p`, that is granted both.
const fn with_other<'a>(
    table: &Table<'a>,
    p: Name<'a>,
    q: Name<'a>,
    granted: CallerClass<'a>,
) -> Option<CallerClass<'a>> {
    // A class that is refused `q` here can only be granted it by an earlier rule.
    let refusal = granted.refusal(table, Some(q));
    let mut uses = table.uses(Some(q));
    let mut at = uses.next(table);
    while at < refusal {
        if matches!(table.action(at), Action::Allow)
            && let Some(class) = granted.and(table.principal(at))
            && class.may(table, Some(p))
            && class.may(table, Some(q))
        {
            return Some(class);
        }
        at = uses.next(table);
    }
    None
}

const fn same(a: Action, b: Action) -> bool {
    matches!((a, b), (Action::Allow, Action::Allow) | (Action::Deny, Action::Deny))
}

const fn answers(may: bool, answer: Action) -> bool {
    may == matches!(answer, Action::Allow)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::{
        Groups, Permissions, Principals, Rule, decide,
        first_match_table::{firsts, places},
        proof::widening::wider,
    };

    const USERS: [Option<&str>; 4] = [None, Some("other"), Some("u"), Some("v")];
    const GROUPS: [&str; 3] = ["g", "h", "i"];
    const PERMISSIONS: [Name<'static>; 3] = [Name::Text("p"), Name::Text("q"), Name::Text("r")];

    /// A small random number generator with a fixed seed, so that every run tries the same lists.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 >> 33).unwrap().checked_rem(n).unwrap()
        }
    }

    fn random_rules(dice: &mut Dice) -> &'static [Rule<'static>] {
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
                let action = if dice.below(2) == 0 { Action::Allow } else { Action::Deny };
                Rule::__new(action, principal, permissions, 0)
            })
            .collect();
        rules.leak()
    }

    fn table(rules: &'static [Rule<'static>]) -> Table<'static> {
        assert!(places(rules) <= 512);
        Table::new(rules, Vec::from(firsts::<512>(rules)).leak(), false)
    }

    /// All classes: four kinds of callers times eight sets of groups.
    fn classes() -> Vec<(Option<&'static str>, Vec<&'static str>)> {
        USERS
            .into_iter()
            .flat_map(|user| {
                (0..8).map(move |bits| {
                    (user, (0..3).filter(|bit| bits & (1 << bit) != 0).map(|bit| GROUPS[bit]).collect())
                })
            })
            .collect()
    }

    fn may(rules: &[Rule<'_>], class: &(Option<&str>, Vec<&str>), permission: Name<'_>) -> bool {
        let groups: Groups = class.1.iter().collect();
        decide(rules.iter().copied(), permission, &Principals::new(class.0, Some(&groups))).is_allow()
    }

    fn is_of(class: &(Option<&str>, Vec<&str>), subject: Subject<'_>) -> bool {
        match subject {
            Subject::Anonymous => class.0.is_none() && class.1.is_empty(),
            Subject::Of(Principal::Everyone) => true,
            Subject::Of(Principal::Authenticated) => class.0.is_some(),
            Subject::Of(Principal::User(id)) => class.0 == Some(id),
            Subject::Of(Principal::Group(name)) => class.1.iter().any(|group| Name::Text(group) == name),
        }
    }

    fn all_subjects() -> [Subject<'static>; 6] {
        [
            Subject::Anonymous,
            Subject::Of(Principal::Everyone),
            Subject::Of(Principal::Authenticated),
            Subject::Of(Principal::User("u")),
            Subject::Of(Principal::Group(Name::Text("g"))),
            Subject::Of(Principal::Group(Name::Text("h"))),
        ]
    }

    #[test]
    fn statements_are_judged_as_by_trying_every_class() {
        let mut dice = Dice(0x5eed);
        for round in 0..3_000 {
            let rules = random_rules(&mut dice);
            let table = table(rules);
            for permission in PERMISSIONS {
                for subject in all_subjects() {
                    for answer in [Action::Allow, Action::Deny] {
                        let expected = classes().iter().any(|class| {
                            is_of(class, subject)
                                && may(rules, class, permission) == (answer == Action::Allow)
                        });
                        let found = with_answer(&table, subject, permission, answer);
                        assert_eq!(
                            found.is_some(),
                            expected,
                            "{round} {rules:?} {subject:?} {permission} {answer:?} {found:?}"
                        );
                    }
                    let Subject::Of(principal) = subject else { continue };
                    let expected =
                        classes().iter().any(|class| !is_of(class, subject) && may(rules, class, permission));
                    assert_eq!(
                        outside(&table, principal, permission).is_some(),
                        expected,
                        "{round} {rules:?} {subject:?}"
                    );
                }
            }
            let (p, q) = (PERMISSIONS[0], PERMISSIONS[1]);
            let expected = classes().iter().any(|class| may(rules, class, p) && may(rules, class, q));
            assert_eq!(with_both(&table, p, q).is_some(), expected, "{round} {rules:?}");
        }
    }

    #[test]
    fn lists_are_compared_as_by_trying_every_class() {
        let mut dice = Dice(0xfeed);
        let mut widened = 0;
        for round in 0..6_000 {
            let (new, old) = (random_rules(&mut dice), random_rules(&mut dice));
            let expected = classes().iter().any(|class| {
                PERMISSIONS
                    .iter()
                    .any(|permission| may(new, class, *permission) && !may(old, class, *permission))
            });
            let found = wider(&table(new), &table(old));
            assert_eq!(found.is_some(), expected, "{round} {new:?} {old:?} {found:?}");
            widened += usize::from(expected);
        }
        assert!((500..5_500).contains(&widened), "the lists are not random enough: {widened}");
    }
}
