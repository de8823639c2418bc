//! Represents classes of requests that rules can distinguish: [`CallerClass`].

use crate::{
    Action, Name, Principal,
    const_message::Message,
    first_match_table::{NONE, Table, least},
};

/// A class of requests: anonymous, of any user or of one user, in up to two groups and no others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallerClass<'a> {
    user: CallerKind<'a>,
    groups: [Option<Name<'a>>; 2],
}

#[derive(Clone, Copy, Debug)]
enum CallerKind<'a> {
    Anonymous,
    /// A user that no rule names
    Other,
    Named(&'a str),
}

impl<'a> CallerClass<'a> {
    /// Anonymous requests, in no group
    pub(crate) const ANONYMOUS: Self = Self { user: CallerKind::Anonymous, groups: [None, None] };

    /// The part of the class that rules about `principal` apply to; `None` if it is empty.
    pub(crate) const fn and(mut self, principal: Principal<'a>) -> Option<Self> {
        match (principal, self.user) {
            (Principal::Everyone, _)
            | (Principal::Authenticated, CallerKind::Other | CallerKind::Named(_)) => {}
            (Principal::Authenticated, CallerKind::Anonymous) => self.user = CallerKind::Other,
            (Principal::User(id), CallerKind::Anonymous | CallerKind::Other) => {
                self.user = CallerKind::Named(id);
            }
            (Principal::User(id), CallerKind::Named(own)) => {
                if !Name::Text(own).is(Name::Text(id)) {
                    return None;
                }
            }
            (Principal::Group(name), _) => match self.groups {
                [Some(own), _] if own.is(name) => {}
                [None, _] => self.groups[0] = Some(name),
                _ => self.groups[1] = Some(name),
            },
        }
        Some(self)
    }

    /// Returns whether rules about `principal` apply to these requests.
    pub(crate) const fn is_of(&self, principal: Principal<'_>) -> bool {
        match (principal, self.user) {
            (Principal::Everyone, _)
            | (Principal::Authenticated, CallerKind::Other | CallerKind::Named(_)) => true,
            (Principal::User(id), CallerKind::Named(own)) => Name::Text(own).is(Name::Text(id)),
            (Principal::Group(name), _) => match self.groups {
                [Some(a), Some(b)] => a.is(name) || b.is(name),
                [Some(a), None] => a.is(name),
                [None, _] => false,
            },
            (Principal::Authenticated | Principal::User(_), _) => false,
        }
    }

    /// Returns the rule that decides about `permission` for these requests, or [`NONE`]; `None` asks for a permission that
    /// no rule names.
    pub(crate) const fn decider(&self, table: &Table<'_>, permission: Option<Name<'_>>) -> u32 {
        let mut first = table.first(Principal::Everyone, permission);
        if !matches!(self.user, CallerKind::Anonymous) {
            first = least(first, table.first(Principal::Authenticated, permission));
        }
        if let CallerKind::Named(id) = self.user {
            first = least(first, table.first(Principal::User(id), permission));
        }
        if let [Some(group), _] = self.groups {
            first = least(first, table.first(Principal::Group(group), permission));
        }
        if let [_, Some(group)] = self.groups {
            first = least(first, table.first(Principal::Group(group), permission));
        }
        first
    }

    /// Returns whether these requests are granted `permission`.
    pub(crate) const fn may(&self, table: &Table<'_>, permission: Option<Name<'_>>) -> bool {
        let decider = self.decider(table, permission);
        decider != NONE && matches!(table.action(decider), Action::Allow)
    }

    /// Returns the rule that refuses `permission` to the class, or [`NONE`]: a request of the class that is
    /// granted it is granted it by an earlier rule.
    pub(crate) const fn refusal(&self, table: &Table<'_>, permission: Option<Name<'_>>) -> u32 {
        let decider = self.decider(table, permission);
        if decider != NONE && matches!(table.action(decider), Action::Deny) { decider } else { NONE }
    }

    /// Writes a description of the class.
    pub(crate) const fn describe(&self, message: Message) -> Message {
        match (self.user, self.groups) {
            (CallerKind::Anonymous, [None, _]) => message.push("an anonymous request"),
            (CallerKind::Other, [None, _]) => message.push("a signed-in user in no group"),
            (CallerKind::Named(id), [None, _]) => message.push_user(id),
            (CallerKind::Anonymous, groups) => in_groups(message.push("a member of "), groups),
            (CallerKind::Other, groups) => in_groups(message.push("a signed-in member of "), groups),
            (CallerKind::Named(id), groups) => {
                in_groups(message.push_user(id).push(", if a member of "), groups).push(",")
            }
        }
    }
}

const fn in_groups(message: Message, groups: [Option<Name<'_>>; 2]) -> Message {
    match groups {
        [Some(a), Some(b)] => message.push_name(a).push(" and ").push_name(b),
        [Some(a), None] => message.push_name(a),
        [None, _] => message,
    }
}
