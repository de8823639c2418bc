//! Creates key rings of shared keys and replaces their keys, for [`SharedKeyRing`](crate::SharedKeyRing).

use std::sync::Arc;

use super::{
    Key, KeyError, KeyErrorKind, KeyId, KeyRing, Refresh, Rotation,
    fixed_or_rotating_keys::{Keys, Source},
    random_schedule::RandomSchedule,
};
use crate::clock::UnixTime;

impl KeyRing {
    /// Creates a ring of shared keys, each with the time from which it signs; at least one.
    pub(crate) fn of_shared(
        rotation: Rotation,
        keys: Vec<(UnixTime, Key)>,
        refresh: impl Refresh,
        now: UnixTime,
    ) -> Result<Self, KeyError> {
        rotation.check()?;
        let mut keys = keys.into_iter();
        let (from, first) = keys.next().ok_or(KeyError::new(KeyErrorKind::Unknown))?;
        let mut timeline = RandomSchedule::new(rotation, first, from).shared();
        keys.for_each(|(from, key)| timeline.insert(key, from));
        Self::of(Keys::Shared(timeline, Arc::new(refresh)), rotation, now)
    }

    /// Replaces the shared keys.
    pub(crate) fn take_shared(&self, keys: Vec<(UnixTime, Key)>) -> Result<(), KeyError> {
        self.with_rotating(|rotating, _| {
            if let Keys::Shared(timeline, _) = &mut rotating.keys {
                timeline.replace(keys);
            }
            Ok(())
        })
    }

    /// Returns the time from which the next shared key has to sign, if it is due.
    pub(crate) fn shared_due(&self) -> Option<UnixTime> {
        let source = self.lock();
        let Source::Rotating(rotating) = &*source else { return None };
        let Keys::Shared(timeline, _) = &rotating.keys else { return None };
        timeline.due(rotating.seen, rotating.rotation().activation_delay())
    }

    /// Returns the ids of the shared keys that are or may be needed.
    pub(crate) fn shared_kept(&self) -> Vec<KeyId> {
        match &*self.lock() {
            Source::Rotating(rotating) => match &rotating.keys {
                Keys::Shared(timeline, _) => timeline.ids(),
                Keys::Derived { .. } | Keys::Random(_) => Vec::new(),
            },
            Source::Fixed => Vec::new(),
        }
    }
}
