//! Schedules random keys, each with the time from which it signs: [`RandomSchedule`].

use std::{sync::Arc, time::Duration};

use super::{Key, KeyId, KeyState, Rotation, active_keys::ActiveKeys};
use crate::clock::UnixTime;

/// The interval at which the time is recorded, to know until when a key has signed.
pub(super) const STEP: Duration = Duration::from_secs(10);
/// A longer gap may be a clock jump and counts as this much time.
const MAX_GAP: Duration = Duration::from_mins(1);
/// The total of clock jumps that is tolerated.
const FORGIVEN: Duration = Duration::from_hours(1);
/// The maximum number of keys, in use or not.
const MAX_SLOTS: usize = 128;

/// Keys in the order in which they sign.
///
/// The use of a key is computed for each time, regardless of the order of calls. A key that is out of use is
/// kept for a while, because the clock may return to a time at which it was in use; meanwhile it verifies
/// nothing.
// INVARIANT: `slots` is not empty, and sorted by `from`.
pub(super) struct RandomSchedule {
    rotation: Rotation,
    /// Other instances sign with the same keys, each until its expiry
    is_shared: bool,
    slots: Vec<Slot>,
    seen: UnixTime,
}

struct Slot {
    key: Arc<Key>,
    from: UnixTime,
    /// It may have signed until this time
    used_until: Option<UnixTime>,
    /// The clock was set back before the first key, which nevertheless signed until this time
    early_until: Option<UnixTime>,
    /// How long it has been out of use
    idle: Duration,
}

impl Slot {
    fn new(key: Arc<Key>, from: UnixTime) -> Self {
        Self { key, from, used_until: None, early_until: None, idle: Duration::ZERO }
    }
}

/// The use of a slot at one moment.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Use {
    /// In this state until then
    In(KeyState, UnixTime),
    /// Kept, but not used before then
    Out(UnixTime),
}

/// The end of time: never used again.
const NEVER: UnixTime = UnixTime::from_secs(u64::MAX);

impl RandomSchedule {
    pub(super) fn new(rotation: Rotation, first: Key, now: UnixTime) -> Self {
        Self { rotation, is_shared: false, slots: vec![Slot::new(Arc::new(first), now)], seen: now }
    }

    #[cfg(feature = "key-store")]
    pub(super) const fn shared(mut self) -> Self {
        self.is_shared = true;
        self
    }

    pub(super) const fn rotation(&self) -> &Rotation {
        &self.rotation
    }

    /// Returns the time from which the next key has to sign, if it is due; `notice` is needed before that.
    pub(super) fn due(&self, now: UnixTime, notice: Duration) -> Option<UnixTime> {
        let next = self.next(now).filter(|next| *next <= now.plus(self.rotation.activation_delay()))?;
        Some(next.max(now.plus(notice)))
    }

    /// Returns when the interval of the last known key ends.
    fn next(&self, now: UnixTime) -> Option<UnixTime> {
        let interval = self.rotation.interval().as_duration();
        let horizon = now.plus(self.rotation.activation_delay());
        let active = self.active(now);
        let current = self.slots.get(active).map(|slot| slot.from).filter(|from| *from <= now);
        // Before the time of the first key, a key is needed immediately.
        let (mut from, later) =
            current.map_or((now.minus(interval), active), |from| (from, active.saturating_add(1)));
        for slot in self.slots.iter().skip(later) {
            // A published key is next, even if it is late.
            if slot.from > from.plus(interval).max(horizon) {
                break;
            }
            from = slot.from;
        }
        // Nothing follows the end of time.
        Some(from.plus(interval)).filter(|next| *next > from)
    }

    pub(super) fn insert(&mut self, key: Key, from: UnixTime) {
        let at = self.slots.partition_point(|slot| slot.from <= from);
        self.slots.insert(at, Slot::new(Arc::new(key), from));
    }

    /// Removes keys that were published but never signed.
    pub(super) fn forget_announced(&mut self, now: UnixTime) {
        if self.slots.iter().any(|slot| slot.from <= now) {
            self.slots.retain(|slot| slot.from <= now || slot.used_until.is_some());
        }
    }

    /// Removes a key, unless it signs at this time.
    pub(super) fn remove(&mut self, id: KeyId, now: UnixTime) -> Removal {
        let Some(index) = self.slots.iter().position(|slot| slot.key.id() == id) else {
            return Removal::Unknown;
        };
        if index == self.active(now) {
            return Removal::Active;
        }
        self.slots.remove(index);
        Removal::Done
    }

