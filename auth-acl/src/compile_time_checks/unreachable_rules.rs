//! Checks for unreachable rules, [`check_rule`], and for redundant ones, [`check_redundant`].

use crate::{
    Action, Name, Permissions, Principal, Rule,
    compose::Composition,
    const_message::{Message, complain},
    first_match_table::{First, Table},
};

/// Stops the build when a rule is unreachable because earlier ones decide the opposite for all requests that
/// it matches, and when it names a permission twice.
///
/// Members of a group count as authenticated, unless the group is one of `anonymous_groups`.
///
/// # Panics
///
/// Panics with a message for the person who wrote the rule; called in constants only.
#[track_caller]
#[expect(clippy::indexing_slicing, reason = "`at` is a place of this list; constants have no iterators")]
pub const fn check_rule(
    rules: &[Rule<'_>],
    firsts: &[First],
    anonymous_groups: &[Name<'_>],
    at: usize,
    composition: Option<&Composition>,
) {
    let table = Table::new(rules, firsts, composition.is_some()).with_anonymous_groups(anonymous_groups);
    let rule = &rules[at];
    if let Permissions::Names(names) = rule.permissions()
        && let Some(name) = twice(names)
    {
        complain(
            &Message::new()
                .push("the permission ")
                .push_name(name)
                .push(" stands twice in this rule; write it once"),
        );
    }
    if let Some((earlier, name)) = opposite_of_dead(&table, rule, at) {
        complain(&too_late(&table, at, earlier, name, composition));
    }
}

/// Stops the build when a rule is redundant: earlier ones decide the same for all requests that it matches.
///
/// # Panics
///
/// Panics with a message for the person who wrote the rule; called in constants only.
#[track_caller]
#[expect(clippy::indexing_slicing, reason = "`at` is a place of this list; constants have no iterators")]
pub const fn check_redundant(
    rules: &[Rule<'_>],
    firsts: &[First],
    anonymous_groups: &[Name<'_>],
    at: usize,
    composition: Option<&Composition>,
) {
    let table = Table::new(rules, firsts, composition.is_some()).with_anonymous_groups(anonymous_groups);
    let rule = &rules[at];
    if let Some((earlier, name)) = decided_before(&table, rule, at)
        && opposite_of_dead(&table, rule, at).is_none()
    {
        let message = table.push_rule(Message::new(), at).push(" is redundant");
        let message = push_reason(message, &table, earlier, name, composition);
        complain(&push_other_deciders(message, &table, at, earlier).push("; remove it"));
    }
}

/// Says which earlier rule decides, why, and what to do about it.
#[expect(clippy::indexing_slicing, reason = "places of this list; constants have no iterators")]
const fn too_late(
    table: &Table<'_>,
    at: usize,
    earlier: usize,
    name: Option<Name<'_>>,
    composition: Option<&Composition>,
) -> Message {
    let (rule, decider) = (&table.rules[at], &table.rules[earlier]);
    // Members of a group are authenticated users, unless the ACL says that anonymous requests can be in it.
    let depends_on_users = is_group_below_authenticated(rule, decider);
    let message = table.push_rule(Message::new(), at).push(match (depends_on_users, rule.action()) {
        (false, _) => " can never apply",
        (true, Action::Allow) => " can never allow an authenticated user",
        (true, Action::Deny) => " can never deny an authenticated user",
    });
    let message = push_reason(message, table, earlier, name, composition);
    let message = table.push_rule(message.push("; move it above "), earlier).push(", or remove it");
    if depends_on_users {
        return message.push(" [a-group-behind-all-users]").push("\n").push(
            "if anonymous requests can be in this group, write `anonymous_groups = […]` with it before the rules",
        );
    }
    message.push(" [a-rule-that-never-applies]")
}

/// Writes which earlier rule decides, and why.
#[expect(clippy::indexing_slicing, reason = "a place of this list; constants have no iterators")]
const fn push_reason(
    message: Message,
    table: &Table<'_>,
    earlier: usize,
    name: Option<Name<'_>>,
    composition: Option<&Composition>,
) -> Message {
    let decider = &table.rules[earlier];
    let message = table.push_rule(message.push(", because "), earlier).push(match decider.action() {
        Action::Allow => " already allows ",
        Action::Deny => " already denies ",
    });
    let message = match name {
        Some(name) => message.push_name(name),
        None => message.push("everything"),
    };
    let message = match (composition, name) {
        (Some(composition), Some(name)) => composition.push_implication(message, decider, name),
        _ => message,
    };
    let message = push_whom(message.push(" to "), decider.principal());
    let message =
        if decider.is_conditional() { decider.push_conditions(message.push(" if ")) } else { message };
    match composition {
        Some(composition) => composition.push_inclusion(message, table.rules, earlier),
        None => message,
    }
}

const fn is_group_below_authenticated(rule: &Rule<'_>, earlier: &Rule<'_>) -> bool {
    matches!((rule.principal(), earlier.principal()), (Principal::Group(_), Principal::Authenticated))
}

/// Returns an earlier rule of the opposite action, if earlier rules decide everything that this one matches.
/// (A rule that earlier rules of the same action make unreachable is merely redundant.)
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place is compared with its length first; constants have no iterators"
)]
#[expect(clippy::cast_possible_truncation, reason = "a list of 2^32 rules does not fit into a program")]
const fn opposite_of_dead<'a>(
    table: &Table<'_>,
    rule: &Rule<'a>,
    at: usize,
) -> Option<(usize, Option<Name<'a>>)> {
    let Permissions::Names(names) = rule.permissions() else {
        let earlier = table.decides_all(at as u32, None);
        let dead = (earlier as usize) < at && is_opposite(table, earlier, rule.action());
        return if dead { Some((earlier as usize, None)) } else { None };
    };
    let mut opposite = None;
    let mut n = 0;
    while n < names.len() {
        let earlier = table.decides_all(at as u32, Some(names[n]));
        if earlier as usize >= at {
            return None;
        }
        let reports = match opposite {
            None => true,
            // The note is added if the conflict depends on the members being users.
            Some(_) => is_group_below_authenticated(rule, &table.rules[earlier as usize]),
        };
        if reports && is_opposite(table, earlier, rule.action()) {
            opposite = Some((earlier as usize, Some(names[n])));
        }
        n += 1;
    }
    opposite
}

/// Whether a rule can decide, after those before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// It decides for some requests.
    Decides,
    /// Earlier rules decide all of its requests, and one of them the opposite way.
    Overruled,
    /// Earlier rules decide all of its requests in the same way.
    Redundant,
}

