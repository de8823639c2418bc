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
    // Only the answers to conditions tell anonymous requests in no group apart.
    let is_anonymous = matches!(subject, Subject::Anonymous);
    if is_anonymous && !table.has_conditions() {
        return None;
    }
    let mut uses = table.uses(Some(permission));
    let mut at = uses.next(table);
    while at != NONE {
        if same(table.action(at), answer)
            && (!is_anonymous || matches!(table.principal(at), Principal::Everyone))
            && let Some(class) = least.and_rule(table, at)
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
            && let Some(class) = CallerClass::ANONYMOUS.and_rule(table, at)
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
            && let Some(class) = CallerClass::ANONYMOUS.and_rule(table, at)
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
            && let Some(class) = granted.and_rule(table, at)
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