    /// Replaces the keys, for example by shared ones, and keeps what is known about those that stay.
    ///
    /// Does nothing if `keys` is empty.
    #[cfg(feature = "key-store")]
    pub(super) fn replace(&mut self, keys: Vec<(UnixTime, Key)>) {
        if keys.is_empty() {
            return;
        }
        let old = std::mem::take(&mut self.slots);
        let mut old: Vec<_> = old.into_iter().map(Some).collect();
        for (from, key) in keys {
            let known =
                old.iter_mut().find(|slot| slot.as_ref().is_some_and(|slot| slot.key.id() == key.id()));
            let slot = known.and_then(Option::take).unwrap_or_else(|| Slot::new(Arc::new(key), from));
            self.slots.push(Slot { from, ..slot });
        }
        self.slots.sort_by_key(|slot| slot.from);
    }

    pub(super) fn has_room(&self) -> bool {
        self.slots.len() < MAX_SLOTS
    }

    /// Returns the ids of all kept keys, in use or not.
    #[cfg(feature = "key-store")]
    pub(super) fn ids(&self) -> Vec<KeyId> {
        self.slots.iter().map(|slot| slot.key.id()).collect()
    }

    /// Returns the keys at a time, oldest first, and until when they stay the same: at most [`STEP`] ahead.
    pub(super) fn active_keys(&mut self, now: UnixTime) -> ActiveKeys {
        let passed = now.since(self.seen).min(MAX_GAP);
        self.seen = now;
        let uses: Vec<Use> = (0..self.slots.len()).map(|index| self.use_of(index, now)).collect();
        let until = uses.iter().map(|usage| match usage {
            Use::In(_, until) | Use::Out(until) => *until,
        });
        let mut until = until.min().unwrap_or(NEVER).min(now.plus(STEP));
        if let Some(due) =
            self.next(now).map(|next| next.minus(self.rotation.activation_delay())).filter(|due| *due > now)
        {
            until = until.min(due);
        }

        let mut keys = Vec::with_capacity(self.slots.len());
        for (slot, usage) in self.slots.iter_mut().zip(&uses) {
            let Use::In(state, _) = usage else {
                slot.idle = slot.idle.saturating_add(passed);
                continue;
            };
            slot.idle = Duration::ZERO;
            if *state == KeyState::Active {
                let end = if slot.from > now { &mut slot.early_until } else { &mut slot.used_until };
                *end = (*end).max(Some(until));
            }
            keys.push((Arc::clone(&slot.key), *state));
        }
        self.drop_unused();
        ActiveKeys { keys, until }
    }

    /// Returns the last key whose time has begun, or the first one if the clock says that none has.
    fn active(&self, now: UnixTime) -> usize {
        self.slots.partition_point(|slot| slot.from <= now).saturating_sub(1)
    }

    fn use_of(&self, index: usize, now: UnixTime) -> Use {
        let Some(slot) = self.slots.get(index) else { return Use::Out(NEVER) };
        let next = self.slots.get(index.saturating_add(1)).map_or(NEVER, |slot| slot.from);
        let active = self.active(now);
        if index == active {
            return Use::In(KeyState::Active, if slot.from > now { slot.from } else { next });
        }
        if index < active {
            let end = if self.is_shared { slot.used_until.max(Some(next)) } else { slot.used_until };
            return match end.map(|end| self.rotation.retirement(end)) {
                Some(retirement) if now < retirement => Use::In(KeyState::VerifyOnly, retirement),
                _ => Use::Out(NEVER),
            };
        }
        let announced = slot.from.minus(self.rotation.activation_delay());
        if announced <= now {
            return Use::In(KeyState::Pending, slot.from);
        }
        match slot.early_until.map(|early| self.rotation.retirement(early)) {
            Some(retirement) if now < retirement => Use::In(KeyState::VerifyOnly, retirement.min(announced)),
            _ => Use::Out(announced),
        }
    }

    /// Removes keys that will not be used again, and the longest unused ones if there are too many.
    fn drop_unused(&mut self) {
        let kept_for = self.rotation.after_use().saturating_add(FORGIVEN);
        self.slots.retain(|slot| slot.idle < kept_for);
        while self.slots.len() > MAX_SLOTS {
            let unused = self.slots.iter().enumerate().filter(|(_, slot)| !slot.idle.is_zero());
            let Some((index, _)) = unused.max_by_key(|(_, slot)| slot.idle) else { return };
            self.slots.remove(index);
        }
    }
}

/// The result of a removal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Removal {
    Active,
    Done,
    Unknown,
}
