//! Keys that follow from a master secret and the time.

use std::sync::Arc;

use super::{Key, KeyId, KeyState, Rotation, view::View};
use crate::clock::UnixTime;

/// The keys of all intervals, of which the present ones are kept.
///
/// Everything follows from the time that is asked for: no state is carried from one question to the next, so no jump of
/// the clock has a consequence after it is undone.
pub(super) struct Epochs {
    master: Key,
    rotation: Rotation,
    known: Vec<(u64, Arc<Key>)>,
}

impl Epochs {
    pub(super) fn new(master: Key, rotation: Rotation) -> Self {
        Self { master, rotation, known: Vec::new() }
    }

    pub(super) const fn rotation(&self) -> &Rotation {
        &self.rotation
    }

    /// The keys at a time, the oldest first, and until when they stay the same.
    pub(super) fn view(&mut self, now: UnixTime, revoked: &[KeyId]) -> View {
        let interval = self.rotation.interval();
        let ahead = self.rotation.lead();
        let after = self.rotation.after_use();
        let active = interval.count_until(now);
        // The key of an epoch retires when all of `after` has passed since the epoch's end.
        let first = interval.count_until(now.minus(after));
        let last = interval.count_until(now.plus(ahead));
        let start = |epoch: u64| UnixTime::from_secs(epoch.saturating_mul(interval.as_secs()));

        let known = std::mem::take(&mut self.known);
        for epoch in first..=last {
            let found = known.iter().find(|(other, _)| *other == epoch).map(|(_, key)| Arc::clone(key));
            let key = found.unwrap_or_else(|| Arc::new(self.master.of_epoch(interval.as_secs(), epoch)));
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
        View {
            keys: keys.filter(|(key, _)| !revoked.contains(&key.id())).collect(),
            until: start(first.saturating_add(1))
                .plus(after)
                .min(start(active.saturating_add(1)))
                .min(start(last.saturating_add(1)).minus(ahead)),
        }
    }
}
