//! Evaluates the assertions of `acl_assert!` at compile time, and writes the compile errors of those that do
//! not hold.

use super::{
    caller_class::CallerClass,
    find_counterexample::{outside, with_answer, with_both},
    widening::wider,
};
use crate::{
    Acl, Action, Name, Principal,
    compile_time_checks::{knows, names_principal},
    condition::push_conditions,
    const_message::{Message, complain},
    first_match_table::{NONE, Table},
    overlay::check_unwidened,
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

/// Stops the build unless all of `subject` may do `permission`; `opposite` is the statement that none may.
///
/// # Panics
///
/// Panics with a counterexample; called in constants only.
#[track_caller]
pub const fn assert_can(
    acl: &Acl,
    acl_name: &str,
    subject: Subject<'_>,
    permission: Name<'_>,
    typed: bool,
    opposite: &str,
) {
    if !is_known(acl, subject, permission, typed) {
        return;
    }
    let table = acl.table();
    if let Some(class) = with_answer(&table, subject, permission, Action::Deny) {
        let holds = with_answer(&table, subject, permission, Action::Allow).is_none();
        complain_of(&class, &table, acl_name, permission, if holds { Some(opposite) } else { None });
    }
}

/// Stops the build if any of `subject` may do `permission`; `opposite` is the statement that all may.
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
    opposite: &str,
) {
    check_unwidened(acl, acl_name);
    if !is_known(acl, subject, permission, typed) {
        return;
    }
    let table = acl.table();
    if let Some(class) = with_answer(&table, subject, permission, Action::Allow) {
        let holds = with_answer(&table, subject, permission, Action::Deny).is_none();
        complain_of(&class, &table, acl_name, permission, if holds { Some(opposite) } else { None });
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
    check_unwidened(acl, acl_name);
    if !is_known(acl, Subject::Of(subject), permission, typed) {
        return;
    }
    let table = acl.table();
    if let Some(class) = outside(&table, subject, permission) {
        complain_of(&class, &table, acl_name, permission, None);
    }
}

/// Stops the build if any request may do both.
///
/// # Panics
///
/// Panics with a counterexample; called in constants only.
#[track_caller]
pub const fn assert_not_both(acl: &Acl, acl_name: &str, p: (Name<'_>, bool), q: (Name<'_>, bool)) {
    check_unwidened(acl, acl_name);
    let anonymous = Subject::Anonymous;
    if !is_known(acl, anonymous, p.0, p.1) || !is_known(acl, anonymous, q.0, q.1) {
        return;
    }
    let table = acl.table();
    if let Some(class) = with_both(&table, p.0, q.0) {
        let (p_rule, q_rule) = (class.decider(&table, Some(p.0)), class.decider(&table, Some(q.0)));
        let is_certain = class.dependence(&table, Some(p.0)) == NONE
            && class.dependence(&table, Some(q.0)) == NONE
            && !class.has_conditions();
        let start = if is_certain { start(acl_name) } else { unproved().push(acl_name).push("`: ") };
        let message = class.describe_with_conditions(start).push(" may ").push_name(p.0).push(", by ");
        let message = table.push_rule(message, p_rule as usize).push(", and ").push_name(q.0).push(", by ");
        let message = table.push_rule(message, q_rule as usize).push("; ");
        let message = narrow(message, &table, p_rule, Some(p.0)).push(", or ");
        complain(&narrow(message, &table, q_rule, Some(q.0)));
    }
}

/// Stops the build if `new` allows anything that `old` refuses.
///
/// # Panics
///
/// Panics with a counterexample; called in constants only.
#[track_caller]
pub const fn assert_no_wider(new: &Acl, new_name: &str, old: &Acl, old_name: &str) {
    check_unwidened(new, new_name);
    if new.is_malformed() || old.is_malformed() {
        return;
    }
    let (new_table, old_table) = (new.table(), old.table());
    if let Some((class, permission)) = wider(&new_table, &old_table) {
        let is_certain = class.dependence(&new_table, permission) == NONE
            && class.dependence(&old_table, permission) == NONE
            && !class.has_conditions();
        let start = if is_certain { start(new_name) } else { unproved().push(new_name).push("`: ") };
        let message = reason(start, &class, &new_table, permission).push(", and in `");
        let message =
            by(message.push(old_name).push("` "), class.decider(&old_table, permission), &old_table);
        let decider = class.decider(&new_table, permission);
        let message = narrow(message.push("; "), &new_table, decider, permission);
        complain(&message.push(" of `").push(new_name).push("`"));
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

/// Reports a statement that `class` contradicts; `instead` is one that holds.
#[track_caller]
const fn complain_of(
    class: &CallerClass<'_>,
    table: &Table<'_>,
    acl_name: &str,
    permission: Name<'_>,
    instead: Option<&str>,
) -> ! {
    let decider = class.decider(table, Some(permission));
    let depends_on = class.dependence(table, Some(permission));
    let message = if depends_on == NONE {
        reason(start(acl_name), class, table, Some(permission)).push("; ")
    } else {
        dependent(acl_name, class, table, permission, depends_on)
    };
    let message = if depends_on != NONE && depends_on != decider {
        table.push_rule(message.push("remove the condition from "), depends_on as usize)
    } else if decider == NONE {
        message.push("write an `Allow` rule for it")
    } else {
        narrow(message, table, decider, Some(permission))
    };
    complain(&match instead {
        Some(statement) => message.push(", or write `").push(statement).push("`"),
        None => message.push(", or remove this statement"),
    })
}

/// `remove `edit` from rule 2`
const fn narrow(message: Message, table: &Table<'_>, rule: u32, permission: Option<Name<'_>>) -> Message {
    let message = match permission {
        Some(name) if table.lists(rule, name) => message.push("remove ").push_name(name).push(" from "),
        _ if table.is_for_all(rule) => message.push("write permissions in place of `ALL` in "),
        _ => message.push("narrow "),
    };
    table.push_rule(message, rule as usize)
}

const fn start(acl_name: &str) -> Message {
    Message::new().push("in `").push(acl_name).push("` ")
}

const fn unproved() -> Message {
    Message::new().push("cannot prove this of `")
}

/// `cannot prove this of `ARTICLES`: rule 2 depends on a condition; it allows `edit` to …`
const fn dependent(
    acl_name: &str,
    class: &CallerClass<'_>,
    table: &Table<'_>,
    permission: Name<'_>,
    rule: u32,
) -> Message {
    let decides = class.decider(table, Some(permission)) == rule;
    let message = table.push_rule(unproved().push(acl_name).push("`: "), rule as usize);
    let message = message.push(match table.action(rule) {
        Action::Allow => " allows ",
        Action::Deny => " denies ",
    });
    let message = class.describe(message.push_name(permission).push(" to "));
    let message = message.push(if decides { " if " } else { " only if " });
    push_conditions(message, table.conditions(rule)).push("; ")
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
    let message = class.describe_with_conditions(message).push(if may { " may " } else { " may not " });
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
