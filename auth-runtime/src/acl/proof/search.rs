//! The search for a class that refutes a statement.

use super::{class::Class, statement::Whom};
use crate::acl::{
    Action, Name, Permissions, Principal,
    firsts::{NONE, Table},
};

/// Returns a class of `whom` for which the answer is the one given.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
pub(crate) const fn with_answer<'a>(
    table: &Table<'a>,
    whom: Whom<'a>,
    permission: Name<'a>,
    answer: Action,
) -> Option<Class<'a>> {
    let Some(least) = whom.least() else { return None };
    if answers(least.may(table, Some(permission)), answer) {
        return Some(least);
    }
    if matches!(whom, Whom::Anonymous) {
        return None;
    }
    let mut at = 0;
    while at < table.rules.len() {
        let rule = &table.rules[at];
        if same(rule.action(), answer)
            && rule.permissions().hold_const(permission)
            && let Some(class) = least.and(rule.principal())
            && class.decider(table, Some(permission)) as usize == at
        {
            return Some(class);
        }
        at += 1;
    }
    None
}

/// Returns a class outside of `whom` that is granted `permission`.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
pub(crate) const fn outside<'a>(
    table: &Table<'a>,
    whom: Principal<'a>,
    permission: Name<'a>,
) -> Option<Class<'a>> {
    let mut at = 0;
    while at < table.rules.len() {
        let rule = &table.rules[at];
        if matches!(rule.action(), Action::Allow)
            && rule.permissions().hold_const(permission)
            && let Some(class) = Class::ANONYMOUS.and(rule.principal())
            && !class.is_of(whom)
            && class.decider(table, Some(permission)) as usize == at
        {
            return Some(class);
        }
        at += 1;
    }
    None
}

/// Returns a class that is granted both permissions.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`a` and `b` stay below the length; constants have no iterators"
)]
pub(crate) const fn with_both<'a>(table: &Table<'a>, p: Name<'a>, q: Name<'a>) -> Option<Class<'a>> {
    let mut a = 0;
    while a < table.rules.len() {
        let one = &table.rules[a];
        if matches!(one.action(), Action::Allow)
            && one.permissions().hold_const(p)
            && let Some(first) = Class::ANONYMOUS.and(one.principal())
            && first.decider(table, Some(p)) as usize == a
        {
            let mut b = 0;
            while b < table.rules.len() {
                let other = &table.rules[b];
                if matches!(other.action(), Action::Allow)
                    && other.permissions().hold_const(q)
                    && let Some(class) = first.and(other.principal())
                    && class.may(table, Some(p))
                    && class.may(table, Some(q))
                {
                    return Some(class);
                }
                b += 1;
            }
        }
        a += 1;
    }
    None
}

/// What one list allows and another does not: to whom, and which permission (`None`: one that no rule names).
pub(crate) type Wider<'a> = (Class<'a>, Option<Name<'a>>);

/// Returns something that `new` allows and `old` does not.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place stays below its length; constants have no iterators"
)]
pub(crate) const fn wider<'a>(new: &Table<'a>, old: &Table<'a>) -> Option<Wider<'a>> {
    let mut at = 0;
    while at < new.rules.len() {
        let rule = &new.rules[at];
        if matches!(rule.action(), Action::Allow)
            && let Some(class) = Class::ANONYMOUS.and(rule.principal())
        {
            let found = match rule.permissions() {
                Permissions::Names(names) => wider_in_one(new, old, at, class, names),
                Permissions::All => wider_in_all(new, old, at, class),
                Permissions::Set(_) => None,
            };
            if found.is_some() {
                return found;
            }
        }
        at += 1;
    }
    None
}

/// The permissions of one rule.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`n` stays below the length; constants have no iterators"
)]
const fn wider_in_one<'a>(
    new: &Table<'a>,
    old: &Table<'a>,
    at: usize,
    class: Class<'a>,
    names: &'a [Name<'a>],
) -> Option<Wider<'a>> {
    let mut n = 0;
    while n < names.len() {
        if let Some(class) = wider_for(new, old, at, class, Some(names[n])) {
            return Some((class, Some(names[n])));
        }
        n += 1;
    }
    None
}

