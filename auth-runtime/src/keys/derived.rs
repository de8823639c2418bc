//! What is made of a ring's keys for one purpose, kept ready for use.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;

use super::{Key, KeyId, KeyRing, Purpose, ring::Snapshot};

/// One value per key of a ring, made of the key that is derived for a purpose.
///
/// Nothing is locked: a look costs one look at the ring's version, and only after a change of the ring the values are
/// made again.
pub(crate) struct DerivedKeys<T> {
    ring: KeyRing,
    purpose: Purpose,
    make: fn(KeyId, &[u8; 32]) -> T,
    made: ArcSwap<Made<T>>,
}

struct Made<T> {
    version: u64,
    active: T,
    keys: Vec<(KeyId, T)>,
}

impl<T: Clone> DerivedKeys<T> {
    pub(crate) fn new(ring: KeyRing, purpose: Purpose, make: fn(KeyId, &[u8; 32]) -> T) -> Self {
        let first = Made::new(&ring.snapshot(), &purpose, make);
        Self { ring, purpose, make, made: ArcSwap::from_pointee(first) }
    }

    /// What is made of the key that signs.
    pub(crate) fn active(&self) -> T {
        self.made().active.clone()
    }

    /// What is made of the key with this id.
    pub(crate) fn find(&self, id: KeyId) -> Option<T> {
        self.made().keys.iter().find(|(known, _)| *known == id).map(|(_, made)| made.clone())
    }

    fn made(&self) -> Arc<Made<T>> {
        let made = self.made.load_full();
        if made.version == self.ring.version() {
            return made;
        }
        let fresh = Arc::new(Made::new(&self.ring.snapshot(), &self.purpose, self.make));
        self.made.store(Arc::clone(&fresh));
        fresh
    }
}

impl<T> Made<T> {
    fn new(ring: &Snapshot, purpose: &Purpose, make: fn(KeyId, &[u8; 32]) -> T) -> Self {
        let of = |key: &Key| make(key.id(), &purpose.derive(key));
        Self {
            version: ring.version,
            active: of(&ring.active),
            keys: ring.entries.iter().map(|entry| (entry.key.id(), of(&entry.key))).collect(),
        }
    }
}

impl<T> fmt::Debug for DerivedKeys<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DerivedKeys")
            .field("ring", &self.ring)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}
