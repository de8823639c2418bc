//! Where a ring's keys come from.

use std::{sync::Arc, time::Duration};

use super::{
    Key, KeyError, KeyId, KeyRing, KeyState, Rotation,
    epochs::Epochs,
    ring::Entry,
    timeline::{Removal, Timeline},
    view::View,
};
use crate::clock::UnixTime;

/// Where a ring's keys come from.
pub(super) enum Source {
    /// From the application, one by one
    Fixed,
    Rotating(Box<Rotating>),
}

pub(super) struct Rotating {
    pub(super) keys: Keys,
    /// Keys besides, which verify
    pub(super) extras: Vec<Arc<Key>>,
    /// The latest time, as far as the clock was not set back by more than the skew
    pub(super) seen: UnixTime,
}

pub(super) enum Keys {
    Derived {
        own: Epochs,
        /// Those of other masters, which verify
        previous: Vec<Epochs>,
        revoked: Vec<KeyId>,
    },
    Random(Timeline),
    #[cfg_attr(not(feature = "key-store"), expect(dead_code, reason = "made where stores are"))]
    Shared(Timeline, Arc<dyn Refresh>),
}

/// Who reads shared keys anew.
pub(crate) trait Refresh: Send + Sync + 'static {
    /// The ring is used; it may be time to read the keys. This must return at once.
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

    /// Makes the keys that are due. A failure is harmless: the present keys serve on, and it is tried again.
    pub(super) fn make_due(&mut self) -> Result<(), KeyError> {
        if let Keys::Random(timeline) = &mut self.keys {
            while let Some(from) = timeline.due(self.seen, Duration::ZERO) {
                timeline.insert(Key::random()?, from);
            }
        }
        Ok(())
    }

    /// All keys at the latest time, and until when they stay the same.
    pub(super) fn view(&mut self) -> (Vec<Entry>, UnixTime) {
        let now = self.seen;
        let mut entries: Vec<Entry> = self
            .extras
            .iter()
            .map(|key| Entry { key: Arc::clone(key), state: KeyState::VerifyOnly })
            .collect();
        let View { keys, mut until } = match &mut self.keys {
            Keys::Derived { own, previous, revoked } => {
                let view = own.view(now, revoked);
                let mut until = view.until;
                for other in previous {
                    let other = other.view(now, revoked);
                    until = until.min(other.until);
                    let keys = other.keys.into_iter();
                    entries.extend(keys.map(|(key, _)| Entry { key, state: KeyState::VerifyOnly }));
                }
                View { until, ..view }
            }
            Keys::Random(timeline) | Keys::Shared(timeline, _) => timeline.view(now),
        };
        // The time is looked at now and then, so that a clock that is set back is noticed.
        until = until.min(now.plus(super::timeline::STEP));
        entries.extend(keys.into_iter().map(|(key, state)| Entry { key, state }));
        (entries, until)
    }

    /// Forgets a key that does not sign.
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
            // It will have to sign, and there is no other one to take its place.
            (Keys::Derived { .. }, Some(_)) => Removal::Active,
            (Keys::Derived { .. }, None) => Removal::Unknown,
            (Keys::Random(timeline) | Keys::Shared(timeline, _), _) => timeline.remove(id, self.seen),
        }
    }
}