/// All permissions: those that either list names, and one that neither does.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place stays below its length; constants have no iterators"
)]
const fn wider_in_all<'a>(
    new: &Table<'a>,
    old: &Table<'a>,
    at: usize,
    class: Class<'a>,
) -> Option<Wider<'a>> {
    if let Some(class) = wider_for(new, old, at, class, None) {
        return Some((class, None));
    }
    let mut list = 0;
    while list < 2 {
        let rules = if list == 0 { new.rules } else { old.rules };
        let mut r = 0;
        while r < rules.len() {
            if let Permissions::Names(names) = rules[r].permissions()
                && let Some(found) = wider_in_one(new, old, at, class, names)
            {
                return Some(found);
            }
            r += 1;
        }
        list += 1;
    }
    None
}

/// One rule of the new list and one permission: refused by the old list at once, or to those whom one of its rules refuses.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
const fn wider_for<'a>(
    new: &Table<'a>,
    old: &Table<'a>,
    rule: usize,
    class: Class<'a>,
    permission: Option<Name<'a>>,
) -> Option<Class<'a>> {
    if class.decider(new, permission) as usize != rule {
        return None;
    }
    let allowed_by = class.decider(old, permission);
    if allowed_by == NONE || matches!(old.action(allowed_by), Action::Deny) {
        return Some(class);
    }
    // Only a rule that comes before the one that allows can refuse.
    let mut at = 0;
    while at < allowed_by as usize {
        let denial = &old.rules[at];
        let holds = match permission {
            Some(name) => denial.permissions().hold_const(name),
            None => matches!(denial.permissions(), Permissions::All),
        };
        if matches!(denial.action(), Action::Deny)
            && holds
            && let Some(class) = class.and(denial.principal())
            && class.may(new, permission)
            && !class.may(old, permission)
        {
            return Some(class);
        }
        at += 1;
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
    use super::*;
    use crate::acl::{
        Groups, Principals, Rule, decide,
        firsts::{firsts, places},
    };

    const USERS: [Option<&str>; 4] = [None, Some("other"), Some("u"), Some("v")];
    const GROUPS: [&str; 3] = ["g", "h", "i"];
    const PERMISSIONS: [Name<'static>; 3] = [Name::Text("p"), Name::Text("q"), Name::Text("r")];

    /// A small generator, so that every run tries the same lists.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 >> 33).unwrap() % n
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
                    n => Principal::Group(Name::Text(GROUPS[n - 4])),
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
        assert!(places(rules) <= 64);
        Table { rules, firsts: Vec::from(firsts::<64>(rules)).leak(), by_line: false }
    }

    /// Every class there is: four visitors times eight sets of groups.
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

    fn is_of(class: &(Option<&str>, Vec<&str>), whom: Whom<'_>) -> bool {
        match whom {
            Whom::Anonymous => class.0.is_none() && class.1.is_empty(),
            Whom::Of(Principal::Everyone) => true,
            Whom::Of(Principal::Authenticated) => class.0.is_some(),
            Whom::Of(Principal::User(id)) => class.0 == Some(id),
            Whom::Of(Principal::Group(name)) => class.1.iter().any(|group| Name::Text(group) == name),
        }
    }

    fn all_whoms() -> [Whom<'static>; 6] {
        [
            Whom::Anonymous,
            Whom::Of(Principal::Everyone),
            Whom::Of(Principal::Authenticated),
            Whom::Of(Principal::User("u")),
            Whom::Of(Principal::Group(Name::Text("g"))),
            Whom::Of(Principal::Group(Name::Text("h"))),
        ]
    }

    #[test]
    fn statements_are_judged_as_by_trying_every_class() {
        let mut dice = Dice(0x5eed);
        for round in 0..3_000 {
            let rules = random_rules(&mut dice);
            let table = table(rules);
            for permission in PERMISSIONS {
                for whom in all_whoms() {
                    for answer in [Action::Allow, Action::Deny] {
                        let expected = classes().iter().any(|class| {
                            is_of(class, whom) && may(rules, class, permission) == (answer == Action::Allow)
                        });
                        let found = with_answer(&table, whom, permission, answer);
                        assert_eq!(
                            found.is_some(),
                            expected,
                            "{round} {rules:?} {whom:?} {permission} {answer:?} {found:?}"
                        );
                    }
                    let Whom::Of(principal) = whom else { continue };
                    let expected =
                        classes().iter().any(|class| !is_of(class, whom) && may(rules, class, permission));
                    assert_eq!(
                        outside(&table, principal, permission).is_some(),
                        expected,
                        "{round} {rules:?} {whom:?}"
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
