//! Checks that a guard's permission can be granted: [`check_grantable`].

use crate::{
    Acl, Action, Name, Principal, Rule,
    const_message::Message,
    const_message::complain,
    first_match_table::{NONE, Table},
};

/// Stops the build when no request could ever be granted the permission of a guard.
///
/// # Panics
///
/// Panics with a message for the person who wrote the guard; called in constants only.
#[track_caller]
#[expect(clippy::indexing_slicing, reason = "a rule of this very list")]
pub(super) const fn check_grantable(acl: &Acl, acl_name: &str, permission: Name<'_>) {
    if acl.is_malformed() || can_be_granted(acl, permission) {
        return;
    }
    let message =
        Message::new().push_name(permission).push(" can never be granted by `").push(acl_name).push("`, ");
    if let Some(rule) = about_resource(acl, permission) {
        let message = acl.table().push_rule(message.push("because "), rule);
        let message = acl.rules()[rule].push_conditions(message.push(" fires only if "));
        complain(&message.push(
            ", and this guard has no resource; name an argument of the handler that is one, such as `article`",
        ));
    }
    complain(&match denied_to_all(acl, permission) {
        Some((rule, principal)) => {
            let message = acl.table().push_rule(message.push("because "), rule);
            let message = message.push(" denies it to ").push(principal);
            acl.table().push_rule(message.push("; write an `Allow` rule above "), rule)
        }
        None => message.push("because no rule allows it; write an `Allow` rule for it"),
    });
}

/// A principal is granted the permission if a rule allows it, and no earlier one decides for all of its
/// requests. The guard has no resource, so conditions about one are unknown: a rule that allows never fires, and a rule
/// that denies does.
#[expect(clippy::indexing_slicing, reason = "a rule of this very list")]
const fn can_be_granted(acl: &Acl, permission: Name<'_>) -> bool {
    let table = acl.table();
    let mut uses = table.uses(Some(permission));
    let mut at = uses.next(&table);
    while at != NONE {
        if matches!(table.action(at), Action::Allow)
            && !needs_resource(&acl.rules()[at as usize], true)
            && table.decides_all(at, Some(permission)) == at
            && !is_denied_without_resource(&table, at, permission)
        {
            return true;
        }
        at = uses.next(&table);
    }
    false
}

/// Returns whether an earlier rule denies the permission to all requests for which the rule at this index fires,
/// because all of its conditions are about a resource.
#[expect(clippy::indexing_slicing, reason = "a rule of this very list")]
const fn is_denied_without_resource(table: &Table<'_>, rule: u32, permission: Name<'_>) -> bool {
    if !table.has_conditions() {
        return false;
    }
    let mut uses = table.uses(Some(permission));
    let mut at = uses.next(table);
    while at < rule {
        if matches!(table.action(at), Action::Deny)
            && needs_resource(&table.rules[at as usize], false)
            && table.covers(table.principal(at), table.principal(rule))
        {
            return true;
        }
        at = uses.next(table);
    }
    false
}

/// Returns whether any of the conditions of a rule is about a resource, or whether all of them are, if there are some.
const fn needs_resource(rule: &Rule<'_>, any: bool) -> bool {
    let mut rest = rule.conditions();
    let mut all = !rest.is_empty();
    while let [condition, others @ ..] = rest {
        if condition.is_about_resource() && any {
            return true;
        }
        all = all && condition.is_about_resource();
        rest = others;
    }
    all && !any
}

/// Returns the first rule that decides, or would, if the guard had a resource.
#[expect(clippy::indexing_slicing, reason = "a rule of this very list")]
const fn about_resource(acl: &Acl, permission: Name<'_>) -> Option<usize> {
    let table = acl.table();
    if !table.has_conditions() {
        return None;
    }
    let mut uses = table.uses(Some(permission));
    let mut at = uses.next(&table);
    while at != NONE {
        if needs_resource(&acl.rules()[at as usize], true) {
            return Some(at as usize);
        }
        at = uses.next(&table);
    }
    None
}

/// Returns the rule that denies it to everyone, or to all users, and the name of that principal.
const fn denied_to_all(acl: &Acl, permission: Name<'_>) -> Option<(usize, &'static str)> {
    let table = acl.table();
    let everyone = table.first(Principal::Everyone, Some(permission));
    let users = table.first(Principal::Authenticated, Some(permission));
    if everyone != NONE && matches!(table.action(everyone), Action::Deny) {
        Some((everyone as usize, "everyone"))
    } else if users != NONE && matches!(table.action(users), Action::Deny) {
        Some((users as usize, "every authenticated user"))
    } else {
        None
    }
}
