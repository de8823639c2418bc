//! Checks that a guard's permission can be granted: [`check_grantable`].

use super::{
    Acl, Action, Name, Principal, const_message::Message, first_match_table::NONE,
    unreachable_rules::complain,
};

/// Stops the build when no request could ever be granted the permission of a guard.
///
/// # Panics
///
/// Panics with a message for the person who wrote the guard; called in constants only.
#[track_caller]
pub(super) const fn check_grantable(acl: &Acl, acl_name: &str, permission: Name<'_>) {
    if acl.is_malformed() || can_be_granted(acl, permission) {
        return;
    }
    let message =
        Message::new().push_name(permission).push(" can never be granted by `").push(acl_name).push("`, ");
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
/// requests.
#[expect(clippy::indexing_slicing, reason = "a rule of this very list")]
const fn can_be_granted(acl: &Acl, permission: Name<'_>) -> bool {
    let table = acl.table();
    let mut uses = table.uses(Some(permission));
    let mut at = uses.next(&table);
    while at != NONE {
        if matches!(table.action(at), Action::Allow)
            && table.decides_all(acl.rules()[at as usize].principal(), Some(permission)) == at
        {
            return true;
        }
        at = uses.next(&table);
    }
    false
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
