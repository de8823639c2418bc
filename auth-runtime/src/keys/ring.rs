//! Several keys, of which one signs.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;

use super::{Key, KeyError, KeyErrorKind, KeyId};

/// The most keys a ring holds.
const MAX_KEYS: usize = 16;

/// What a key of a [`KeyRing`] is used for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyState {
    /// Signs and verifies
    Active,
    /// Verifies already, so that other machines may sign with it before this one does
    Pending,
    /// Verifies what it signed earlier
    VerifyOnly,
}

/// The keys of an application: one signs, and all verify.
///
/// Clones share the same ring, so a rotation is seen by every policy that holds one, at its next verification.
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
    shared: Arc<Shared>,
}

struct Shared {
    ring: ArcSwap<Snapshot>,
    // Counts the changes, so that holders of derived keys see one by reading a number.
    version: AtomicU64,
    writing: Mutex<()>,
}

/// One state of a ring; it never changes.
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
    /// Makes a ring of one key, which signs.
    #[must_use]
    pub fn new(key: Key) -> Self {
        let active = Arc::new(key);
        let entries = vec![Entry { key: Arc::clone(&active), state: KeyState::Active }];
        let ring = ArcSwap::from_pointee(Snapshot { version: 0, active, entries });
        Self { shared: Arc::new(Shared { ring, version: AtomicU64::new(0), writing: Mutex::new(()) }) }
    }

    /// Makes a ring of one random key; what it signs is worthless after a restart and to other machines.
    ///
    /// # Panics
    ///
    /// Panics when the operating system gives no random bytes; [`Key::random`] returns an error instead.
    #[must_use]
    #[expect(clippy::expect_used, reason = "documented; a server without randomness must not start")]
    pub fn random() -> Self {
        Self::new(Key::random().expect("the operating system gives no random bytes"))
    }

    /// Adds a key that verifies and does not sign, such as the one used before.
    ///
    /// # Errors
    ///
    /// Fails when the ring has this key or 16 keys.
    pub fn with_previous(self, key: Key) -> Result<Self, KeyError> {
        self.add(key, KeyState::VerifyOnly)?;
        Ok(self)
    }

    /// Adds a key that verifies and does not sign yet; see [`activate`](Self::activate).
    ///
    /// # Errors
    ///
    /// Fails when the ring has this key or 16 keys.
    pub fn add_pending(&self, key: Key) -> Result<KeyId, KeyError> {
        self.add(key, KeyState::Pending)
    }

    /// Adds a key that signs from now on; the one that did so far still verifies.
    ///
    /// # Errors
    ///
    /// Fails when the ring has this key or 16 keys.
    pub fn rotate_to(&self, key: Key) -> Result<KeyId, KeyError> {
        self.add(key, KeyState::Active)
    }

    /// Makes a key of the ring the one that signs; the one that did so far still verifies.
    ///
    /// # Errors
    ///
    /// Fails when the ring has no such key.
    pub fn activate(&self, id: KeyId) -> Result<(), KeyError> {
        self.change(|ring| {
            let index = ring.position(id)?;
            ring.make_active(index);
            Ok(())
        })
    }

    /// Removes a key: what it signed is refused from the next verification on.
    ///
    /// # Errors
    ///
    /// Fails when the ring has no such key, and when it is the active one.
    pub fn retire(&self, id: KeyId) -> Result<(), KeyError> {
        self.change(|ring| {
            let index = ring.position(id)?;
            if ring.active.id() == id {
                return Err(KeyError::new(KeyErrorKind::Active));
            }
            ring.entries.remove(index);
            Ok(())
        })
    }

    /// Returns the ids and states of all keys, in the order in which they came.
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

    /// Applies a change to a copy and publishes it; a failed change is forgotten.
    fn change<T>(&self, change: impl FnOnce(&mut Snapshot) -> Result<T, KeyError>) -> Result<T, KeyError> {
        // Nothing is left half done by a panic in here, so a poisoned lock is as good as another.
        let _writing: MutexGuard<'_, ()> = self.shared.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ring = self.shared.ring.load().as_ref().clone();
        let answer = change(&mut ring)?;
        ring.version = ring.version.wrapping_add(1);
        let version = ring.version;
        self.shared.ring.store(Arc::new(ring));
        // After the snapshot: who sees this number finds a snapshot at least as new.
        self.shared.version.store(version, Ordering::Release);
        Ok(answer)
    }

    pub(super) fn version(&self) -> u64 {
        self.shared.version.load(Ordering::Acquire)
    }

    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.ring.load_full()
    }
}

impl Snapshot {
    fn position(&self, id: KeyId) -> Result<usize, KeyError> {
        self.entries.iter().position(|entry| entry.key.id() == id).ok_or(KeyError::new(KeyErrorKind::Unknown))
    }

    fn make_active(&mut self, index: usize) {
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
