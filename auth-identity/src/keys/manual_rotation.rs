//! Rotates and revokes keys manually.

use std::sync::Arc;

use super::{
    Key, KeyError, KeyErrorKind, KeyId, KeyRing, KeyState,
    fixed_or_rotating_keys::{Keys, Rotating},
    key_ring::Entry,
    log_events,
    random_schedule::{RandomSchedule, Removal},
};
use crate::clock::UnixTime;

impl KeyRing {
    /// Adds a random key that signs from now on; the previous one still verifies.
    ///
    /// On a rotating ring, the next key is due an interval from now.
    ///
    /// # Errors
    ///
    /// Fails for derived keys, which only the time rotates, and for shared ones; if the ring is full; and if
    /// the operating system gives no random bytes.
    pub fn rotate(&self, now: UnixTime) -> Result<KeyId, KeyError> {
        if self.rotation().is_none() {
            return self.rotate_to(Key::random()?);
        }
        self.advance(now);
        self.with_rotating(|rotating, _| {
            let seen = rotating.seen;
            let timeline = own_keys(rotating)?;
            if !timeline.has_room() {
                return Err(KeyError::new(KeyErrorKind::RingFull));
            }
            let key = Key::random()?;
            let id = key.id();
            timeline.forget_announced(seen);
            timeline.insert(key, seen);
            Ok(id)
        })
    }

    /// Revokes a key: its signatures are rejected from the next verification, regardless of their expiry.
    ///
    /// # Errors
    ///
    /// Fails if the ring does not have the key, or it is the active one: [`rotate`](Self::rotate) first, or
    /// see [`rotate_and_revoke_all`](Self::rotate_and_revoke_all). A derived pending key cannot be revoked
    /// either, and shared keys are revoked with `SharedKeyRing`.
    ///
    /// # Security
    ///
    /// Only this process revokes the key: repeat it on other instances with the same keys. A derived key
    /// returns after a restart; after a leak, replace the root key.
    pub fn revoke(&self, id: KeyId) -> Result<(), KeyError> {
        if self.rotation().is_none() {
            self.change(|ring| {
                let index = ring.position(id)?;
                if ring.active.id() == id {
                    return Err(KeyError::new(KeyErrorKind::Active));
                }
                ring.entries.remove(index);
                Ok(())
            })?;
        } else {
            self.with_rotating(|rotating, known| {
                if let Keys::Shared(..) = &rotating.keys
                    && !rotating.extras.iter().any(|key| key.id() == id)
                {
                    return Err(KeyError::new(KeyErrorKind::Shared));
                }
                let state = known.iter().find(|entry| entry.key.id() == id).map(|entry| entry.state);
                match rotating.remove(id, state) {
                    Removal::Done => Ok(()),
                    Removal::Active => Err(KeyError::new(KeyErrorKind::Active)),
                    Removal::Unknown => Err(KeyError::new(KeyErrorKind::Unknown)),
                }
            })?;
        }
        log_events::revoked(id);
        Ok(())
    }

    /// Replaces all keys by one new random key in one step. All earlier signatures are rejected from the next
    /// verification, which logs all users out. For emergencies.
    ///
    /// # Errors
    ///
    /// Fails for derived keys, which need another root key, and for shared ones; and if the operating system
    /// gives no random bytes.
    pub fn rotate_and_revoke_all(&self, now: UnixTime) -> Result<KeyId, KeyError> {
        let key = Key::random()?;
        let id = key.id();
        let old = self.keys();
        if let Some(rotation) = self.rotation() {
            self.advance(now);
            self.with_rotating(|rotating, _| {
                let seen = rotating.seen;
                *own_keys(rotating)? = RandomSchedule::new(*rotation, key, seen);
                rotating.extras.clear();
                Ok(())
            })?;
        } else {
            self.change(|ring| {
                ring.active = Arc::new(key);
                ring.entries = vec![Entry { key: Arc::clone(&ring.active), state: KeyState::Active }];
                Ok(())
            })?;
        }
        for (id, _) in old {
            log_events::revoked(id);
        }
        Ok(id)
    }
}

/// Returns the keys of a ring that generates them itself.
fn own_keys(rotating: &mut Rotating) -> Result<&mut RandomSchedule, KeyError> {
    match &mut rotating.keys {
        Keys::Random(timeline) => Ok(timeline),
        Keys::Derived { .. } => Err(KeyError::new(KeyErrorKind::Derived)),
        Keys::Shared(..) => Err(KeyError::new(KeyErrorKind::Shared)),
    }
}
