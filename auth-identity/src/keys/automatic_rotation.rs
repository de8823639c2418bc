//! Rotates key rings automatically.

use std::{sync::Arc, sync::MutexGuard};

use super::{
    Key, KeyError, KeyErrorKind, KeyRing, KeyState, Rotation,
    derived_schedule::DerivedSchedule,
    fixed_or_rotating_keys::{Keys, Rotating, Source},
    key_ring::{Entry, MAX_KEYS},
    log_events,
    random_schedule::RandomSchedule,
};
use crate::clock::UnixTime;

impl KeyRing {
    /// Creates a ring whose keys are derived from a root key, one for each interval of the rotation.
    ///
    /// Instances with the same root key and rotation, and clocks that differ by at most the skew, have the
    /// same keys. They need no communication, and a restart changes nothing. Intervals count from 1970.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Key, KeyRing, TicketCookie, clock::{Clock, SystemClock}, keys::Rotation};
    ///
    /// # let secret = "p8U1wYxk0m3TnQvH2sZ7eJrLbC9dXaGfKiEoNuVtWyA";
    /// let root = Key::from_base64(secret)?;
    /// let ring = KeyRing::derived(root, Rotation::every("30d")?, SystemClock.now())?;
    /// let policy = TicketCookie::new(ring);
    /// # let _ = policy;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the rotation would need more than 64 keys at a time.
    ///
    /// # Security
    ///
    /// Anyone who has the root key has all keys, past and future. The rotation limits the value of a leaked
    /// derived key, not of a leaked root key. To replace the root key, see
    /// [`with_previous_root_key`](Self::with_previous_root_key).
    ///
    /// The keys depend on the time alone, so a clock jump has no effect after it is corrected. While a clock
    /// is wrong by more than the activation delay, other instances do not accept what is signed, and this one
    /// does not accept theirs.
    pub fn derived(root: Key, rotation: Rotation, now: UnixTime) -> Result<Self, KeyError> {
        rotation.check()?;
        let own = DerivedSchedule::new(root, rotation);
        Self::of(Keys::Derived { own, previous: Vec::new(), revoked: Vec::new() }, rotation, now)
    }

    /// Also verifies signatures of keys from another root key, or from the same one with another rotation.
    ///
    /// To replace the root key without ending sessions, add the new one here on all instances, then exchange
    /// the two on all instances, and remove the old one after the credential lifetime.
    ///
    /// # Errors
    ///
    /// Fails for rings that are not [`derived`](Self::derived), if the rotation would need more than 64 keys
    /// at a time, and if the ring has these keys already.
    pub fn with_previous_root_key(self, root: Key, rotation: Rotation) -> Result<Self, KeyError> {
        rotation.check()?;
        self.with_rotating(|rotating, known| {
            let Keys::Derived { previous, .. } = &mut rotating.keys else {
                return Err(KeyError::new(KeyErrorKind::Rotating));
            };
            let mut other = DerivedSchedule::new(root, rotation);
            let keys = other.active_keys(rotating.seen, &[]).keys;
            if keys.iter().any(|(key, _)| known.iter().any(|entry| entry.key.id() == key.id())) {
                return Err(KeyError::new(KeyErrorKind::Duplicate));
            }
            previous.push(other);
            Ok(())
        })?;
        Ok(self)
    }

    /// Creates a ring of random keys, with a new one for each interval of the rotation. Its signatures are
    /// not valid after a restart or on other instances.
    ///
    /// # Errors
    ///
    /// Fails if the rotation would need more than 64 keys at a time, or the operating system gives no random
    /// bytes. If it gives none later, the present key continues to sign, an event is logged, and it is
    /// retried.
    ///
    /// # Security
    ///
    /// The time, and the time at which a key was generated, decide which key signs and which ones verify.
    /// When the clock jumps ahead, keys go out of use but are kept; when it comes back, they are in use
    /// again. A key is wiped after it was out of use for the credential lifetime, the skew and an hour. When
    /// the clock is set back, the key of that time signs again. A step of more than a minute counts as a jump
    /// of a minute.
    pub fn rotating(rotation: Rotation, now: UnixTime) -> Result<Self, KeyError> {
        rotation.check()?;
        Self::of(Keys::Random(RandomSchedule::new(rotation, Key::random()?, now)), rotation, now)
    }

