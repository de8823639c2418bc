//! Holds the groups of one user: [`Groups`].

use alloc::{string::ToString as _, vec::Vec};
use core::fmt;

use super::{
    Name,
    group_set_storage::{Entries, Entry},
    permission_and_group::Group,
};

/// Keeps fingerprints of groups apart from those of users.
pub(crate) const GROUP_SEED: u64 = 0x67;

/// Up to this many names are compared one by one, which costs less than a fingerprint.
const FEW: usize = 2;

/// The groups that a user is in, as the groups callback returns them.
///
/// Up to four groups whose names have at most 22 bytes are stored without an allocation. The order of
/// insertion is not kept.
///
/// # Example
///
/// ```
/// use auth_runtime::Groups;
///
/// let from_literals = Groups::from(["editors", "reviewers"]);
/// let from_rows: Groups = vec![String::from("editors")].into_iter().collect();
/// let none = Groups::none();
///
/// assert!(from_literals.contains("reviewers"));
/// assert!(from_rows.contains("editors") && !from_rows.contains("editor"));
/// assert!(none.is_empty());
/// ```
#[derive(Clone, Default)]
// INVARIANT: sorted by fingerprint, so that a group is found by binary search.
pub struct Groups(Entries);

impl Groups {
    /// In no group.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns whether `group` is among them.
    #[must_use]
    pub fn contains(&self, group: impl Group) -> bool {
        self.holds(group.name())
    }

    /// Adds a group; one that is already there is not added again.
    pub fn insert(&mut self, group: impl Group) {
        let name = group.name();
        let fingerprint = name.fingerprint(GROUP_SEED);
        let place = self.place(fingerprint);
        if self.is_at(place, fingerprint, name) {
            return;
        }
        self.0.insert(place, Entry::new(fingerprint, name));
    }

    /// Returns how many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    /// Returns their names.
    pub fn iter(&self) -> impl Iterator<Item = Name<'_>> {
        self.entries().iter().map(Entry::name)
    }

    pub(crate) fn holds(&self, name: Name<'_>) -> bool {
        if self.len() <= FEW {
            return self.entries().iter().any(|entry| entry.is(name));
        }
        self.find(name.fingerprint(GROUP_SEED), name)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        self.0.as_slice()
    }

    fn place(&self, fingerprint: u64) -> usize {
        self.entries().partition_point(|entry| entry.fingerprint() < fingerprint)
    }

    fn find(&self, fingerprint: u64, name: Name<'_>) -> bool {
        self.is_at(self.place(fingerprint), fingerprint, name)
    }

    /// Returns whether the group is at this index, or behind it with the same fingerprint.
    fn is_at(&self, place: usize, fingerprint: u64, name: Name<'_>) -> bool {
        self.entries()
            .iter()
            .skip(place)
            .take_while(|entry| entry.fingerprint() == fingerprint)
            .any(|entry| entry.is(name))
    }
}

impl<G: Group> FromIterator<G> for Groups {
    fn from_iter<I: IntoIterator<Item = G>>(groups: I) -> Self {
        let mut all = Self::none();
        all.extend(groups);
        all
    }
}

impl<G: Group> Extend<G> for Groups {
    fn extend<I: IntoIterator<Item = G>>(&mut self, groups: I) {
        for group in groups {
            self.insert(group);
        }
    }
}

impl<G: Group, const N: usize> From<[G; N]> for Groups {
    fn from(groups: [G; N]) -> Self {
        groups.into_iter().collect()
    }
}

impl<G: Group> From<Vec<G>> for Groups {
    fn from(groups: Vec<G>) -> Self {
        groups.into_iter().collect()
    }
}

impl<G: Group> From<&[G]> for Groups {
    fn from(groups: &[G]) -> Self {
        groups.iter().collect()
    }
}

impl PartialEq for Groups {
    /// Two sets are equal when they have the same groups; the order does not matter.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.entries().iter().all(|entry| other.find(entry.fingerprint(), entry.name()))
    }
}

impl Eq for Groups {}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|name| name.to_string())).finish()
    }
}
