//! Supplies the keys of a ring, fixed or rotating: [`Source`].

use std::{sync::Arc, time::Duration};

use super::{
    Key, KeyError, KeyId, KeyRing, KeyState, Rotation,
    active_keys::ActiveKeys,
    derived_schedule::DerivedSchedule,
    key_ring::Entry,
    random_schedule::{RandomSchedule, Removal},
};
use crate::clock::UnixTime;

/// The source of a ring's keys.
pub(super) enum Source {
    /// Manual, by the application
    Fixed,
    Rotating(Box<Rotating>),
}

pub(super) struct Rotating {
    pub(super) keys: Keys,
    /// Additional keys, which only verify
    pub(super) extras: Vec<Arc<Key>>,
    /// The latest time, unless the clock was set back by more than the skew
    pub(super) seen: UnixTime,
}

pub(super) enum Keys {
    Derived {
        own: DerivedSchedule,
        /// Keys of other root keys, which only verify
        previous: Vec<DerivedSchedule>,
        revoked: Vec<KeyId>,
    },
    Random(RandomSchedule),
    #[cfg_attr(not(feature = "key-store"), expect(dead_code, reason = "made where stores are"))]
    Shared(RandomSchedule, Arc<dyn Refresh>),
}

/// Refreshes shared keys.
pub(crate) trait Refresh: Send + Sync + 'static {
    /// Called when the ring is used. It must not block.
    fn look(&self, ring: &KeyRing, now: UnixTime);
}

impl Rotating {
    pub(super) const fn new(keys: Keys, now: UnixTime) -> Self {
        Self { keys, extras: Vec::new(), seen: now }
    }

    pub(super) const fn rotation(&self) -> &Rotation {
        match &self.keys {
            Keys::Derived { own, .. } => own.rotation(),
            Keys::Random(timeline) | Keys::Shared(timeline, _) => timeline.rotation(),
        }
    }

    /// Generates due keys. A failure is harmless: the present keys stay in use, and it is retried.
    pub(super) fn make_due(&mut self) -> Result<(), KeyError> {
        if let Keys::Random(timeline) = &mut self.keys {
            while let Some(from) = timeline.due(self.seen, Duration::ZERO) {
                timeline.insert(Key::random()?, from);
            }
        }
        Ok(())
    }

    /// Returns all keys at the latest time, and until when they stay the same.
    pub(super) fn active_keys(&mut self) -> (Vec<Entry>, UnixTime) {
        let now = self.seen;
        let mut entries: Vec<Entry> = self
            .extras
            .iter()
            .map(|key| Entry { key: Arc::clone(key), state: KeyState::VerifyOnly })
            .collect();
        let ActiveKeys { keys, mut until } = match &mut self.keys {
            Keys::Derived { own, previous, revoked } => {
                let view = own.active_keys(now, revoked);
                let mut until = view.until;
                for other in previous {
                    let other = other.active_keys(now, revoked);
                    until = until.min(other.until);
                    let keys = other.keys.into_iter();
                    entries.extend(keys.map(|(key, _)| Entry { key, state: KeyState::VerifyOnly }));
                }
                ActiveKeys { until, ..view }
            }
            Keys::Random(timeline) | Keys::Shared(timeline, _) => timeline.active_keys(now),
        };
        // Look at the time regularly, to notice a clock that is set back.
        until = until.min(now.plus(super::random_schedule::STEP));
        entries.extend(keys.into_iter().map(|(key, state)| Entry { key, state }));
        (entries, until)
    }

    /// Removes a key that does not sign.
    pub(super) fn remove(&mut self, id: KeyId, state: Option<KeyState>) -> Removal {
        if self.extras.iter().any(|key| key.id() == id) {
            self.extras.retain(|key| key.id() != id);
            return Removal::Done;
        }
        match (&mut self.keys, state) {
            (Keys::Derived { revoked, .. }, Some(KeyState::VerifyOnly)) => {
                revoked.push(id);
                Removal::Done
            }
            // It will have to sign, and no other key can take its place.
            (Keys::Derived { .. }, Some(_)) => Removal::Active,
            (Keys::Derived { .. }, None) => Removal::Unknown,
            (Keys::Random(timeline) | Keys::Shared(timeline, _), _) => timeline.remove(id, self.seen),
        }
    }
}