    pub(super) fn of(keys: Keys, rotation: Rotation, now: UnixTime) -> Result<Self, KeyError> {
        let mut rotating = Box::new(Rotating::new(keys, now));
        rotating.make_due()?;
        let (entries, _) = rotating.active_keys();
        let active = active(&entries).ok_or(KeyError::new(KeyErrorKind::Unknown))?;
        Ok(Self::with_source(Source::Rotating(rotating), active, entries, Some(rotation)))
    }

    /// Returns the rotation, if the ring rotates automatically.
    #[must_use]
    pub fn rotation(&self) -> Option<&Rotation> {
        self.shared.rotation.as_ref()
    }

    /// Advances the ring to this time: due keys are generated and used, and expired ones retire.
    ///
    /// Policies call it before they sign or verify, so rotation needs no background task. It costs two
    /// comparisons if nothing is due. It has no effect on rings without rotation.
    #[inline]
    pub fn advance(&self, now: UnixTime) {
        if !self.serves(now) {
            self.catch_up(now);
        }
    }

    #[cold]
    fn catch_up(&self, now: UnixTime) {
        let mut source = self.lock();
        let Source::Rotating(rotating) = &mut *source else { return };
        let old = self.snapshot();
        let seen = rotating.seen;
        let is_set_back = seen.since(now) > rotating.rotation().skew();
        // A small step back is not a jump; instances and threads differ by as much.
        rotating.seen = if is_set_back { now } else { now.max(seen) };
        let made = rotating.make_due();
        let refresh = match &rotating.keys {
            Keys::Shared(_, refresh) => Some(Arc::clone(refresh)),
            Keys::Derived { .. } | Keys::Random(_) => None,
        };
        self.show(source);
        if is_set_back {
            log_events::clock_went_back(seen, now);
        }
        if let Err(error) = made {
            log_events::not_rotated(&error);
        }
        self.report(&old);
        if let Some(refresh) = refresh {
            refresh.look(self, now);
        }
    }

    pub(super) fn add_extra(&self, key: Key) -> Result<(), KeyError> {
        self.with_rotating(|rotating, known| {
            if known.iter().any(|entry| entry.key.id() == key.id()) {
                return Err(KeyError::new(KeyErrorKind::Duplicate));
            }
            if rotating.extras.len() >= MAX_KEYS {
                return Err(KeyError::new(KeyErrorKind::RingFull));
            }
            rotating.extras.push(Arc::new(key));
            Ok(())
        })
    }

    /// Changes the rotation's keys and publishes the result.
    pub(super) fn with_rotating<T>(
        &self,
        change: impl FnOnce(&mut Rotating, &[Entry]) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let mut source = self.lock();
        let Source::Rotating(rotating) = &mut *source else {
            return Err(KeyError::new(KeyErrorKind::Rotating));
        };
        let old = self.snapshot();
        let answer = change(rotating, &old.entries)?;
        let made = rotating.make_due();
        self.show(source);
        if let Err(error) = made {
            log_events::not_rotated(&error);
        }
        self.report(&old);
        Ok(answer)
    }

    /// Publishes the keys of the latest time if they changed, and releases the lock.
    fn show(&self, mut source: MutexGuard<'_, Source>) {
        let Source::Rotating(rotating) = &mut *source else { return };
        let (entries, until) = rotating.active_keys();
        let from = rotating.seen.minus(rotating.rotation().skew());
        let present = self.snapshot();
        let is_same = present.entries.len() == entries.len()
            && present.entries.iter().zip(&entries).all(|(old, new)| old.is(new));
        if !is_same && let Some(active) = active(&entries) {
            self.publish(&source, active, entries);
        }
        self.set_service(&source, from, until);
    }
}

fn active(entries: &[Entry]) -> Option<Arc<Key>> {
    entries.iter().find(|entry| entry.state == KeyState::Active).map(|entry| Arc::clone(&entry.key))
}
