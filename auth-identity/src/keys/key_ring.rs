//! Holds keys of which one signs and all verify: [`KeyRing`].

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;

use super::{Key, KeyError, KeyErrorKind, KeyId, Rotation, fixed_or_rotating_keys::Source, log_events};
use crate::clock::UnixTime;

/// The maximum number of keys in a ring without rotation.
pub(super) const MAX_KEYS: usize = 16;

/// The state of a key in a [`KeyRing`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyState {
    /// Signs and verifies
    Active,
    /// Verifies already, so that other instances may sign with it before this one does
    Pending,
    /// Verifies its earlier signatures
    VerifyOnly,
}

/// The keys of an application: one signs, and all verify.
///
/// Clones share the ring, so all policies see a rotation at their next verification.
///
/// | keys | constructor | for |
/// |---|---|---|
/// | fixed, changed manually | [`new`](Self::new), [`random`](Self::random) | any number of instances, each changed separately |
/// | derived from a root key and the time | [`derived`](Self::derived) | any number of instances, without communication |
/// | random, a new one per interval | [`rotating`](Self::rotating) | one process, until it ends |
/// | random, in a store | `SharedKeyRing`, with the feature `key-store` | any number of instances that share the store |
///
/// # Example
///
/// ```
/// use auth_runtime::{Key, KeyRing};
/// use auth_runtime::keys::KeyState;
///
/// let (old, new) = (Key::random()?, Key::random()?);
/// let (old_id, new_id) = (old.id(), new.id());
///
/// let ring = KeyRing::new(old);
/// ring.add_pending(new)?; // on every machine first,
/// ring.activate(new_id)?; // then on every machine,
/// assert_eq!(ring.keys(), [(old_id, KeyState::VerifyOnly), (new_id, KeyState::Active)]);
/// ring.retire(old_id)?; // and when all that the old key signed has expired.
/// # Ok::<(), auth_runtime::keys::KeyError>(())
/// ```
#[derive(Clone)]
pub struct KeyRing {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    ring: ArcSwap<Snapshot>,
    // Counts changes, so that holders of derived values notice one by reading a number.
    version: AtomicU64,
    // The snapshot is valid from the first of these seconds until before the second.
    serves_from: AtomicU64,
    serves_until: AtomicU64,
    source: Mutex<Source>,
    pub(super) rotation: Option<Rotation>,
}

/// An immutable state of a ring.
// INVARIANT: exactly one entry is active, and it holds `active`.
#[derive(Clone)]
pub(super) struct Snapshot {
    pub(super) version: u64,
    pub(super) active: Arc<Key>,
    pub(super) entries: Vec<Entry>,
}

#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: Arc<Key>,
    pub(super) state: KeyState,
}

impl KeyRing {
    /// Creates a ring with one key, which signs.
    #[must_use]
    pub fn new(key: Key) -> Self {
        let active = Arc::new(key);
        let entries = vec![Entry { key: Arc::clone(&active), state: KeyState::Active }];
        Self::with_source(Source::Fixed, active, entries, None)
    }

    pub(super) fn with_source(
        source: Source,
        active: Arc<Key>,
        entries: Vec<Entry>,
        rotation: Option<Rotation>,
    ) -> Self {
        log_events::holds(&entries);
        Self {
            shared: Arc::new(Shared {
                ring: ArcSwap::from_pointee(Snapshot { version: 0, active, entries }),
                version: AtomicU64::new(0),
                serves_from: AtomicU64::new(0),
                // A rotation has no keys before the first request for them.
                serves_until: AtomicU64::new(if rotation.is_some() { 0 } else { u64::MAX }),
                source: Mutex::new(source),
                rotation,
            }),
        }
    }

    /// Creates a ring with one random key. Its signatures are not valid after a restart or on other
    /// instances.
    ///
    /// # Panics
    ///
    /// Panics if the operating system gives no random bytes; [`Key::random`] returns an error instead.
    #[must_use]
    #[expect(clippy::expect_used, reason = "documented; a server without randomness must not start")]
    pub fn random() -> Self {
        Self::new(Key::random().expect("the operating system gives no random bytes"))
    }

    /// Adds a key that only verifies, such as the previous one, also to a rotating ring.
    ///
    /// # Errors
    ///
    /// Fails if the ring has this key or 16 keys of this kind.
    pub fn with_previous(self, key: Key) -> Result<Self, KeyError> {
        if self.shared.rotation.is_some() {
            self.add_extra(key)?;
        } else {
            self.add(key, KeyState::VerifyOnly)?;
        }
        Ok(self)
    }

    /// Adds a key that verifies but does not sign yet; see [`activate`](Self::activate).
    ///
    /// # Errors
    ///
    /// Fails if the ring has this key or 16 keys, or rotates automatically.
    pub fn add_pending(&self, key: Key) -> Result<KeyId, KeyError> {
        self.add(key, KeyState::Pending)
    }

