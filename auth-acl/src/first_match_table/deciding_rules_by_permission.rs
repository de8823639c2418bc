//! Lists for each permission of an ACL the rules that can decide about it, in order: [`Uses`].

use super::{
    Table,
    entry_layout::{First, HEAD, NAME, NEXT, NONE, RULE, WIDTH, home, name_of},
};
use crate::{Name, Rule, const_hash::hash_name};

// The fields of the second table: where the rules of a permission begin and end.

const FINGERPRINT: usize = HEAD;
const FIRST: usize = HEAD + 1;
const LAST: usize = HEAD + 2;

const fn permission_fingerprint(permission: Option<Name<'_>>) -> u64 {
    match permission {
        Some(name) => hash_name(name, 5),
        None => 6,
    }
}

/// Appends an entry to those of its permission.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "places of this very table; constants have no iterators"
)]
#[expect(clippy::cast_possible_truncation, reason = "fingerprints are below 2^32")]
pub(super) const fn append(
    table: &mut [First],
    rules: &[Rule<'_>],
    entry: u32,
    permission: Option<Name<'_>>,
) {
    let fingerprint = permission_fingerprint(permission);
    let place = find(table, rules, fingerprint, permission);
    let last = table[place + LAST];
    if last == NONE {
        table[place + FINGERPRINT] = fingerprint as u32;
        table[place + FIRST] = entry;
    } else {
        table[last as usize + NEXT] = entry;
    }
    table[place + LAST] = entry;
}

/// The place of a permission's head, or the vacant one where it would be inserted.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "the mask keeps `place` below the length, a power of two"
)]
const fn find(table: &[First], rules: &[Rule<'_>], fingerprint: u64, permission: Option<Name<'_>>) -> usize {
    let mut place = home(table, fingerprint);
    while table[place + FIRST] != NONE {
        if table[place + FINGERPRINT] as u64 == fingerprint {
            match (permission_of(table, rules, table[place + FIRST]), permission) {
                (Some(a), Some(b)) if a.is(b) => return place,
                (None, None) => return place,
                _ => {}
            }
        }
        place = (place + WIDTH) & (table.len() - 1);
    }
    place
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a place of this very table, and a rule of this very list"
)]
const fn permission_of<'a>(table: &[First], rules: &[Rule<'a>], entry: u32) -> Option<Name<'a>> {
    let entry = entry as usize;
    name_of(&rules[table[entry + RULE] as usize], table[entry + NAME])
}

/// The rules that can decide about one permission, in order: at most one for each principal that names it,
/// and one for each that names `ALL`.
#[derive(Clone, Copy)]
pub(crate) struct Uses {
    named: u32,
    all: u32,
}

impl Uses {
    /// Returns the next rule, or [`NONE`].
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "places of this very table; constants have no iterators"
    )]
    pub(crate) const fn next(&mut self, table: &Table<'_>) -> u32 {
        let named = if self.named == NONE { NONE } else { table.firsts[self.named as usize + RULE] };
        let all = if self.all == NONE { NONE } else { table.firsts[self.all as usize + RULE] };
        if named < all {
            self.named = table.firsts[self.named as usize + NEXT];
            named
        } else {
            if all != NONE {
                self.all = table.firsts[self.all as usize + NEXT];
            }
            all
        }
    }
}

impl<'a> Table<'a> {
    /// Returns the rules that decide about `permission`, by its name or by `ALL`; `None` asks for `ALL` alone.
    pub(crate) const fn uses(&self, permission: Option<Name<'_>>) -> Uses {
        match permission {
            Some(_) => Uses { named: self.head(permission), all: self.head(None) },
            None => Uses { named: NONE, all: self.head(None) },
        }
    }

    /// Returns the rules that decide about `permission` by its name.
    pub(crate) const fn uses_by_name(&self, permission: Name<'_>) -> Uses {
        Uses { named: self.head(Some(permission)), all: NONE }
    }

    /// Returns whether a rule names `permission`; `None` asks for `ALL`.
    pub(crate) const fn is_used(&self, permission: Option<Name<'_>>) -> bool {
        self.head(permission) != NONE
    }

    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a place of this very table; constants have no iterators"
    )]
    const fn head(&self, permission: Option<Name<'_>>) -> u32 {
        if self.firsts.is_empty() {
            return NONE;
        }
        let fingerprint = permission_fingerprint(permission);
        self.firsts[find(self.firsts, self.rules, fingerprint, permission) + FIRST]
    }

    /// Returns how many places there are.
    pub(crate) const fn places(&self) -> usize {
        self.firsts.len() / WIDTH
    }

    /// Returns the name whose head is at a place, if there is one; iterating over all places yields all
    /// names.
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a place of this very table; constants have no iterators"
    )]
    pub(crate) const fn name_at(&self, place: usize) -> Option<Name<'a>> {
        let first = self.firsts[place * WIDTH + FIRST];
        if first == NONE { None } else { permission_of(self.firsts, self.rules, first) }
    }
}
