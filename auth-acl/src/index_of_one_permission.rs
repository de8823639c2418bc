//! Indexes the rules of one permission of a constant ACL by principal, at compile time: [`Index`].
//!
//! Evaluating a first-match list means: of all the rules that name one of the request's principals, which
//! comes first? So the index keeps, for each principal, the index of the first rule that names it, and a
//! decision is the minimum of a few of them. Its cost does not depend on the length of the list.
//!
//! That needs rules without conditions. If a rule of the permission has one, the index says so, and the whole list is
//! evaluated.

use super::{
    Acl, Decision, Denial, Groups, Name, Principal, Principals,
    first_match_table::{NONE, Table},
    groups::GROUP_SEED,
    mutate_rule::evaluated,
    name_fingerprint::of_text,
};

/// Keeps fingerprints of users apart from those of groups.
const USER_SEED: u64 = 0x75;

/// A slot in the table of users and groups.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    fingerprint: u64,
    rule: u32,
}

impl Slot {
    /// Returns whether the slot is vacant.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rule == NONE
    }
}

/// The rules of one permission.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    acl: &'static Acl,
    permission: Name<'static>,
    table: &'static [Slot],
    /// A bit for each entry of the table; where its bit is missing, a name need not be looked up
    filter: u64,
    everyone: u32,
    authenticated: u32,
    first_user: u32,
    first_group: u32,
    /// Whether a rule of the permission has a condition; then only `first_group` counts
    is_conditional: bool,
}

/// Returns the length of the table that [`index`] makes: a power of two, at least twice the number of entries.
#[must_use]
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a use is a place of this list, of which there are fewer than 2^32; constants have no iterators"
)]
pub const fn slots(acl: &Acl, permission: Name<'_>) -> usize {
    let (rules, table) = (acl.rules(), acl.table());
    if depends_on_conditions(&table, permission) {
        return 0;
    }
    let mut entries = 0;
    let mut uses = table.uses(Some(permission));
    let mut at = uses.next(&table);
    while at != NONE {
        match rules[at as usize].principal() {
            Principal::Everyone => break,
            Principal::Authenticated => {}
            Principal::User(_) | Principal::Group(_) => entries += 1,
        }
        at = uses.next(&table);
    }
    if entries == 0 { 0 } else { (entries * 2usize).next_power_of_two() }
}

/// Fills the table: for each user and group the first rule that names it.
#[must_use]
#[expect(clippy::indexing_slicing, reason = "a use is a place of this list; constants have no iterators")]
pub const fn index<const N: usize>(acl: &Acl, permission: Name<'_>) -> [Slot; N] {
    let (rules, table) = (acl.rules(), acl.table());
    let mut slots = [Slot { fingerprint: 0, rule: NONE }; N];
    if N == 0 {
        return slots;
    }
    let mut uses = table.uses(Some(permission));
    let mut at = uses.next(&table);
    while at != NONE {
        let principal = rules[at as usize].principal();
        if matches!(principal, Principal::Everyone) {
            break;
        }
        if let Some(fingerprint) = principal_fingerprint(principal) {
            insert(&mut slots, acl, fingerprint, at);
        }
        at = uses.next(&table);
    }
    slots
}

/// Returns whether a rule that can decide about the permission has a condition.
const fn depends_on_conditions(table: &Table<'_>, permission: Name<'_>) -> bool {
    if !table.has_conditions() {
        return false;
    }
    let mut uses = table.uses(Some(permission));
    let mut at = uses.next(table);
    while at != NONE {
        if table.is_conditional(at) {
            return true;
        }
        if matches!(table.principal(at), Principal::Everyone) {
            return false;
        }
        at = uses.next(table);
    }
    false
}

const fn principal_fingerprint(principal: Principal<'_>) -> Option<u64> {
    match principal {
        Principal::Everyone | Principal::Authenticated => None,
        Principal::User(id) => Some(of_text(id.as_bytes(), USER_SEED)),
        Principal::Group(name) => Some(name.fingerprint(GROUP_SEED)),
    }
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "the mask keeps `slot` below the length, a power of two"
)]
const fn insert(table: &mut [Slot], acl: &Acl, fingerprint: u64, rule: u32) {
    let mask = table.len() - 1;
    let mut slot = start(fingerprint) & mask;
    while !table[slot].is_empty() {
        let there = table[slot];
        if there.fingerprint == fingerprint && same_principal(acl, there.rule, rule) {
            return;
        }
        slot = (slot + 1) & mask;
    }
    table[slot] = Slot { fingerprint, rule };
}

#[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
const fn start(fingerprint: u64) -> usize {
    fingerprint as usize
}

