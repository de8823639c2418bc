//! Statements, and the messages for those that do not hold.

use super::{
    caller_class::CallerClass,
    counterexample::{outside, with_answer, with_both},
    widening::wider,
};
use crate::{
    Acl, Action, Name, Principal,
    const_message::Message,
    first_match_table::{NONE, Table},
    guard_name_check::{knows, names_principal},
};

/// The subject of a statement.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// Anonymous requests, in no group
    Anonymous,
    /// All requests for which rules about this principal apply
    Of(Principal<'a>),
}

impl<'a> Subject<'a> {
    /// The part of them to which the fewest rules apply
    pub(crate) const fn least(self) -> Option<CallerClass<'a>> {
        match self {
            Self::Anonymous => Some(CallerClass::ANONYMOUS),
            Self::Of(principal) => CallerClass::ANONYMOUS.and(principal),
        }
    }
}

/// Stops the build unless all of `subject` may do `permission`.
///
/// # Panics
///
/// Panics with a counterexample; called in constants only.
#[track_caller]
pub const fn assert_can(acl: &Acl, acl_name: &str, subject: Subject<'_>, permission: Name<'_>, typed: bool) {
    if !is_known(acl, subject, permission, typed) {
        return;
    }
    if let Some(class) = with_answer(&acl.table(), subject, permission, Action::Deny) {
        complain_of(&class, acl, acl_name, permission);
    }
}

/// Stops the build if any of `subject` may do `permission`.
///
/// # Panics
///
/// Panics with a counterexample; called in constants only.
#[track_caller]
pub const fn assert_cannot(
    acl: &Acl,
    acl_name: &str,
    subject: Subject<'_>,
    permission: Name<'_>,
    typed: bool,
) {
    if !is_known(acl, subject, permission, typed) {
        return;
    }
    if let Some(class) = with_answer(&acl.table(), subject, permission, Action::Allow) {
        complain_of(&class, acl, acl_name, permission);
    }
}

/// Stops the build unless every request that may do `permission` is one of `subject`.
///
/// # Panics
///
/// Panics with a counterexample; called in constants only.
#[track_caller]
pub const fn assert_only(
    acl: &Acl,
    acl_name: &str,
    subject: Principal<'_>,
    permission: Name<'_>,
    typed: bool,
) {
    if !is_known(acl, Subject::Of(subject), permission, typed) {
        return;
    }
    if let Some(class) = outside(&acl.table(), subject, permission) {
        complain_of(&class, acl, acl_name, permission);
    }
}

/// Stops the build if any request may do both.
///
/// # Panics
///
/// Panics with a counterexample; called in constants only.
#[track_caller]
pub const fn assert_not_both(acl: &Acl, acl_name: &str, p: (Name<'_>, bool), q: (Name<'_>, bool)) {
    let anonymous = Subject::Anonymous;
    if !is_known(acl, anonymous, p.0, p.1) || !is_known(acl, anonymous, q.0, q.1) {
        return;
    }
    let table = acl.table();
    if let Some(class) = with_both(&table, p.0, q.0) {
        let message = class.describe(start(acl_name)).push(" may ").push_name(p.0).push(", by ");
        let message = table.push_rule(message, class.decider(&table, Some(p.0)) as usize);
        let message = message.push(", and ").push_name(q.0).push(", by ");
        let message = table.push_rule(message, class.decider(&table, Some(q.0)) as usize);
        complain(&message.push("; narrow one of the two, or deny one permission first"));
    }
}

/// Stops the build if `new` allows anything that `old` refuses.
///
/// # Panics
///
/// Panics with a counterexample; called in constants only.
#[track_caller]
pub const fn assert_no_wider(new: &Acl, new_name: &str, old: &Acl, old_name: &str) {
    if new.is_malformed() || old.is_malformed() {
        return;
    }
    let (new_table, old_table) = (new.table(), old.table());
    if let Some((class, permission)) = wider(&new_table, &old_table) {
        let message = reason(start(new_name), &class, &new_table, permission).push(", and in `");
        let message =
            by(message.push(old_name).push("` "), class.decider(&old_table, permission), &old_table);
        let message = message.push("; narrow the rule of `").push(new_name);
        complain(&message.push("`"));
    }
}

/// A statement about a name that the list does not know would hold vacuously. The unknown name is reported at
/// its own place, and the statement is not checked.
const fn is_known(acl: &Acl, subject: Subject<'_>, permission: Name<'_>, typed: bool) -> bool {
    if acl.is_malformed() || !knows(acl, permission, typed) {
        return false;
    }
    match subject {
        Subject::Of(principal @ (Principal::Group(_) | Principal::User(_))) => {
            names_principal(acl, principal)
        }
        Subject::Of(Principal::Everyone | Principal::Authenticated) | Subject::Anonymous => true,
    }
}

/// Reports a statement that `class` contradicts.
#[track_caller]
const fn complain_of(class: &CallerClass<'_>, acl: &Acl, acl_name: &str, permission: Name<'_>) -> ! {
    let table = acl.table();
    let message = reason(start(acl_name), class, &table, Some(permission));
    complain(&message.push(if class.decider(&table, Some(permission)) == NONE {
        "; write an `Allow` rule for it, or change this statement"
    } else {
        "; change that rule or this statement"
    }))
}

const fn start(acl_name: &str) -> Message {
    Message::new().push("in `").push(acl_name).push("` ")
}

/// `a signed-in user in no group may `edit`: rule 2 allows it`
const fn reason(
    message: Message,
    class: &CallerClass<'_>,
    table: &Table<'_>,
    permission: Option<Name<'_>>,
) -> Message {
    let decider = class.decider(table, permission);
    let may = class.may(table, permission);
    let message = class.describe(message).push(if may { " may " } else { " may not " });
    let message = match permission {
        Some(name) => message.push_name(name),
        None => message.push("do what no rule names"),
    };
    by(message.push(": "), decider, table)
}

const fn by(message: Message, decider: u32, table: &Table<'_>) -> Message {
    if decider == NONE {
        return message.push("no rule allows it");
    }
    table.push_rule(message, decider as usize).push(match table.action(decider) {
        Action::Allow => " allows it",
        Action::Deny => " denies it",
    })
}

#[track_caller]
#[expect(clippy::panic, reason = "a panic in a constant is a compile error; this is its message")]
const fn complain(message: &Message) -> ! {
    panic!("{}", message.as_str())
}