/// Determines whether a rule can decide.
pub(crate) fn fate(table: &Table<'_>, at: usize) -> Fate {
    let Some(rule) = table.rules.get(at) else { return Fate::Decides };
    match (decided_before(table, rule, at), opposite_of_dead(table, rule, at)) {
        (None, _) => Fate::Decides,
        (Some(_), None) => Fate::Redundant,
        (Some(_), Some(_)) => Fate::Overruled,
    }
}

/// Returns the earlier rule that decides the first permission of this one, if earlier rules decide everything that
/// this one matches.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place is compared with its length first; constants have no iterators"
)]
#[expect(clippy::cast_possible_truncation, reason = "a list of 2^32 rules does not fit into a program")]
const fn decided_before<'a>(
    table: &Table<'_>,
    rule: &Rule<'a>,
    at: usize,
) -> Option<(usize, Option<Name<'a>>)> {
    let names = match rule.permissions() {
        Permissions::Names(names) => names,
        Permissions::All => {
            let earlier = table.decides_all(at as u32, None) as usize;
            return if earlier < at { Some((earlier, None)) } else { None };
        }
        Permissions::Set(_) => return None,
    };
    let mut first = None;
    let mut n = names.len();
    while n > 0 {
        n -= 1;
        let earlier = table.decides_all(at as u32, Some(names[n])) as usize;
        if earlier >= at {
            return None;
        }
        first = Some((earlier, Some(names[n])));
    }
    first
}

/// Writes which other rules than `earlier` decide permissions of a rule.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place is compared with its length first; constants have no iterators"
)]
#[expect(clippy::cast_possible_truncation, reason = "a list of 2^32 rules does not fit into a program")]
const fn push_other_deciders(mut message: Message, table: &Table<'_>, at: usize, earlier: usize) -> Message {
    let Permissions::Names(names) = table.rules[at].permissions() else { return message };
    let mut n = 0;
    while n < names.len() {
        let decider = table.decides_all(at as u32, Some(names[n])) as usize;
        if decider != earlier {
            message =
                table.push_rule(message.push(", and "), decider).push(" does so for ").push_name(names[n]);
        }
        n += 1;
    }
    message
}

const fn is_opposite(table: &Table<'_>, rule: u32, action: Action) -> bool {
    matches!((table.action(rule), action), (Action::Allow, Action::Deny) | (Action::Deny, Action::Allow))
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place is compared with its length first; constants have no iterators"
)]
const fn twice<'a>(names: &[Name<'a>]) -> Option<Name<'a>> {
    let mut a = 1;
    while a < names.len() {
        let mut b = 0;
        while b < a {
            if names[a].is(names[b]) {
                return Some(names[a]);
            }
            b += 1;
        }
        a += 1;
    }
    None
}

const fn push_whom(message: Message, principal: Principal<'_>) -> Message {
    match principal {
        Principal::Everyone => message.push("everyone"),
        Principal::Authenticated => message.push("every authenticated user"),
        Principal::User(id) => message.push_user(id),
        Principal::Group(name) => message.push("the group ").push_name(name),
    }
}
