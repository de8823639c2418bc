//! Random keys, each with the time from which it signs.

use std::{sync::Arc, time::Duration};

use super::{Key, KeyId, KeyState, Rotation, view::View};
use crate::clock::UnixTime;

/// The time is looked at this often, so that it is known until when a key has signed.
pub(super) const STEP: Duration = Duration::from_secs(10);
/// A longer gap may be a jump of the clock; this much of it counts as time that has passed.
const MAX_GAP: Duration = Duration::from_mins(1);
/// So many jumps of [`MAX_GAP`] each are forgiven.
const FORGIVEN: Duration = Duration::from_hours(1);
/// The most keys that are kept, in use or not.
const MAX_SLOTS: usize = 128;

/// Keys in the order in which they sign.
///
/// What a key is for is asked anew for each time: nothing depends on the order in which times are asked for. A key that is
/// out of use is kept for a while, since the clock may return to a time at which it was in use; such a key verifies
/// nothing meanwhile.
// INVARIANT: `slots` is not empty, and sorted by `from`.
pub(super) struct Timeline {
    rotation: Rotation,
    /// Others sign with the same keys, each until its time is over
    is_shared: bool,
    slots: Vec<Slot>,
    seen: UnixTime,
}

struct Slot {
    key: Arc<Key>,
    from: UnixTime,
    /// It may have signed until then
    used_until: Option<UnixTime>,
    /// The clock was set back behind the first key, and this one signed until then nevertheless
    early_until: Option<UnixTime>,
    /// For how long it has been out of use
    idle: Duration,
}

impl Slot {
    fn new(key: Arc<Key>, from: UnixTime) -> Self {
        Self { key, from, used_until: None, early_until: None, idle: Duration::ZERO }
    }
}

/// What a slot is for at one moment.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Use {
    /// In this state until then
    In(KeyState, UnixTime),
    /// Kept, but of no use before then
    Out(UnixTime),
}

/// No time: of no use before it means never again.
const NEVER: UnixTime = UnixTime::from_secs(u64::MAX);

impl Timeline {
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

    /// Returns from when the next key has to sign, if it is time to make one; it needs `notice` before that.
    pub(super) fn due(&self, now: UnixTime, notice: Duration) -> Option<UnixTime> {
        let next = self.next(now).filter(|next| *next <= now.plus(self.rotation.lead()))?;
        Some(next.max(now.plus(notice)))
    }

    /// When the interval of the last key ends that is known to follow the present one.
    fn next(&self, now: UnixTime) -> Option<UnixTime> {
        let interval = self.rotation.interval().as_duration();
        let horizon = now.plus(self.rotation.lead());
        let active = self.active(now);
        let current = self.slots.get(active).map(|slot| slot.from).filter(|from| *from <= now);
        // Before the first key's time a key is wanted at once.
        let (mut from, later) =
            current.map_or((now.minus(interval), active), |from| (from, active.saturating_add(1)));
        for slot in self.slots.iter().skip(later) {
            // One that is announced is next, even if it comes late.
            if slot.from > from.plus(interval).max(horizon) {
                break;
            }
            from = slot.from;
        }
        // At the end of time nothing comes next.
        Some(from.plus(interval)).filter(|next| *next > from)
    }

    pub(super) fn insert(&mut self, key: Key, from: UnixTime) {
        let at = self.slots.partition_point(|slot| slot.from <= from);
        self.slots.insert(at, Slot::new(Arc::new(key), from));
    }

    /// Forgets keys that were announced and never signed.
    pub(super) fn forget_announced(&mut self, now: UnixTime) {
        if self.slots.iter().any(|slot| slot.from <= now) {
            self.slots.retain(|slot| slot.from <= now || slot.used_until.is_some());
        }
    }

    /// Forgets a key, unless it is the one that signs at this time.
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

    /// Takes other keys, such as the shared ones, instead; what is known about those that it has is kept.
    ///
    /// Does nothing without a key.
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

    /// The ids of all keys that are kept, in use or not.
    #[cfg(feature = "key-store")]
    pub(super) fn ids(&self) -> Vec<KeyId> {
        self.slots.iter().map(|slot| slot.key.id()).collect()
    }

    /// The keys at a time, the oldest first, and until when they stay the same; that is no more than [`STEP`] ahead.
    pub(super) fn view(&mut self, now: UnixTime) -> View {
        let passed = now.since(self.seen).min(MAX_GAP);
        self.seen = now;
        let uses: Vec<Use> = (0..self.slots.len()).map(|index| self.use_of(index, now)).collect();
        let until = uses.iter().map(|usage| match usage {
            Use::In(_, until) | Use::Out(until) => *until,
        });
        let mut until = until.min().unwrap_or(NEVER).min(now.plus(STEP));
        if let Some(due) =
            self.next(now).map(|next| next.minus(self.rotation.lead())).filter(|due| *due > now)
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
        View { keys, until }
    }

    /// The last key whose time has begun signs; the first one, if the clock says that none has.
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
        let announced = slot.from.minus(self.rotation.lead());
        if announced <= now {
            return Use::In(KeyState::Pending, slot.from);
        }
        match slot.early_until.map(|early| self.rotation.retirement(early)) {
            Some(retirement) if now < retirement => Use::In(KeyState::VerifyOnly, retirement.min(announced)),
            _ => Use::Out(announced),
        }
    }

    /// Forgets keys that no time will come back for, and the longest unused ones where there are too many.
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

/// What became of a removal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Removal {
    Active,
    Done,
    Unknown,
}
