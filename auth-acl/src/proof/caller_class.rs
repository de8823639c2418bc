//! Represents classes of requests that rules can distinguish: [`CallerClass`].

use crate::{
    Action, Condition, Name, Principal,
    condition::{is_among, push_conditions},
    const_message::Message,
    first_match_table::{NONE, Table, least},
};

/// A class of requests: anonymous, of any user or of one user, in up to two groups and no others, for which the
/// conditions of up to two rules do not fail and all others do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallerClass<'a> {
    user: CallerKind<'a>,
    groups: [Option<Name<'a>>; 2],
    conditions: [&'a [Condition]; 2],
    /// Whether these conditions hold, or cannot be answered
    holds: [bool; 2],
    /// Instead, conditions hold for each rule that allows, and fail for each that denies.
    at_best: bool,
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
    pub(crate) const ANONYMOUS: Self = Self {
        user: CallerKind::Anonymous,
        groups: [None, None],
        conditions: [&[], &[]],
        holds: [false, false],
        at_best: false,
    };

    /// Returns the class with the answers to conditions that allow the most.
    pub(crate) const fn at_best(mut self) -> Self {
        self.at_best = true;
        self
    }

    /// The part of the class for which a rule fires; `None` if it is empty.
    pub(crate) const fn and_rule(self, table: &Table<'a>, rule: u32) -> Option<Self> {
        let Some(mut class) = self.and(table.principal(rule)) else { return None };
        let conditions = table.conditions(rule);
        if !conditions.is_empty() {
            let holds = matches!(table.action(rule), Action::Allow);
            (class.conditions, class.holds) = match class.conditions {
                [[], _] => ([conditions, &[]], [holds, false]),
                [first, _] => ([first, conditions], [class.holds[0], holds]),
            };
        }
        Some(class)
    }

    pub(crate) const fn has_conditions(&self) -> bool {
        !self.conditions[0].is_empty()
    }

    /// Returns whether a rule with conditions fires for these requests, if its principal matches them.
    const fn fires(&self, table: &Table<'_>, rule: u32) -> bool {
        let allows = matches!(table.action(rule), Action::Allow);
        if self.at_best {
            return allows;
        }
        let mut rest = table.conditions(rule);
        while let [condition, others @ ..] = rest {
            let first = is_among(condition, self.conditions[0]) && (self.holds[0] || !allows);
            let second = is_among(condition, self.conditions[1]) && (self.holds[1] || !allows);
            if !first && !second {
                return false;
            }
            rest = others;
        }
        true
    }

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
        let may_depend = self.has_conditions() || (self.at_best && table.has_conditions());
        if !may_depend {
            return first;
        }
        let mut uses = table.uses(permission);
        let mut at = uses.next(table);
        while at < first {
            if table.is_conditional(at) && self.is_of(table.principal(at)) && self.fires(table, at) {
                return at;
            }
            at = uses.next(table);
        }
        first
    }

    /// Returns the rule with conditions on which the answer to these requests depends: that decides, or that would
    /// decide the opposite; [`NONE`] if there is none.
    pub(crate) const fn dependence(&self, table: &Table<'_>, permission: Option<Name<'_>>) -> u32 {
        let decider = self.decider(table, permission);
        if !table.has_conditions() || (decider != NONE && table.is_conditional(decider)) {
            return if table.has_conditions() { decider } else { NONE };
        }
        let may = self.may(table, permission);
        let mut uses = table.uses(permission);
        let mut at = uses.next(table);
        while at < decider {
            if table.is_conditional(at)
                && self.is_of(table.principal(at))
                && may != matches!(table.action(at), Action::Allow)
            {
                return at;
            }
            at = uses.next(table);
        }
        NONE
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

    /// Writes a description of the class, with its conditions.
    pub(crate) const fn describe_with_conditions(&self, message: Message) -> Message {
        let message = self.describe(message);
        if !self.has_conditions() {
            return message;
        }
        let message = answered(message.push(", if "), self.conditions[0], self.holds[0]);
        let message = match self.conditions[1] {
            [] => message,
            others => answered(message.push(" and "), others, self.holds[1]),
        };
        message.push(",")
    }

    /// Writes a description of the class, without its conditions.
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

const fn answered(message: Message, conditions: &[Condition], holds: bool) -> Message {
    let message = push_conditions(message, conditions);
    if holds { message } else { message.push(" or cannot be answered") }
}

const fn in_groups(message: Message, groups: [Option<Name<'_>>; 2]) -> Message {
    match groups {
        [Some(a), Some(b)] => message.push_name(a).push(" and ").push_name(b),
        [Some(a), None] => message.push_name(a),
        [None, _] => message,
    }
}
