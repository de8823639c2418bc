//! Schedules keys that are derived from a root key and the time: [`DerivedSchedule`].

use std::sync::Arc;

use super::{Key, KeyId, KeyState, Rotation, active_keys::ActiveKeys};
use crate::clock::UnixTime;

/// The keys of all intervals; the present ones are cached.
///
/// Keys depend only on the requested time. No state is carried over, so a clock jump has no effect after it
/// is corrected.
pub(super) struct DerivedSchedule {
    root: Key,
    rotation: Rotation,
    known: Vec<(u64, Arc<Key>)>,
}

impl DerivedSchedule {
    pub(super) fn new(root: Key, rotation: Rotation) -> Self {
        Self { root, rotation, known: Vec::new() }
    }

    pub(super) const fn rotation(&self) -> &Rotation {
        &self.rotation
    }

    /// Returns the keys at a time, oldest first, and until when they stay the same.
    pub(super) fn active_keys(&mut self, now: UnixTime, revoked: &[KeyId]) -> ActiveKeys {
        let interval = self.rotation.interval();
        let ahead = self.rotation.activation_delay();
        let after = self.rotation.after_use();
        let active = interval.count_until(now);
        // The key of an interval retires when `after_use` has passed since its end.
        let first = interval.count_until(now.minus(after));
        let last = interval.count_until(now.plus(ahead));
        let start = |epoch: u64| UnixTime::from_secs(epoch.saturating_mul(interval.as_secs()));

        let known = std::mem::take(&mut self.known);
        for epoch in first..=last {
            let found = known.iter().find(|(other, _)| *other == epoch).map(|(_, key)| Arc::clone(key));
            let key = found.unwrap_or_else(|| Arc::new(self.root.of_epoch(interval.as_secs(), epoch)));
            self.known.push((epoch, key));
        }
        let keys = self.known.iter().map(|(epoch, key)| {
            let state = match epoch.cmp(&active) {
                std::cmp::Ordering::Less => KeyState::VerifyOnly,
                std::cmp::Ordering::Equal => KeyState::Active,
                std::cmp::Ordering::Greater => KeyState::Pending,
            };
            (Arc::clone(key), state)
        });
        ActiveKeys {
            keys: keys.filter(|(key, _)| !revoked.contains(&key.id())).collect(),
            until: start(first.saturating_add(1))
                .plus(after)
                .min(start(active.saturating_add(1)))
                .min(start(last.saturating_add(1)).minus(ahead)),
        }
    }
}