#[expect(clippy::indexing_slicing, reason = "both are places of this list")]
const fn same_principal(acl: &Acl, a: u32, b: u32) -> bool {
    match (acl.rules()[a as usize].principal(), acl.rules()[b as usize].principal()) {
        (Principal::User(a), Principal::User(b)) => Name::Text(a).is(Name::Text(b)),
        (Principal::Group(a), Principal::Group(b)) => a.is(b),
        _ => false,
    }
}

/// Returns the bit of a fingerprint in the filter; the table takes the other end of the number.
const fn filter_bit(fingerprint: u64) -> u64 {
    1 << (fingerprint >> 58)
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
const fn filter(table: &[Slot]) -> u64 {
    let (mut filter, mut at) = (0, 0);
    while at < table.len() {
        if !table[at].is_empty() {
            filter |= filter_bit(table[at].fingerprint);
        }
        at += 1;
    }
    filter
}

impl Index {
    /// Builds the index from the slots and the rules that name no single user or group.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "a use is a place of this list; constants have no iterators")]
    pub const fn new(acl: &'static Acl, permission: Name<'static>, slots: &'static [Slot]) -> Self {
        let (rules, table) = (acl.rules(), acl.table());
        let mut index = Self {
            acl,
            permission,
            table: slots,
            filter: filter(slots),
            everyone: NONE,
            authenticated: NONE,
            first_user: NONE,
            first_group: NONE,
            is_conditional: depends_on_conditions(&table, permission),
        };
        let mut uses = table.uses(Some(permission));
        let mut at = uses.next(&table);
        while at != NONE && (index.everyone == NONE || index.is_conditional) {
            let place = match rules[at as usize].principal() {
                Principal::Everyone => &mut index.everyone,
                Principal::Authenticated => &mut index.authenticated,
                Principal::User(_) => &mut index.first_user,
                Principal::Group(_) => &mut index.first_group,
            };
            if *place == NONE {
                *place = at;
            }
            at = uses.next(&table);
        }
        index
    }

    /// Returns the whole list.
    #[must_use]
    pub const fn list(&self) -> &'static Acl {
        self.acl
    }

    /// Returns whether a rule of the permission has a condition, so that the whole list has to be evaluated.
    #[must_use]
    pub const fn is_conditional(&self) -> bool {
        self.is_conditional
    }

    /// Returns whether the answer for `user` could depend on groups.
    #[must_use]
    pub fn needs_groups(&self, user: Option<&str>) -> bool {
        if self.is_conditional {
            return self.first_group != NONE;
        }
        self.first_group < self.without_groups(user)
    }

    /// Decides as [`decide`](super::decide) does with the whole list.
    #[must_use]
    pub fn decide(&self, principals: &Principals<'_>) -> Decision {
        if self.is_conditional {
            return super::decide(self.acl, self.permission, principals);
        }
        if principals.is_blocked() {
            return Decision::Deny(Denial::Blocked);
        }
        let mut first = self.without_groups(principals.user_id());
        if self.first_group < first
            && let Some(groups) = principals.groups()
        {
            first = self.least_of(groups, first);
        }
        self.decision(first)
    }

    fn without_groups(&self, user: Option<&str>) -> u32 {
        let Some(user) = user else { return self.everyone };
        let first = self.everyone.min(self.authenticated);
        if self.first_user >= first {
            return first;
        }
        let own =
            self.find(of_text(user.as_bytes(), USER_SEED), |principal| principal == Principal::User(user));
        first.min(own)
    }

    fn least_of(&self, groups: &Groups, limit: u32) -> u32 {
        groups.entries().iter().fold(limit, |first, group| {
            first.min(self.find(
                group.fingerprint(),
                |principal| matches!(principal, Principal::Group(name) if group.is(name)),
            ))
        })
    }

    fn find(&self, fingerprint: u64, is_it: impl Fn(Principal<'_>) -> bool) -> u32 {
        if self.filter & filter_bit(fingerprint) == 0 {
            return NONE;
        }
        let mask = self.table.len().wrapping_sub(1);
        let mut slot = start(fingerprint);
        while let Some(there) = self.table.get(slot & mask) {
            if there.is_empty() {
                return NONE;
            }
            if there.fingerprint == fingerprint
                && self.acl.rules().get(there.rule as usize).is_some_and(|rule| is_it(rule.principal()))
            {
                return there.rule;
            }
            slot = slot.wrapping_add(1);
        }
        NONE
    }

    fn decision(&self, first: u32) -> Decision {
        let at = first as usize;
        match self.acl.rules().get(at) {
            Some(rule) => Decision::of(&evaluated(*rule), at),
            None => Decision::Deny(Denial::NoRule),
        }
    }
}
