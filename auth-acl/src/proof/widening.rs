//! Finds a permission that a new ACL allows to some [`CallerClass`] and the old one denies (privilege
//! widening).
//!
//! It tries each permission, and first one that neither list names. Afterwards, any class that is granted a
//! permission by `ALL` in the new list is also granted it by `ALL` in the old one, unless a rule of the old
//! list that names the permission refuses it. So the rules for `ALL` need not be tried on every permission.

use super::caller_class::CallerClass;
use crate::{
    Action, Name,
    first_match_table::{NONE, Table, Uses},
};

/// What one list allows and another does not: the class, and the permission (`None`: one that no rule names).
pub(crate) type Wider<'a> = (CallerClass<'a>, Option<Name<'a>>);

/// Returns something that `new` allows and `old` does not.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "`place` stays below the length; constants have no iterators"
)]
pub(crate) const fn wider<'a>(new: &Table<'a>, old: &Table<'a>) -> Option<Wider<'a>> {
    if let Some(class) = without_denial(new, old, new.uses(None), None) {
        return Some((class, None));
    }
    if let Some(class) = despite_denial(new, old, new.uses(None), old.uses(None), None) {
        return Some((class, None));
    }
    let mut place = 0;
    while place < new.places() {
        if let Some(name) = new.name_at(place)
            && let Some(class) = wider_in(new, old, name)
        {
            return Some((class, Some(name)));
        }
        place += 1;
    }
    place = 0;
    while place < old.places() {
        if let Some(name) = old.name_at(place)
            && !new.is_used(Some(name))
            && let Some(class) = wider_in(new, old, name)
        {
            return Some((class, Some(name)));
        }
        place += 1;
    }
    None
}

/// A permission that is named by one of the lists.
const fn wider_in<'a>(new: &Table<'a>, old: &Table<'a>, name: Name<'a>) -> Option<CallerClass<'a>> {
    let permission = Some(name);
    let (named, denials) = (new.uses_by_name(name), old.uses_by_name(name));
    if let Some(class) = without_denial(new, old, named, permission) {
        return Some(class);
    }
    if let Some(class) = despite_denial(new, old, named, old.uses(permission), permission) {
        return Some(class);
    }
    despite_denial(new, old, new.uses(None), denials, permission)
}

/// A class that one of the new rules allows what the old list does not allow it.
const fn without_denial<'a>(
    new: &Table<'a>,
    old: &Table<'a>,
    mut grants: Uses,
    permission: Option<Name<'a>>,
) -> Option<CallerClass<'a>> {
    let mut at = grants.next(new);
    while at != NONE {
        if matches!(new.action(at), Action::Allow)
            && let Some(class) = CallerClass::ANONYMOUS.and_rule(new, at)
            && class.may(new, permission)
            && !class.may(old, permission)
        {
            return Some(class);
        }
        at = grants.next(new);
    }
    None
}

/// A class that one of the new rules allows what one of the old rules refuses it.
const fn despite_denial<'a>(
    new: &Table<'a>,
    old: &Table<'a>,
    grants: Uses,
    mut denials: Uses,
    permission: Option<Name<'a>>,
) -> Option<CallerClass<'a>> {
    let mut at = denials.next(old);
    while at != NONE {
        if matches!(old.action(at), Action::Deny)
            && let Some(refused) = CallerClass::ANONYMOUS.and_rule(old, at)
        {
            // A class that the new list refuses it can only be granted it by an earlier rule.
            let refusal = refused.refusal(new, permission);
            let mut grants = grants;
            let mut grant = grants.next(new);
            while grant < refusal {
                // A class that the old list allows it by an earlier rule is not refused it here.
                if matches!(new.action(grant), Action::Allow)
                    && !old.allows_before(new.principal(grant), permission, at)
                    && let Some(class) = refused.and_rule(new, grant)
                    && class.may(new, permission)
                    && !class.may(old, permission)
                {
                    return Some(class);
                }
                grant = grants.next(new);
            }
        }
        at = denials.next(old);
    }
    None
}
