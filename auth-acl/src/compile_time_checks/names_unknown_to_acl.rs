//! Checks that its ACL knows the permission of a guard, and the groups and users of an assertion.

use super::ungrantable_permission::check_grantable;
use crate::{
    Acl, Name, Permissions, Principal, const_message::Message, first_match_table::same_principal,
    near_name::near, principal::service_name,
};

/// How many known names a message lists.
const LISTED: usize = 8;

/// How many rules are searched for a name to suggest, so that the search does not exceed the compiler's limit
/// on evaluation.
const SEARCHED: usize = 256;

/// Stops the build when a guard's permission is named by no rule, or can never be granted.
///
/// A rule for `ALL` permissions counts for variants of enums only: a misspelt literal would hide behind it.
///
/// # Panics
///
/// Panics with a message for the person who wrote the guard; called in constants only, or when an application starts.
#[track_caller]
pub const fn check_permission(acl: &Acl, acl_name: &str, permission: Name<'_>, is_variant: bool) {
    check_known(acl, acl_name, permission, is_variant);
    check_grantable(acl, acl_name, permission);
}

/// Stops the build when a permission is named by no rule.
///
/// # Panics
///
/// As [`check_permission`] does.
#[track_caller]
pub const fn check_known(acl: &Acl, acl_name: &str, permission: Name<'_>, is_variant: bool) {
    if !acl.is_malformed() && !knows(acl, permission, is_variant) {
        complain(acl, acl_name, permission);
    }
}

/// Stops the build when a shadow list does not name a guard's permission: it may have been forgotten. A permission
/// that is meant to be withdrawn from everyone needs a denying rule in the shadow list.
///
/// # Panics
///
/// As [`check_permission`] does.
#[expect(clippy::panic, reason = "a panic in a constant is a compile error; this is its message")]
#[track_caller]
pub const fn check_shadow(acl: &Acl, acl_name: &str, permission: Name<'_>, is_variant: bool) {
    if acl.is_malformed() || knows(acl, permission, is_variant) {
        return;
    }
    let message = Message::new().push("no rule of `").push(acl_name).push("` mentions the permission ");
    let message = message.push_name(permission);
    let message = message.push("; to deny it to all callers, write a `Deny` rule for `Everyone` there");
    panic!("{}", message.as_str())
}

/// Stops the build when a statement names a group that no rule names.
///
/// # Panics
///
/// As [`check_permission`] does.
#[track_caller]
pub const fn check_group(acl: &Acl, acl_name: &str, group: Name<'_>) {
    if !acl.is_malformed() && !names_principal(acl, Principal::Group(group)) {
        unknown_principal(acl, acl_name, "group", group, false);
    }
}

