//! What is made of a ring's keys for one purpose, kept ready for use.

use std::{fmt, sync::Arc, time::Duration};

use arc_swap::ArcSwap;

use super::{Key, KeyId, KeyRing, Purpose, Rotation, ring::Snapshot};
use crate::clock::UnixTime;

/// One value per key of a ring, made of the key that is derived for a purpose.
///
/// Nothing is locked: a look costs one look at the ring's version, and only after a change of the ring the values are
/// made again. The ring is advanced to the time of each look.
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

    /// What is made of the key that signs now.
    pub(crate) fn active(&self, now: UnixTime) -> T {
        self.made(now).active.clone()
    }

    /// What is made of the key with this id, if it verifies now.
    pub(crate) fn find(&self, id: KeyId, now: UnixTime) -> Option<T> {
        self.made(now).keys.iter().find(|(known, _)| *known == id).map(|(_, made)| made.clone())
    }

    /// How long the ring's keys verify what they signed; `None` where that is decided by hand.
    pub(crate) fn credential_lifetime(&self) -> Option<Duration> {
        self.ring.rotation().map(Rotation::credential_lifetime)
    }

    fn made(&self, now: UnixTime) -> Arc<Made<T>> {
        self.ring.advance(now);
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
