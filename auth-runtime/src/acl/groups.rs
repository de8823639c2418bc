//! The groups of one user.

use std::fmt;

use smallvec::SmallVec;
use smol_str::SmolStr;

use super::{Name, name::Group};

/// Keeps fingerprints of groups apart from those of users.
pub(crate) const GROUP_SEED: u64 = 0x67;

/// Comparing so many names costs less than one fingerprint.
const FEW: usize = 2;

/// The groups that a user is in, as the groups callback returns them.
///
/// Up to four groups whose names have at most 23 bytes are held without an allocation. The order in which they were
/// added is forgotten.
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
// INVARIANT: in the order of fingerprints, so that a rule's group is found among many.
pub struct Groups(SmallVec<[Entry; 4]>);

#[derive(Clone)]
pub(crate) struct Entry {
    fingerprint: u64,
    name: Owned,
}

#[derive(Clone)]
enum Owned {
    Number(i64),
    Text(SmolStr),
}

impl Owned {
    fn as_name(&self) -> Name<'_> {
        match self {
            Self::Number(number) => Name::Number(*number),
            Self::Text(text) => Name::Text(text),
        }
    }
}

impl Entry {
    pub(crate) const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    pub(crate) fn name(&self) -> Name<'_> {
        self.name.as_name()
    }
}

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
        let name = match name {
            Name::Number(number) => Owned::Number(number),
            Name::Text(text) => Owned::Text(SmolStr::new(text)),
        };
        self.0.insert(place, Entry { fingerprint, name });
    }

    /// Returns how many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns their names.
    pub fn iter(&self) -> impl Iterator<Item = Name<'_>> {
        self.0.iter().map(Entry::name)
    }

    pub(crate) fn holds(&self, name: Name<'_>) -> bool {
        if self.len() <= FEW {
            return self.iter().any(|own| own == name);
        }
        self.find(name.fingerprint(GROUP_SEED), name)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.0
    }

    fn place(&self, fingerprint: u64) -> usize {
        self.0.partition_point(|entry| entry.fingerprint < fingerprint)
    }

    fn find(&self, fingerprint: u64, name: Name<'_>) -> bool {
        self.is_at(self.place(fingerprint), fingerprint, name)
    }

    /// Returns whether the group is at this place, or behind it with the same fingerprint.
    fn is_at(&self, place: usize, fingerprint: u64, name: Name<'_>) -> bool {
        self.0
            .iter()
            .skip(place)
            .take_while(|entry| entry.fingerprint == fingerprint)
            .any(|entry| entry.name() == name)
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
    /// Two sets are equal when the same groups are in them, in whatever order.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.0.iter().all(|entry| other.find(entry.fingerprint, entry.name()))
    }
}

impl Eq for Groups {}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|name| name.to_string())).finish()
    }
}
