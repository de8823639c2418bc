//! Caches values that are derived from a ring's keys for one purpose: [`Derived`].

use std::{fmt, sync::Arc, time::Duration};

use arc_swap::ArcSwap;

use super::{Key, KeyId, KeyRing, KeyState, Purpose, Rotation, key_ring::Snapshot, log_events};
use crate::clock::UnixTime;

/// One value per key of a ring, built from the subkey of a purpose.
///
/// It takes no lock. An access reads the ring's version, and the values are rebuilt only after a change. Each
/// access advances the ring to its time; an access without a time (`None`) uses the keys of the last one.
pub struct Derived<K> {
    ring: KeyRing,
    purpose: Purpose,
    make: fn(KeyId, &[u8; 32]) -> K,
    made: ArcSwap<Made<K>>,
}

struct Made<K> {
    version: u64,
    active: (KeyId, K),
    keys: Vec<(KeyId, K, KeyState)>,
}

impl<K> Derived<K> {
    /// Derives what `make` makes of the keys of this purpose.
    pub fn new(ring: KeyRing, purpose: Purpose, make: fn(KeyId, &[u8; 32]) -> K) -> Self {
        let first = Made::new(&ring.snapshot(), &purpose, make);
        Self { ring, purpose, make, made: ArcSwap::from_pointee(first) }
    }

    /// Calls `act` with the value of the signing key.
    pub fn active<T>(&self, now: Option<UnixTime>, act: impl FnOnce(KeyId, &K) -> T) -> T {
        self.look(now, |made| act(made.active.0, &made.active.1))
    }

    /// Verifies something with the value of this key, and counts the result. An unknown key verifies nothing.
    pub(crate) fn check<T>(
        &self,
        now: Option<UnixTime>,
        id: KeyId,
        check: impl FnOnce(&K) -> Option<T>,
    ) -> Option<T> {
        self.look(now, |made| {
            let Some((_, key, state)) = made.key(id) else {
                log_events::checked(None, false);
                return None;
            };
            let passed = check(key);
            log_events::checked(Some(*state), passed.is_some());
            passed
        })
    }

    /// Returns the value of this key if it verifies now, for a later check that counts the result itself.
    pub fn find<T>(
        &self,
        now: Option<UnixTime>,
        id: KeyId,
        show: impl FnOnce(&K, KeyState) -> T,
    ) -> Option<T> {
        self.look(now, |made| {
            let found = made.key(id).map(|(_, key, state)| show(key, *state));
            if found.is_none() {
                log_events::checked(None, false);
            }
            found
        })
    }

    /// Returns the purpose.
    #[cfg(feature = "encrypted-cookie")]
    pub(crate) const fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// Returns how long the ring's keys verify; `None` if keys are managed manually.
    pub fn credential_lifetime(&self) -> Option<Duration> {
        credential_lifetime(&self.ring)
    }

    fn look<T>(&self, now: Option<UnixTime>, act: impl FnOnce(&Made<K>) -> T) -> T {
        if let Some(now) = now {
            self.ring.advance(now);
        }
        let made = self.made.load();
        if made.version == self.ring.version() {
            return act(&made);
        }
        let fresh = Arc::new(Made::new(&self.ring.snapshot(), &self.purpose, self.make));
        self.made.store(Arc::clone(&fresh));
        act(&fresh)
    }
}

/// Returns how long the keys of a ring verify; `None` if keys are managed manually. Nothing that they sign
/// should live longer.
pub fn credential_lifetime(ring: &KeyRing) -> Option<Duration> {
    ring.rotation().map(Rotation::credential_lifetime)
}

impl<K> Made<K> {
    fn new(ring: &Snapshot, purpose: &Purpose, make: fn(KeyId, &[u8; 32]) -> K) -> Self {
        let of = |key: &Key| make(key.id(), &purpose.derive(key));
        let entries = ring.entries.iter();
        Self {
            version: ring.version,
            active: (ring.active.id(), of(&ring.active)),
            keys: entries.map(|entry| (entry.key.id(), of(&entry.key), entry.state)).collect(),
        }
    }

    fn key(&self, id: KeyId) -> Option<&(KeyId, K, KeyState)> {
        self.keys.iter().find(|(known, ..)| *known == id)
    }
}

impl<K> fmt::Debug for Derived<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Derived")
            .field("ring", &self.ring)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u64 = 1_700_000_000;

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(seconds)
    }

    #[test]
    fn a_look_at_a_time_sees_the_keys_of_that_time() {
        let rotation = Rotation::every("1h").unwrap().with_credential_lifetime("1h").unwrap();
        let ring = KeyRing::rotating(rotation, at(NOON)).unwrap();
        let keys = Derived::new(ring, Purpose::new(1, "test", "", ""), |id, _| id);
        let active = |now| keys.active(now, |id, key| (id == *key).then_some(id)).unwrap();
        let first = active(Some(at(NOON)));
        assert_eq!(active(None), first);
        let second = active(Some(at(NOON + 3600)));
        assert!(second != first && active(None) == second);
        let is_known = |now, id| keys.check(now, id, |key| Some(*key)).is_some();
        assert!(is_known(Some(at(NOON + 3600)), first));
        // An access with a time never verifies with an expired key.
        assert!(!is_known(Some(at(NOON + 4 * 3600)), first));
        assert!(!is_known(None, first) && credential_lifetime(&keys.ring).is_some());
    }
}
