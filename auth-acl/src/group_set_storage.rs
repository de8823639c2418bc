//! Stores a set of groups, up to four in place without an allocation: [`Entries`].

use alloc::vec::Vec;
use core::mem::replace;

use super::{Name, owned_name::OwnedName};

/// How many entries are held in place.
const IN_PLACE: usize = 4;

/// One group with its fingerprint.
#[derive(Clone)]
pub(crate) struct Entry {
    fingerprint: u64,
    name: OwnedName,
}

impl Entry {
    const UNUSED: Self = Self { fingerprint: 0, name: OwnedName::Number(0) };

    pub(super) fn new(fingerprint: u64, name: Name<'_>) -> Self {
        Self { fingerprint, name: OwnedName::new(name) }
    }

    pub(crate) const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    pub(crate) fn name(&self) -> Name<'_> {
        self.name.as_name()
    }

    /// Returns whether this is the group of that name.
    pub(crate) fn is(&self, name: Name<'_>) -> bool {
        self.name.is(name)
    }
}

/// Groups in the order in which they were put.
#[derive(Clone)]
pub(super) enum Entries {
    /// The first `length` count.
    Few {
        length: usize,
        entries: [Entry; IN_PLACE],
    },
    Many(Vec<Entry>),
}

impl Entries {
    pub(super) fn as_slice(&self) -> &[Entry] {
        match self {
            Self::Few { length, entries } => entries.get(..*length).unwrap_or_default(),
            Self::Many(entries) => entries,
        }
    }

    /// Puts an entry before the one at `index`, which is at most the length.
    pub(super) fn insert(&mut self, index: usize, entry: Entry) {
        match self {
            Self::Few { length, entries } => {
                if let Some(unused) = entries.get_mut(*length) {
                    *unused = entry;
                    *length = length.saturating_add(1);
                    if let Some(moved) = entries.get_mut(index..*length) {
                        moved.rotate_right(1);
                    }
                } else {
                    let mut all = Vec::with_capacity(IN_PLACE.saturating_mul(2));
                    all.extend(replace(entries, [Entry::UNUSED; IN_PLACE]));
                    all.insert(index, entry);
                    *self = Self::Many(all);
                }
            }
            Self::Many(entries) => entries.insert(index, entry),
        }
    }
}

impl Default for Entries {
    fn default() -> Self {
        Self::Few { length: 0, entries: [Entry::UNUSED; IN_PLACE] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_where_they_were_put_in_place_and_beyond() {
        let mut entries = Entries::default();
        let mut expected: Vec<u64> = Vec::new();
        for (index, fingerprint) in [(0, 10), (0, 20), (2, 30), (1, 40), (4, 50), (0, 60), (3, 70)] {
            entries.insert(index, Entry::new(fingerprint, Name::Text("g")));
            expected.insert(index, fingerprint);
            let found: Vec<u64> = entries.as_slice().iter().map(Entry::fingerprint).collect();
            assert_eq!(found, expected);
            assert_eq!(matches!(entries, Entries::Few { .. }), expected.len() <= IN_PLACE);
        }
    }
}