/// Stops the build when a statement names a user or a service that no rule names.
///
/// # Panics
///
/// As [`check_permission`] does.
#[track_caller]
pub const fn check_user(acl: &Acl, acl_name: &str, user: &str) {
    if !acl.is_malformed() && !names_principal(acl, Principal::User(user)) {
        match service_name(user) {
            Some(name) => unknown_principal(acl, acl_name, "service", Name::Text(name), true),
            None => unknown_principal(acl, acl_name, "user", Name::Text(user), false),
        }
    }
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
pub(crate) const fn names_principal(acl: &Acl, principal: Principal<'_>) -> bool {
    let rules = acl.rules();
    let mut at = 0;
    while at < rules.len() {
        if same_principal(rules[at].principal(), principal) {
            return true;
        }
        at += 1;
    }
    false
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
#[expect(clippy::panic, reason = "a panic in a constant is a compile error; this is its message")]
#[track_caller]
const fn unknown_principal(acl: &Acl, acl_name: &str, noun: &str, wanted: Name<'_>, is_service: bool) -> ! {
    let message =
        Message::new().push("no rule of `").push(acl_name).push("` names the ").push(noun).push(" ");
    let message = message.push_name(wanted);
    let rules = acl.rules();
    let mut at = 0;
    while at < rules.len() && at < SEARCHED {
        let known = match rules[at].principal() {
            Principal::User(id) if is_service => service_name(id),
            Principal::User(known) | Principal::Group(Name::Text(known)) => Some(known),
            Principal::Everyone | Principal::Authenticated | Principal::Group(Name::Number(_)) => None,
        };
        if let (Some(known), Name::Text(wanted)) = (known, wanted)
            && near(wanted, known).is_some()
        {
            panic!("{}", message.push("; did you mean `").push(known).push("`?").as_str())
        }
        at += 1;
    }
    panic!("{}", message.push("; add a rule for it, or remove this statement").as_str())
}

/// Whether a rule names `permission`, or, if `ALL` counts, applies to `ALL`.
pub(crate) const fn knows(acl: &Acl, permission: Name<'_>, all_counts: bool) -> bool {
    let table = acl.table();
    table.is_used(Some(permission)) || (all_counts && table.is_used(None))
}

#[expect(clippy::panic, reason = "a panic in a constant is a compile error; this is its message")]
#[track_caller]
const fn complain(acl: &Acl, acl_name: &str, permission: Name<'_>) -> ! {
    let known = Known::of(acl);
    let message = Message::new().push("no rule of `").push(acl_name).push("` mentions the permission ");
    let message = message.push_name(permission);
    let message = match nearest(acl, permission) {
        Some(name) => message.push("; did you mean ").push_name(name).push("?"),
        None if known.has_number(permission) => {
            message.push(" as text, and one mentions the number; remove the quotation marks")
        }
        None if acl.rules().is_empty() => message.push("; it has no rules, so add one"),
        None if known.length == 0 => {
            message.push("; its rules say `ALL` and name none, so add ").push_name(permission).push(" to one")
        }
        None => known.list(message.push("; add it to a rule, or write a permission that is there: ")),
    };
    panic!("{}", message.as_str())
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
const fn nearest<'a>(acl: &'a Acl, permission: Name<'_>) -> Option<Name<'a>> {
    let Name::Text(wanted) = permission else { return None };
    let rules = acl.rules();
    let mut best: Option<(usize, Name<'a>)> = None;
    let mut at = 0;
    while at < rules.len() && at < SEARCHED {
        if let Permissions::Names(names) = rules[at].permissions() {
            let mut n = 0;
            while n < names.len() {
                if let Name::Text(name) = names[n]
                    && let Some(distance) = near(wanted, name)
                    && match best {
                        None => true,
                        Some((least, _)) => distance < least,
                    }
                {
                    best = Some((distance, names[n]));
                }
                n += 1;
            }
        }
        at += 1;
    }
    match best {
        Some((_, name)) => Some(name),
        None => None,
    }
}

/// The first few names that a list knows.
struct Known<'a> {
    names: [Name<'a>; LISTED],
    length: usize,
    more: bool,
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place is compared with its length first; constants have no iterators"
)]
impl<'a> Known<'a> {
    const fn of(acl: &'a Acl) -> Self {
        let mut known = Self { names: [Name::Number(0); LISTED], length: 0, more: false };
        let rules = acl.rules();
        let mut at = 0;
        while at < rules.len() && !known.more {
            if let Permissions::Names(names) = rules[at].permissions() {
                let mut n = 0;
                while n < names.len() {
                    known = known.and(names[n]);
                    n += 1;
                }
            }
            at += 1;
        }
        known
    }

    /// Returns whether one of the names is the number that is written in `text`.
    const fn has_number(&self, text: Name<'_>) -> bool {
        let mut at = 0;
        while at < self.length {
            if let Name::Number(number) = self.names[at]
                && text.is(Name::Text(Message::new().push_number(number).as_str()))
            {
                return true;
            }
            at += 1;
        }
        false
    }

    const fn and(mut self, name: Name<'a>) -> Self {
        let mut at = 0;
        while at < self.length {
            if self.names[at].is(name) {
                return self;
            }
            at += 1;
        }
        if self.length == LISTED {
            self.more = true;
            return self;
        }
        self.names[self.length] = name;
        self.length += 1;
        self
    }

    const fn list(&self, mut message: Message) -> Message {
        let mut at = 0;
        while at < self.length {
            if at > 0 {
                message = message.push(if at + 1 == self.length && !self.more { " and " } else { ", " });
            }
            message = message.push_name(self.names[at]);
            at += 1;
        }
        if self.more { message.push(" and more") } else { message }
    }
}
