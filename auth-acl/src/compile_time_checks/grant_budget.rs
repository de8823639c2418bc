//! Counts the grants of an ACL and compares them with a number in the source: [`check_budget`].

use crate::{
    Name, Principal, Rule,
    const_message::Message,
    const_message::complain,
    first_match_table::{First, NONE, Table, principal_fingerprint, same_principal},
    proof::CallerClass,
};

/// Stops the build unless the list makes exactly `budget` grants.
///
/// A grant is a kind of request and a permission that it has. The kinds are those of the access table: anonymous, an
/// authenticated user, and an authenticated member of each group and each user that a rule names. The permissions are
/// those that rules name, and all others as one. A grant that depends on a condition counts, since it may be made. `PLACES` is twice the number of rules, and one.
///
/// # Panics
///
/// Panics with a message for the person who wrote the list; called in constants only.
#[track_caller]
pub const fn check_budget<const PLACES: usize>(rules: &[Rule<'_>], firsts: &[First], budget: u32) {
    let grants = grants::<PLACES>(rules, firsts);
    if grants == budget as usize {
        return;
    }
    let message = push(Message::new().push("this ACL makes "), grants).push(" grants, and its budget is ");
    let message = push(message, budget as usize);
    complain(&if grants > budget as usize {
        push(message.push("; remove grants, or have them reviewed and write `budget = "), grants)
            .push("` [more-grants-than-the-budget]")
    } else {
        push(message.push("; lower the budget to "), grants)
    })
}

#[expect(clippy::cast_possible_wrap, reason = "a list of 2^63 grants does not fit into a program")]
const fn push(message: Message, number: usize) -> Message {
    message.push_number(number as i64)
}

/// Counts the grants of a list.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "as many as there are kinds of requests and permissions; constants have no iterators"
)]
const fn grants<const PLACES: usize>(rules: &[Rule<'_>], firsts: &[First]) -> usize {
    let table = Table::new(rules, firsts, false);
    let named = named_principals::<PLACES>(rules);
    let mut count = grants_of(&table, None, named);
    let mut place = 0;
    while place < table.places() {
        if let Some(name) = table.name_at(place) {
            count += grants_of(&table, Some(name), named);
        }
        place += 1;
    }
    count
}

/// Counts the kinds of requests that have a permission; `None` is one that no rule names.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "each of the `named` principals is counted once; constants have no iterators"
)]
const fn grants_of(table: &Table<'_>, permission: Option<Name<'_>>, named: usize) -> usize {
    let anonymous = CallerClass::ANONYMOUS.at_best();
    let Some(signed_in) = anonymous.and(Principal::Authenticated) else { return 0 };
    let is_user_granted = signed_in.may(table, permission);
    let mut count = anonymous.may(table, permission) as usize + is_user_granted as usize;
    let mut others = named;
    let mut uses = table.uses(permission);
    let mut at = uses.next(table);
    while at != NONE {
        let principal = table.principal(at);
        let is_named = matches!(principal, Principal::User(_) | Principal::Group(_));
        // A principal may have a rule that names the permission, one for `ALL`, and some with conditions.
        if is_named && is_first_use(table, permission, at) {
            others -= 1;
            if let Some(class) = signed_in.and(principal) {
                count += class.may(table, permission) as usize;
            }
        }
        at = uses.next(table);
    }
    if is_user_granted { count + others } else { count }
}

/// Returns whether the rule at this index is the first about its principal and the permission.
const fn is_first_use(table: &Table<'_>, permission: Option<Name<'_>>, rule: u32) -> bool {
    let principal = table.principal(rule);
    if !table.has_conditions() {
        return table.first(principal, permission) == rule;
    }
    let mut uses = table.uses(permission);
    let mut at = uses.next(table);
    while at < rule {
        if same_principal(table.principal(at), principal) {
            return false;
        }
        at = uses.next(table);
    }
    true
}

/// Counts the users and groups that rules name.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "there are more places than rules; constants have no iterators"
)]
#[expect(clippy::cast_possible_truncation, reason = "a list of 2^32 rules does not fit into a program")]
const fn named_principals<const PLACES: usize>(rules: &[Rule<'_>]) -> usize {
    let mut seen = [NONE; PLACES];
    let mut count = 0;
    let mut at = 0;
    while at < rules.len() {
        let principal = rules[at].principal();
        if matches!(principal, Principal::User(_) | Principal::Group(_)) {
            let mut place = principal_fingerprint(principal) as usize % PLACES;
            while seen[place] != NONE && !same_principal(rules[seen[place] as usize].principal(), principal) {
                place = (place + 1) % PLACES;
            }
            if seen[place] == NONE {
                seen[place] = at as u32;
                count += 1;
            }
        }
        at += 1;
    }
    count
}
