//! Rotating and revoking by hand.

use std::sync::Arc;

use super::{
    Key, KeyError, KeyErrorKind, KeyId, KeyRing, KeyState, report,
    ring::Entry,
    source::{Keys, Rotating},
    timeline::{Removal, Timeline},
};
use crate::clock::UnixTime;

impl KeyRing {
    /// Adds a random key that signs from now on; the one that did so far still verifies.
    ///
    /// On a ring that rotates, the next key is due an interval from now.
    ///
    /// # Errors
    ///
    /// Fails for keys that are derived, which only the time rotates, and for shared ones; when the ring is full; and when
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

    /// Removes a key: what it signed is refused from the next verification on, whatever its own time says.
    ///
    /// # Errors
    ///
    /// Fails when the ring has no such key, and when it is the active one: [`rotate`](Self::rotate) first, or see
    /// [`rotate_and_revoke_all`](Self::rotate_and_revoke_all). A pending key that is derived cannot be replaced either,
    /// and shared keys are revoked through `SharedKeyRing`.
    ///
    /// # Security
    ///
    /// This process forgets the key. Other machines with the same keys have to be told, and a derived key is back after a
    /// restart: a leak calls for another master.
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
        report::revoked(id);
        Ok(())
    }

    /// Replaces all keys by one new random key, in one step: everything that was signed so far is refused from the next
    /// verification on, so everybody is logged out. The emergency lever.
    ///
    /// # Errors
    ///
    /// Fails for keys that are derived, for which another master is needed, and for shared ones; and when the operating
    /// system gives no random bytes.
    pub fn rotate_and_revoke_all(&self, now: UnixTime) -> Result<KeyId, KeyError> {
        let key = Key::random()?;
        let id = key.id();
        let old = self.keys();
        if let Some(rotation) = self.rotation() {
            self.advance(now);
            self.with_rotating(|rotating, _| {
                let seen = rotating.seen;
                *own_keys(rotating)? = Timeline::new(*rotation, key, seen);
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
            report::revoked(id);
        }
        Ok(id)
    }
}

/// The keys of a ring that makes its own.
fn own_keys(rotating: &mut Rotating) -> Result<&mut Timeline, KeyError> {
    match &mut rotating.keys {
        Keys::Random(timeline) => Ok(timeline),
        Keys::Derived { .. } => Err(KeyError::new(KeyErrorKind::Derived)),
        Keys::Shared(..) => Err(KeyError::new(KeyErrorKind::Shared)),
    }
}
