//! Prevents a late response from undoing a newer one of the same browser (race condition):
//! [`LateResponseCheck`].
//!
//! A stateless cookie does not reflect what happened since it was sent. A slow request that renews it, or
//! writes its data, would log the browser in again after a log-out, replace a later log-in, or restore an old
//! cart. So each layer records for [five minutes](KEPT) which log-ins were ended by a response, and which
//! revision of a cookie's data was written last.
//!
//! A revocation list cannot do that: a log-in that was replaced in one browser may still be valid elsewhere.
//! A revocation list also has to fail when it is full, whereas this record may evict entries.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use auth_identity::__private::presented::LoginKey;

use crate::{
    clock::UnixTime,
    identity::{Identified, Identity},
};

/// How long entries are kept; no request lasts longer.
const KEPT: Duration = Duration::from_mins(5);
/// The capacity in users, and in cookies with data; the oldest entries are evicted.
const CAPACITY: usize = 32_768;
/// The capacity in ended log-ins per user, so that the log-outs of one user do not evict those of others.
const PER_USER: usize = 16;

/// The recent responses of one layer.
#[derive(Default)]
pub(crate) struct LateResponseCheck(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// The ended log-ins of each user
    ended: Recent<Identity, VecDeque<(LoginKey, UnixTime)>>,
    /// The newest revision of each cookie with data; `None` once that of an anonymous client was replaced or
    /// removed
    newest: Recent<LoginKey, Option<u64>>,
}

impl LateResponseCheck {
    /// A change is a single insertion, so a panic while the lock was held leaves a consistent state.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether a response has ended a log-in that the request carried.
    pub(crate) fn has_ended(&self, carried: &Identified, now: UnixTime) -> bool {
        let mut keys = carried.login_keys().peekable();
        keys.peek().is_some() && {
            let kept = self.lock();
            keys.any(|(key, _)| kept.has_ended(&key, now))
        }
    }

    /// Returns whether the credential of the request may be renewed: its log-in has not ended, and nothing
    /// newer was written. If so, records `renewed` as the newest revision.
    pub(crate) fn renew(&self, carried: &Identified, renewed: Option<&Identified>, now: UnixTime) -> bool {
        let mut kept = self.lock();
        let is_late = carried.login_keys().any(|(key, revision)| {
            let newest = kept.newest.get(&key, now).copied().flatten();
            kept.has_ended(&key, now) || newest > revision
        });
        if !is_late {
            renewed.into_iter().flat_map(Identified::login_keys).for_each(|written| kept.wrote(written, now));
        }
        !is_late
    }

    /// Records that a response replaces or removes the credential of the request.
    pub(crate) fn changed(&self, carried: &Identified, current: &Identified, now: UnixTime) {
        let current: Vec<_> = current.login_keys().collect();
        let mut kept = self.lock();
        for (key, _) in carried.login_keys() {
            if !current.iter().any(|(kept, _)| *kept == key) {
                kept.end(key, now);
            }
        }
        for written in current {
            kept.resume(&written.0);
            kept.wrote(written, now);
        }
    }
}

impl Kept {
    fn has_ended(&self, key: &LoginKey, now: UnixTime) -> bool {
        match key.identity() {
            Some(user) => self
                .ended
                .get(user, now)
                .is_some_and(|ended| ended.iter().any(|(ended, at)| ended == key && now.since(*at) <= KEPT)),
            None => self.newest.get(key, now).is_some_and(Option::is_none),
        }
    }

    fn end(&mut self, key: LoginKey, now: UnixTime) {
        let Some(user) = key.identity().cloned() else { return self.newest.note(key, None, now) };
        let mut ended = self.ended.take(&user);
        ended.retain(|(other, at)| *other != key && now.since(*at) <= KEPT);
        if ended.len() >= PER_USER {
            ended.pop_front();
        }
        ended.push_back((key, now));
        self.ended.note(user, ended, now);
    }

    /// A log-in that continues has not ended: the user stopped impersonating another one, or has logged in
    /// again within the same second.
    fn resume(&mut self, key: &LoginKey) {
        if let Some(ended) = key.identity().and_then(|user| self.ended.get_mut(user)) {
            ended.retain(|(other, _)| other != key);
        }
    }

    fn wrote(&mut self, (key, revision): (LoginKey, Option<u64>), now: UnixTime) {
        if let Some(revision) = revision {
            let newest = self.newest.take(&key).max(Some(revision));
            self.newest.note(key, newest, now);
        }
    }
}

/// A map of bounded size that evicts the oldest entries.
struct Recent<K, V> {
    entries: HashMap<K, (V, UnixTime)>,
    /// Each key once; an entry that was updated since is moved to the end when it reaches the front
    order: VecDeque<(UnixTime, K)>,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: Clone + Eq + Hash, V: Default> Recent<K, V> {
    fn get(&self, key: &K, now: UnixTime) -> Option<&V> {
        self.entries.get(key).filter(|(_, at)| now.since(*at) <= KEPT).map(|(value, _)| value)
    }

    fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key).map(|(value, _)| value)
    }

    /// Removes the value; its key stays in the queue.
    fn take(&mut self, key: &K) -> V {
        self.get_mut(key).map(std::mem::take).unwrap_or_default()
    }

    fn note(&mut self, key: K, value: V, now: UnixTime) {
        if self.entries.insert(key.clone(), (value, now)).is_none() {
            self.order.push_back((now, key));
        }
        while self.order.front().is_some_and(|(at, _)| now.since(*at) > KEPT) || self.order.len() > CAPACITY {
            let Some((at, key)) = self.order.pop_front() else { return };
            match self.entries.get(&key) {
                Some((_, again)) if *again > at => self.order.push_back((*again, key)),
                _ => drop(self.entries.remove(&key)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixTime = UnixTime::from_secs(1_700_000_000);

    fn login(name: &str, at: UnixTime) -> Identified {
        Identified::known(Identity::new(name).unwrap()).with_authenticated_at(at)
    }

    fn later(seconds: u64) -> UnixTime {
        NOON.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn one_user_pushes_out_only_their_own() {
        let order = LateResponseCheck::default();
        let anonymous = Identified::anonymous();
        order.changed(&login("alice", NOON), &anonymous, NOON);
        for at in 0..1000 {
            order.changed(&login("mallory", later(at)), &anonymous, NOON);
        }
        assert!(order.has_ended(&login("alice", NOON), NOON));
        assert!(order.has_ended(&login("mallory", later(999)), NOON));
        assert!(!order.has_ended(&login("mallory", later(1)), NOON));
        let kept = order.lock();
        assert_eq!((kept.ended.entries.len(), kept.ended.order.len()), (2, 2));
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_oldest_goes_first() {
        let order = LateResponseCheck::default();
        let anonymous = Identified::anonymous();
        for user in 0..=CAPACITY {
            order.changed(&login(&format!("user {user}"), NOON), &anonymous, later(u64::from(user > 0)));
        }
        assert!(!order.has_ended(&login("user 0", NOON), later(1)));
        assert!(order.has_ended(&login("user 1", NOON), later(1)));
        {
            let kept = order.lock();
            assert_eq!((kept.ended.entries.len(), kept.ended.order.len()), (CAPACITY, CAPACITY));
        }
        // After five minutes everything may be evicted, except what was updated.
        order.changed(&login("user 7", later(9)), &anonymous, later(200));
        order.changed(&login("new", NOON), &anonymous, later(302));
        assert!(order.has_ended(&login("user 7", later(9)), later(302)));
        assert!(!order.has_ended(&login("user 7", NOON), later(302)));
        assert_eq!(order.lock().ended.entries.len(), 2);
    }
}