    /// Adds a key that signs from now on; the previous one still verifies.
    ///
    /// # Errors
    ///
    /// Fails if the ring has this key or 16 keys, or rotates automatically.
    pub fn rotate_to(&self, key: Key) -> Result<KeyId, KeyError> {
        self.add(key, KeyState::Active)
    }

    /// Makes a key of the ring the signing one; the previous one still verifies.
    ///
    /// # Errors
    ///
    /// Fails if the ring does not have the key, or rotates automatically.
    pub fn activate(&self, id: KeyId) -> Result<(), KeyError> {
        self.change(|ring| {
            let index = ring.position(id)?;
            ring.make_active(index);
            Ok(())
        })
    }

    /// Removes an expired key; the same as [`revoke`](Self::revoke).
    ///
    /// # Errors
    ///
    /// Fails as `revoke` does.
    pub fn retire(&self, id: KeyId) -> Result<(), KeyError> {
        self.revoke(id)
    }

    /// Returns the ids and states of all keys in the order of insertion; for a rotating ring in the order of
    /// signing, at its last [advance](Self::advance).
    #[must_use]
    pub fn keys(&self) -> Vec<(KeyId, KeyState)> {
        self.shared.ring.load().entries.iter().map(|entry| (entry.key.id(), entry.state)).collect()
    }

    fn add(&self, key: Key, state: KeyState) -> Result<KeyId, KeyError> {
        let id = key.id();
        self.change(|ring| {
            if ring.position(id).is_ok() {
                return Err(KeyError::new(KeyErrorKind::Duplicate));
            }
            if ring.entries.len() >= MAX_KEYS {
                return Err(KeyError::new(KeyErrorKind::RingFull));
            }
            let index = ring.entries.len();
            ring.entries.push(Entry { key: Arc::new(key), state });
            if state == KeyState::Active {
                ring.make_active(index);
            }
            Ok(id)
        })
    }

    /// Applies a change to a copy and publishes it; a failed change is dropped.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut Snapshot) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let source = self.lock();
        if self.shared.rotation.is_some() {
            return Err(KeyError::new(KeyErrorKind::Rotating));
        }
        let old = self.snapshot();
        let mut ring = Snapshot::clone(&old);
        let answer = change(&mut ring)?;
        self.publish(&source, ring.active, ring.entries);
        drop(source);
        self.report(&old);
        Ok(answer)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Source> {
        // A poisoned lock is usable: a panic leaves nothing half done.
        self.shared.source.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Publishes the ring's keys; the caller must hold the lock.
    pub(super) fn publish(&self, _: &MutexGuard<'_, Source>, active: Arc<Key>, entries: Vec<Entry>) {
        let version = self.shared.ring.load().version.wrapping_add(1);
        self.shared.ring.store(Arc::new(Snapshot { version, active, entries }));
        // After the snapshot: a reader of this number finds a snapshot at least as new.
        self.shared.version.store(version, Ordering::Release);
    }

    /// Logs the differences to an earlier state.
    pub(super) fn report(&self, old: &Snapshot) {
        let new = self.snapshot();
        let (from, to) = (old.active.id(), new.active.id());
        if from != to {
            log_events::rotated(from, to);
        }
        log_events::holds(&new.entries);
    }

    /// Returns whether the present keys are valid at this time.
    pub(super) fn serves(&self, now: UnixTime) -> bool {
        // Both values may belong to different snapshots for a moment, which is harmless: keys are published
        // before they are used.
        let now = now.as_secs();
        self.shared.serves_from.load(Ordering::Relaxed) <= now
            && now < self.shared.serves_until.load(Ordering::Relaxed)
    }

    /// Sets the validity of the present keys; the caller must hold the lock.
    pub(super) fn set_service(&self, _: &MutexGuard<'_, Source>, from: UnixTime, until: UnixTime) {
        self.shared.serves_from.store(from.as_secs(), Ordering::Relaxed);
        self.shared.serves_until.store(until.as_secs(), Ordering::Relaxed);
    }

    pub(super) fn version(&self) -> u64 {
        self.shared.version.load(Ordering::Acquire)
    }

    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.ring.load_full()
    }
}

impl Entry {
    pub(super) fn is(&self, other: &Self) -> bool {
        self.key.id() == other.key.id() && self.state == other.state
    }
}

impl Snapshot {
    pub(super) fn position(&self, id: KeyId) -> Result<usize, KeyError> {
        self.entries.iter().position(|entry| entry.key.id() == id).ok_or(KeyError::new(KeyErrorKind::Unknown))
    }

    pub(super) fn make_active(&mut self, index: usize) {
        for (i, entry) in self.entries.iter_mut().enumerate() {
            if i == index {
                entry.state = KeyState::Active;
                self.active = Arc::clone(&entry.key);
            } else if entry.state == KeyState::Active {
                entry.state = KeyState::VerifyOnly;
            }
        }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.keys()).finish()
    }
}
