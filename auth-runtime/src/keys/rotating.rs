//! Rings whose keys change with the time.

use std::{sync::Arc, sync::MutexGuard};

use super::{
    Key, KeyError, KeyErrorKind, KeyRing, KeyState, Rotation,
    epochs::Epochs,
    report,
    ring::{Entry, MAX_KEYS},
    source::{Keys, Rotating, Source},
    timeline::Timeline,
};
use crate::clock::UnixTime;

impl KeyRing {
    /// Makes a ring whose keys are derived from a master secret, another one for each interval of the rotation.
    ///
    /// Machines with the same master and rotation, and clocks that differ by no more than the skew, have the same keys;
    /// they need not talk, and a restart changes nothing. The intervals are counted from 1970.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Key, KeyRing, TicketCookie, clock::{Clock, SystemClock}, keys::Rotation};
    ///
    /// # let secret = "p8U1wYxk0m3TnQvH2sZ7eJrLbC9dXaGfKiEoNuVtWyA";
    /// let master = Key::from_base64(secret)?;
    /// let ring = KeyRing::derived(master, Rotation::every("30d")?, SystemClock.now())?;
    /// let policy = TicketCookie::new(ring);
    /// # let _ = policy;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when the rotation would need more than 64 keys at a time.
    ///
    /// # Security
    ///
    /// Whoever has the master has all keys, past and future: the rotation limits what a single derived key is worth, not
    /// what the master is. To replace the master, see [`with_previous_master`](Self::with_previous_master).
    ///
    /// The keys follow from the time alone, so a clock that jumps, either way, has no effect after it is set right, and
    /// nothing is refused on account of its key that the time alone would let pass. While a clock is wrong by more than
    /// the lead, other machines do not know what is signed, nor would they take it.
    pub fn derived(master: Key, rotation: Rotation, now: UnixTime) -> Result<Self, KeyError> {
        rotation.check()?;
        let own = Epochs::new(master, rotation);
        Self::of(Keys::Derived { own, previous: Vec::new(), revoked: Vec::new() }, rotation, now)
    }

    /// Verifies also what the keys derived from another master signed, or from the same one with another rotation.
    ///
    /// To replace the master without ending anything: add the new one here on all machines, then exchange the two on all
    /// machines, and leave the old one out after the credential lifetime.
    ///
    /// # Errors
    ///
    /// Fails on rings that are not [`derived`](Self::derived), when the rotation would need more than 64 keys at a time,
    /// and when these keys are in the ring already.
    pub fn with_previous_master(self, master: Key, rotation: Rotation) -> Result<Self, KeyError> {
        rotation.check()?;
        self.with_rotating(|rotating, known| {
            let Keys::Derived { previous, .. } = &mut rotating.keys else {
                return Err(KeyError::new(KeyErrorKind::Rotating));
            };
            let mut other = Epochs::new(master, rotation);
            let keys = other.view(rotating.seen, &[]).keys;
            if keys.iter().any(|(key, _)| known.iter().any(|entry| entry.key.id() == key.id())) {
                return Err(KeyError::new(KeyErrorKind::Duplicate));
            }
            previous.push(other);
            Ok(())
        })?;
        Ok(self)
    }

    /// Makes a ring of random keys, with a new one for each interval of the rotation; what they sign is worthless after a
    /// restart and to other machines.
    ///
    /// # Errors
    ///
    /// Fails when the rotation would need more than 64 keys at a time, and when the operating system gives no random
    /// bytes. Where it gives none later, the present key signs on, an event tells so, and it is tried again.
    ///
    /// # Security
    ///
    /// Which key signs and which ones verify follows from the time and from when each key was made. When the clock jumps
    /// ahead, keys go out of use but are kept, and when it comes back, they are in use again; a key is wiped when it was
    /// out of use for the credential lifetime, the skew and an hour. When the clock is set back, the key of that time
    /// signs again. Jumps are told apart from time that passes by their size: a step of more than a minute counts as a minute.
    pub fn rotating(rotation: Rotation, now: UnixTime) -> Result<Self, KeyError> {
        rotation.check()?;
        Self::of(Keys::Random(Timeline::new(rotation, Key::random()?, now)), rotation, now)
    }

    pub(super) fn of(keys: Keys, rotation: Rotation, now: UnixTime) -> Result<Self, KeyError> {
        let mut rotating = Box::new(Rotating::new(keys, now));
        rotating.make_due()?;
        let (entries, _) = rotating.view();
        let active = active(&entries).ok_or(KeyError::new(KeyErrorKind::Unknown))?;
        Ok(Self::with_source(Source::Rotating(rotating), active, entries, Some(rotation)))
    }

    /// Returns how the ring rotates by itself, if it does.
    #[must_use]
    pub fn rotation(&self) -> Option<&Rotation> {
        self.shared.rotation.as_ref()
    }

    /// Brings the ring to this time: keys that are due are made and used, and those whose time is over retire.
    ///
    /// Policies call it before they sign or verify, so a rotation needs no task that could die. It costs two comparisons
    /// unless there is something to do. Rings that do not rotate by themselves are the same at all times.
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
        // A little back is not a jump; machines and threads differ by as much.
        rotating.seen = if is_set_back { now } else { now.max(seen) };
        let made = rotating.make_due();
        let refresh = match &rotating.keys {
            Keys::Shared(_, refresh) => Some(Arc::clone(refresh)),
            Keys::Derived { .. } | Keys::Random(_) => None,
        };
        self.show(source);
        if is_set_back {
            report::clock_went_back(seen, now);
        }
        if let Err(error) = made {
            report::not_rotated(&error);
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

    /// Changes what the ring rotates through, and shows the result.
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
            report::not_rotated(&error);
        }
        self.report(&old);
        Ok(answer)
    }

    /// Publishes the keys of the latest time, where they are others than before, and lets go of the lock.
    fn show(&self, mut source: MutexGuard<'_, Source>) {
        let Source::Rotating(rotating) = &mut *source else { return };
        let (entries, until) = rotating.view();
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
