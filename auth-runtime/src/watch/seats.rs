//! Who is to be told when something has changed.

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

/// What a watch wants to be told about.
#[derive(Clone, Eq, Hash, PartialEq)]
enum Topic {
    Credential(CredentialId),
    User(UserId),
}

/// The watches that are open, by what they want to be told about.
#[derive(Default)]
pub(super) struct Seats(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    next: u64,
    open: HashMap<u64, Arc<Notify>>,
    topics: HashMap<Topic, Vec<u64>>,
}

impl Taken {
    fn ring(&self, seat: u64) {
        if let Some(bell) = self.open.get(&seat) {
            bell.notify_one();
        }
    }

    fn ring_topic(&self, topic: &Topic) {
        self.topics.get(topic).into_iter().flatten().for_each(|seat| self.ring(*seat));
    }
}

impl Seats {
    /// Nothing that panics is called while the lock is held.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn count(&self) -> usize {
        self.lock().open.len()
    }

    pub(super) fn tell_all(&self) {
        self.lock().open.values().for_each(|bell| bell.notify_one());
    }

    pub(super) fn tell_user(&self, user: &UserId) {
        self.lock().ring_topic(&Topic::User(user.clone()));
    }

    pub(super) fn tell_revoked(&self, what: &Revoked) {
        match what {
            Revoked::Credential(id) => self.lock().ring_topic(&Topic::Credential(id.clone())),
            Revoked::Everybody => self.tell_all(),
            Revoked::User(user) => self.tell_user(user),
        }
    }

    pub(super) fn tell_invalidated(&self, what: &Invalidate) {
        match what {
            Invalidate::All => self.tell_all(),
            Invalidate::User(user) => self.tell_user(user),
        }
    }
}

/// The place of one watch, which it leaves when it is dropped.
pub(super) struct Seat {
    seats: Arc<Seats>,
    number: u64,
    bell: Arc<Notify>,
    topics: Vec<Topic>,
}

impl Seat {
    /// A seat that is told about a user, and about a credential.
    pub(super) fn take(seats: &Arc<Seats>, user: Option<UserId>, credential: Option<CredentialId>) -> Self {
        let bell = Arc::new(Notify::new());
        let topics = [user.map(Topic::User), credential.map(Topic::Credential)];
        let topics: Vec<Topic> = topics.into_iter().flatten().collect();
        let mut taken = seats.lock();
        let number = taken.next;
        taken.next = number.wrapping_add(1);
        taken.open.insert(number, Arc::clone(&bell));
        for topic in &topics {
            taken.topics.entry(topic.clone()).or_default().push(number);
        }
        drop(taken);
        Self { seats: Arc::clone(seats), number, bell, topics }
    }

    /// Waits until there is something to look at. What was told before is not lost.
    pub(super) async fn told(&self) {
        self.bell.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.open.remove(&self.number);
        for topic in &self.topics {
            if let Some(seats) = taken.topics.get_mut(topic) {
                seats.retain(|seat| *seat != self.number);
                if seats.is_empty() {
                    taken.topics.remove(topic);
                }
            }
        }
    }
}

impl fmt::Debug for Seats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seats").field("count", &self.count()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_leaves_leaves_nothing_behind() {
        let seats = Arc::new(Seats::default());
        let alice: UserId = "alice".parse().unwrap();
        let first = Seat::take(&seats, Some(alice.clone()), CredentialId::new("one").ok());
        let second = Seat::take(&seats, Some(alice), None);
        let nobody = Seat::take(&seats, None, None);
        assert_eq!((seats.count(), seats.lock().topics.len()), (3, 2));
        drop(first);
        assert_eq!((seats.count(), seats.lock().topics.len()), (2, 1));
        drop((second, nobody));
        assert_eq!((seats.count(), seats.lock().topics.len()), (0, 0));
    }
}
