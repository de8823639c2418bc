//! For each permission of a list, the rules that can decide about it, in order: a second table beside the first.

use super::{
    Name, Rule,
    firsts::{First, NONE, Table, name_of},
    hash::hash_name,
};

/// Where the entries about one permission begin and end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    fingerprint: u64,
    first: u32,
    last: u32,
}

impl Head {
    pub(super) const NOTHING: Self = Self { fingerprint: 0, first: NONE, last: NONE };
}

const fn permission_fingerprint(permission: Option<Name<'_>>) -> u64 {
    match permission {
        Some(name) => hash_name(name, 5),
        None => 6,
    }
}

/// Hangs a new entry behind the others about its permission.
#[expect(clippy::indexing_slicing, reason = "places of this very table")]
pub(super) const fn append(
    table: &mut [First],
    rules: &[Rule<'_>],
    entry: u32,
    permission: Option<Name<'_>>,
) {
    let fingerprint = permission_fingerprint(permission);
    let place = find(table, rules, fingerprint, permission);
    let last = table[place].head.last;
    if last == NONE {
        table[place].head = Head { fingerprint, first: entry, last: entry };
    } else {
        table[last as usize].next = entry;
        table[place].head.last = entry;
    }
}

/// The place of a permission's head, or the one where it would be.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "the mask keeps `place` below the length, a power of two"
)]
#[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
const fn find(table: &[First], rules: &[Rule<'_>], fingerprint: u64, permission: Option<Name<'_>>) -> usize {
    let mask = table.len() - 1;
    let mut place = fingerprint as usize & mask;
    while table[place].head.first != NONE {
        if table[place].head.fingerprint == fingerprint {
            let own = permission_of(rules, &table[table[place].head.first as usize]);
            match (own, permission) {
                (Some(a), Some(b)) if a.is(b) => return place,
                (None, None) => return place,
                _ => {}
            }
        }
        place = (place + 1) & mask;
    }
    place
}

#[expect(clippy::indexing_slicing, reason = "a rule of this very list")]
const fn permission_of<'a>(rules: &[Rule<'a>], entry: &First) -> Option<Name<'a>> {
    name_of(&rules[entry.rule as usize], entry.name)
}

/// Rules that can decide about one permission, one after the other: at most one for each principal that names it, and one
/// for each that names `ALL`.
#[derive(Clone, Copy)]
pub(super) struct Uses {
    named: u32,
    all: u32,
}

impl Uses {
    /// Returns the next rule, or [`NONE`].
    #[expect(clippy::indexing_slicing, reason = "places of this very table")]
    pub(super) const fn next(&mut self, table: &Table<'_>) -> u32 {
        let named = if self.named == NONE { NONE } else { table.firsts[self.named as usize].rule };
        let all = if self.all == NONE { NONE } else { table.firsts[self.all as usize].rule };
        if named < all {
            self.named = table.firsts[self.named as usize].next;
            named
        } else {
            if all != NONE {
                self.all = table.firsts[self.all as usize].next;
            }
            all
        }
    }
}

impl<'a> Table<'a> {
    /// Returns the rules that decide about `permission`, by its name or by `ALL`; `None` asks for `ALL` alone.
    pub(super) const fn uses(&self, permission: Option<Name<'_>>) -> Uses {
        match permission {
            Some(_) => Uses { named: self.head(permission), all: self.head(None) },
            None => Uses { named: NONE, all: self.head(None) },
        }
    }

    /// Returns the rules that decide about `permission` by its name.
    pub(super) const fn uses_by_name(&self, permission: Name<'_>) -> Uses {
        Uses { named: self.head(Some(permission)), all: NONE }
    }

    /// Returns whether a rule names `permission`; `None` asks for `ALL`.
    pub(super) const fn is_used(&self, permission: Option<Name<'_>>) -> bool {
        self.head(permission) != NONE
    }

    #[expect(clippy::indexing_slicing, reason = "a place of this very table")]
    const fn head(&self, permission: Option<Name<'_>>) -> u32 {
        if self.firsts.is_empty() {
            return NONE;
        }
        self.firsts[find(self.firsts, self.rules, permission_fingerprint(permission), permission)].head.first
    }

    /// Returns the name that has its head at a place, if one has; all places together have all names.
    #[expect(clippy::indexing_slicing, reason = "places of this very table")]
    pub(super) const fn name_at(&self, place: usize) -> Option<Name<'a>> {
        let first = self.firsts[place].head.first;
        if first == NONE { None } else { permission_of(self.rules, &self.firsts[first as usize]) }
    }
}
