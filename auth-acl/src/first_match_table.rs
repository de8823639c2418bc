//! Computes in constants, for each principal and permission of an ACL, the first rule that names both:
//! [`Table`].
//!
//! Of several rules that name the same principal and the same permission only the first can ever decide. So
//! every question about a list can be answered from this table, with a look-up instead of a scan.
//!
//! Rules with conditions are in the table, too, but are never found by a look-up, because a rule behind them may decide.
//! Iterating over the rules of a permission finds them.

use super::{
    Action, Condition, Name, Permissions, Principal, Rule,
    const_hash::{hash, hash_name},
    const_message::Message,
    first_matches_by_permission::append,
};

/// Stands for "no rule"; a list cannot be that long.
pub(crate) const NONE: u32 = u32::MAX;

/// An element of the table. The table is an array of plain numbers because the compiler checks each field of
/// each struct again wherever a list is used, and does not do so for an array of numbers.
pub type First = u32;

/// How many numbers make up an entry; the place of an entry is the index of the first.
pub(super) const WIDTH: usize = 8;

// The fields of an entry, as offsets from its place.

const FINGERPRINT: usize = 0;
/// The rule; [`NONE`] if the entry is vacant
pub(super) const RULE: usize = 1;
/// The name among the rule's permissions; [`NONE`] for `ALL` of them
pub(super) const NAME: usize = 2;
/// The next place about the same permission
pub(super) const NEXT: usize = 3;
/// The fields from here on are not part of the entry: they belong to a second table, of permissions, that
/// shares the array.
pub(super) const HEAD: usize = 4;
/// The index of the number that is the first rule with a condition, or [`NONE`]; no entry and no head uses it
const FIRST_CONDITIONAL: usize = 7;

/// Returns how many numbers the table of these rules needs: a power of two, with room for twice the entries.
#[must_use]
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
pub const fn places(rules: &[Rule<'_>]) -> usize {
    let mut entries = 1;
    let mut at = 0;
    while at < rules.len() {
        entries += match rules[at].permissions() {
            Permissions::Names(names) => names.len(),
            Permissions::All | Permissions::Set(_) => 1,
        };
        at += 1;
    }
    (entries * 2usize).next_power_of_two() * WIDTH
}

/// Builds the table.
#[must_use]
pub const fn firsts<const NUMBERS: usize>(rules: &[Rule<'_>]) -> [First; NUMBERS] {
    let mut table = [NONE; NUMBERS];
    fill(&mut table, rules);
    table
}

/// Builds the table for rules that are combined at run time.
#[must_use]
pub fn firsts_of(rules: &[Rule<'_>]) -> alloc::vec::Vec<First> {
    let mut table = alloc::vec![NONE; places(rules)];
    fill(&mut table, rules);
    table
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
#[expect(clippy::cast_possible_truncation, reason = "a list of 2^32 rules does not fit into a program")]
const fn fill(table: &mut [First], rules: &[Rule<'_>]) {
    let mut at = 0;
    while at < rules.len() {
        let seed = principal_fingerprint(rules[at].principal());
        if rules[at].is_conditional() && table[FIRST_CONDITIONAL] == NONE {
            table[FIRST_CONDITIONAL] = at as u32;
        }
        match rules[at].permissions() {
            Permissions::All => {
                insert(table, rules, seed, at as u32, NONE);
            }
            Permissions::Names(names) => {
                let mut n = 0;
                while n < names.len() {
                    let fingerprint = hash_name(names[n], seed);
                    insert(table, rules, fingerprint, at as u32, n as u32);
                    n += 1;
                }
            }
            Permissions::Set(_) => {}
        }
        at += 1;
    }
}

pub(super) const fn principal_fingerprint(principal: Principal<'_>) -> u64 {
    match principal {
        Principal::Everyone => 1,
        Principal::Authenticated => 2,
        Principal::User(id) => hash(id.as_bytes(), 3),
        Principal::Group(name) => hash_name(name, 4),
    }
}

/// The preferred place of an entry, before collisions.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "fingerprints are below 2^32, and the length is at least a width"
)]
#[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
pub(super) const fn home(table: &[First], fingerprint: u64) -> usize {
    (fingerprint * WIDTH as u64) as usize & (table.len() - 1)
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "the mask keeps `place` below the length, a power of two"
)]
#[expect(clippy::cast_possible_truncation, reason = "fingerprints are below 2^32")]
const fn insert(table: &mut [First], rules: &[Rule<'_>], fingerprint: u64, rule: u32, name: u32) {
    let principal = rules[rule as usize].principal();
    let permission = name_of(&rules[rule as usize], name);
    let mut place = home(table, fingerprint);
    let is_conditional = rules[rule as usize].is_conditional();
    while table[place + RULE] != NONE {
        if !is_conditional && is_of(table, place, rules, fingerprint, principal, permission) {
            return;
        }
        place = (place + WIDTH) & (table.len() - 1);
    }
    table[place + FINGERPRINT] = fingerprint as u32;
    table[place + RULE] = rule;
    table[place + NAME] = name;
    append(table, rules, place as u32, permission);
}

/// The name at an index of a rule's permissions; `None` stands for `ALL`.
#[expect(clippy::indexing_slicing, reason = "a place of this very rule")]
pub(super) const fn name_of<'a>(rule: &Rule<'a>, at: u32) -> Option<Name<'a>> {
    match rule.permissions() {
        Permissions::Names(names) if at != NONE => Some(names[at as usize]),
        _ => None,
    }
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a place of this very table, and a rule of this very list"
)]
const fn is_of(
    table: &[First],
    place: usize,
    rules: &[Rule<'_>],
    fingerprint: u64,
    principal: Principal<'_>,
    permission: Option<Name<'_>>,
) -> bool {
    if table[place + FINGERPRINT] as u64 != fingerprint {
        return false;
    }
    let rule = &rules[table[place + RULE] as usize];
    if rule.is_conditional() || !same_principal(rule.principal(), principal) {
        return false;
    }
    match (name_of(rule, table[place + NAME]), permission) {
        (Some(a), Some(b)) => a.is(b),
        (None, None) => true,
        _ => false,
    }
}

/// Compares like `==`, but in constants.
pub(crate) const fn same_principal(a: Principal<'_>, b: Principal<'_>) -> bool {
    match (a, b) {
        (Principal::Everyone, Principal::Everyone) | (Principal::Authenticated, Principal::Authenticated) => {
            true
        }
        (Principal::User(a), Principal::User(b)) => Name::Text(a).is(Name::Text(b)),
        (Principal::Group(a), Principal::Group(b)) => a.is(b),
        _ => false,
    }
}

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

pub(crate) const fn least(a: u32, b: u32) -> u32 {
    if a < b { a } else { b }
}
