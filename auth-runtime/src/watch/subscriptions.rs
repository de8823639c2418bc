//! Subscribes watches to change notifications: [`Subscriptions`].

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::{
    identity::{CredentialId, UserId},
    revocation::{Invalidate, Revoked},
};

/// The subject of a notification.
#[derive(Clone, Eq, Hash, PartialEq)]
enum Topic {
    Credential(CredentialId),
    User(UserId),
}

/// The open watches by the subjects that they subscribe to.
#[derive(Default)]
pub(super) struct Subscriptions(Mutex<Open>);

#[derive(Default)]
struct Open {
    next: u64,
    watches: HashMap<u64, Arc<Notify>>,
    topics: HashMap<Topic, Vec<u64>>,
}

impl Open {
    fn notify(&self, subscription: u64) {
        if let Some(signal) = self.watches.get(&subscription) {
            signal.notify_one();
        }
    }

    fn notify_topic(&self, topic: &Topic) {
        self.topics.get(topic).into_iter().flatten().for_each(|subscription| self.notify(*subscription));
    }
}

impl Subscriptions {
    /// No code that panics runs while the lock is held.
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn count(&self) -> usize {
        self.lock().watches.len()
    }

    pub(super) fn notify_all(&self) {
        self.lock().watches.values().for_each(|signal| signal.notify_one());
    }

    pub(super) fn notify_user(&self, user: &UserId) {
        self.lock().notify_topic(&Topic::User(user.clone()));
    }

    pub(super) fn notify_revoked(&self, what: &Revoked) {
        match what {
            Revoked::Credential(id) => self.lock().notify_topic(&Topic::Credential(id.clone())),
            Revoked::Everybody => self.notify_all(),
            Revoked::User(user) => self.notify_user(user),
        }
    }

    pub(super) fn notify_invalidated(&self, what: &Invalidate) {
        match what {
            Invalidate::All => self.notify_all(),
            Invalidate::User(user) => self.notify_user(user),
        }
    }
}

/// The subscription of one watch; dropping it unsubscribes.
pub(super) struct Subscription {
    subscriptions: Arc<Subscriptions>,
    number: u64,
    signal: Arc<Notify>,
    topics: Vec<Topic>,
}

impl Subscription {
    /// Subscribes to a user and to ids of a credential and its log-in.
    pub(super) fn new(
        subscriptions: &Arc<Subscriptions>,
        user: Option<UserId>,
        credentials: impl IntoIterator<Item = CredentialId>,
    ) -> Self {
        let signal = Arc::new(Notify::new());
        let credentials = credentials.into_iter().map(Topic::Credential);
        let topics: Vec<Topic> = user.map(Topic::User).into_iter().chain(credentials).collect();
        let mut open = subscriptions.lock();
        let number = open.next;
        open.next = number.wrapping_add(1);
        open.watches.insert(number, Arc::clone(&signal));
        for topic in &topics {
            open.topics.entry(topic.clone()).or_default().push(number);
        }
        drop(open);
        Self { subscriptions: Arc::clone(subscriptions), number, signal, topics }
    }

    /// Waits for a notification. Earlier ones are not lost.
    pub(super) async fn notified(&self) {
        self.signal.notified().await;
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut open = self.subscriptions.lock();
        open.watches.remove(&self.number);
        for topic in &self.topics {
            if let Some(subscriptions) = open.topics.get_mut(topic) {
                subscriptions.retain(|subscription| *subscription != self.number);
                if subscriptions.is_empty() {
                    open.topics.remove(topic);
                }
            }
        }
    }
}

impl fmt::Debug for Subscriptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriptions").field("count", &self.count()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_subscription_leaves_nothing_behind() {
        let subscriptions = Arc::new(Subscriptions::default());
        let alice: UserId = "alice".parse().unwrap();
        let first = Subscription::new(&subscriptions, Some(alice.clone()), CredentialId::new("one").ok());
        let second = Subscription::new(&subscriptions, Some(alice), None);
        let anonymous = Subscription::new(&subscriptions, None, None);
        assert_eq!((subscriptions.count(), subscriptions.lock().topics.len()), (3, 2));
        drop(first);
        assert_eq!((subscriptions.count(), subscriptions.lock().topics.len()), (2, 1));
        drop((second, anonymous));
        assert_eq!((subscriptions.count(), subscriptions.lock().topics.len()), (0, 0));
    }
}
