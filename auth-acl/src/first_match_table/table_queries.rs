//! Answers questions about a list by its table: [`Table`].

use super::entry_layout::{
    FIRST_CONDITIONAL, First, NONE, RULE, WIDTH, home, is_of, least, principal_fingerprint, same_principal,
};
use crate::{
    Action, Condition, Name, Permissions, Principal, Rule, const_hash::hash_name, const_message::Message,
};

/// A list's rules with their table.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a> {
    pub(crate) rules: &'a [Rule<'a>],
    pub(crate) firsts: &'a [First],
    /// Whether messages name rules by their source lines: the index of a rule in a combined list means
    /// nothing to the reader.
    by_line: bool,
    /// Whether any rule applies to `ALL`.
    has_all: bool,
    /// The first rule with a condition, or [`NONE`].
    first_conditional: u32,
    /// The groups that anonymous requests can be in; members of all other groups are authenticated.
    anonymous_groups: &'a [Name<'a>],
}

impl<'a> Table<'a> {
    #[expect(clippy::indexing_slicing, reason = "compared with the length first")]
    pub(crate) const fn new(rules: &'a [Rule<'a>], firsts: &'a [First], by_line: bool) -> Self {
        let first_conditional =
            if firsts.len() > FIRST_CONDITIONAL { firsts[FIRST_CONDITIONAL] } else { NONE };
        let mut table =
            Self { rules, firsts, by_line, has_all: false, first_conditional, anonymous_groups: &[] };
        table.has_all = table.is_used(None);
        table
    }

    /// Sets which groups anonymous requests can be in.
    pub(crate) const fn with_anonymous_groups(mut self, groups: &'a [Name<'a>]) -> Self {
        self.anonymous_groups = groups;
        self
    }

    /// Returns the first rule without a condition that names this principal and this permission, by name or by `ALL`;
    /// `None` asks for `ALL` alone.
    pub(crate) const fn first(&self, principal: Principal<'_>, permission: Option<Name<'_>>) -> u32 {
        let seed = principal_fingerprint(principal);
        let by_all = if self.has_all { self.find(seed, principal, None) } else { NONE };
        match permission {
            None => by_all,
            Some(name) => least(by_all, self.find(hash_name(name, seed), principal, permission)),
        }
    }

    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "the mask keeps `place` below the length, a power of two"
    )]
    const fn find(&self, fingerprint: u64, principal: Principal<'_>, permission: Option<Name<'_>>) -> u32 {
        if self.firsts.is_empty() {
            return NONE;
        }
        let mut place = home(self.firsts, fingerprint);
        while self.firsts[place + RULE] != NONE {
            if is_of(self.firsts, place, self.rules, fingerprint, principal, permission) {
                return self.firsts[place + RULE];
            }
            place = (place + WIDTH) & (self.firsts.len() - 1);
        }
        NONE
    }

    /// Returns the first rule that decides about `permission` for all requests for which the rule at this index fires.
    ///
    /// An authenticated user may be in no group, so only these principals cover another: itself, `Everyone`,
    /// and `Authenticated` for one user and for a group that no anonymous request is in. A rule with a condition covers
    /// only rules that fire under the same condition.
    #[expect(clippy::indexing_slicing, reason = "a rule of this very list")]
    pub(crate) const fn decides_all(&self, rule: u32, permission: Option<Name<'_>>) -> u32 {
        let principal = self.principal(rule);
        let mut earliest = self.first(principal, permission);
        if !matches!(principal, Principal::Everyone) {
            earliest = least(earliest, self.first(Principal::Everyone, permission));
            if self.is_authenticated(principal) {
                earliest = least(earliest, self.first(Principal::Authenticated, permission));
            }
        }
        if !self.rules[rule as usize].is_conditional() {
            return earliest;
        }
        let mut uses = self.uses(permission);
        let mut at = uses.next(self);
        while at < earliest && at < rule {
            if self.rules[at as usize].fires_whenever(&self.rules[rule as usize])
                && self.covers(self.principal(at), principal)
            {
                return at;
            }
            at = uses.next(self);
        }
        least(earliest, rule)
    }

    /// Returns whether every request that `principal` matches is matched by `other`, too.
    pub(crate) const fn covers(&self, other: Principal<'_>, principal: Principal<'_>) -> bool {
        match other {
            Principal::Everyone => true,
            Principal::Authenticated => self.is_authenticated(principal),
            Principal::User(_) | Principal::Group(_) => same_principal(other, principal),
        }
    }

    /// Returns whether a rule of the list has a condition.
    pub(crate) const fn has_conditions(&self) -> bool {
        self.first_conditional != NONE
    }

    pub(crate) const fn is_conditional(&self, rule: u32) -> bool {
        !self.conditions(rule).is_empty()
    }

    #[expect(clippy::indexing_slicing, reason = "a rule of this very list")]
    pub(crate) const fn conditions(&self, rule: u32) -> &'a [Condition] {
        self.rules[rule as usize].conditions()
    }

    /// Returns whether every request that `principal` covers is authenticated.
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "`at` stays below the length; constants have no iterators"
    )]
    const fn is_authenticated(&self, principal: Principal<'_>) -> bool {
        match principal {
            Principal::Everyone => false,
            Principal::Authenticated | Principal::User(_) => true,
            Principal::Group(group) => {
                let mut at = 0;
                while at < self.anonymous_groups.len() {
                    if self.anonymous_groups[at].is(group) {
                        return false;
                    }
                    at += 1;
                }
                true
            }
        }
    }

    /// Returns whether a rule that names this principal allows `permission`, and comes before the given rule.
    pub(crate) const fn allows_before(
        &self,
        principal: Principal<'_>,
        permission: Option<Name<'_>>,
        rule: u32,
    ) -> bool {
        let first = self.first(principal, permission);
        first < rule && matches!(self.action(first), Action::Allow)
    }

    #[expect(clippy::indexing_slicing, reason = "a rule of this very list")]
    pub(crate) const fn is_for_all(&self, rule: u32) -> bool {
        matches!(self.rules[rule as usize].permissions(), Permissions::All)
    }

    /// Returns whether the author has written this permission into the rule: not `ALL`, and not one that is
    /// implied by another, as it may be in a combined list.
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a rule of this very list, and `at` stays below the length; constants have no iterators"
    )]
    pub(crate) const fn lists(&self, rule: u32, permission: Name<'_>) -> bool {
        let Permissions::Names(names) = self.rules[rule as usize].permissions() else { return false };
        let mut at = 0;
        while at < names.len() && !names[at].is(permission) {
            at += 1;
        }
        !self.by_line && at < names.len()
    }

    /// Writes which rule it is.
    #[expect(clippy::indexing_slicing, reason = "a rule of this very list")]
    pub(crate) const fn push_rule(&self, message: Message, rule: usize) -> Message {
        match self.rules[rule].line() {
            Some(line) if self.by_line => message.push("the rule on line ").push_number(line as i64),
            _ => message.push("rule ").push_count(rule),
        }
    }

    #[expect(clippy::indexing_slicing, reason = "a rule of this very list")]
    pub(crate) const fn principal(&self, rule: u32) -> Principal<'a> {
        self.rules[rule as usize].principal()
    }

    #[expect(clippy::indexing_slicing, reason = "a rule of this very list")]
    pub(crate) const fn action(&self, rule: u32) -> Action {
        self.rules[rule as usize].action()
    }
}
