//! Bounds how many credentials are verified at the same time by the attempts that are left: [`Gate`].

use std::{
    collections::HashMap,
    fmt, slice,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use tokio::sync::{Mutex as AsyncMutex, Notify};

use super::{Counter, ThrottleKey, ThrottleStore, authentication_attempt::within_limits};
use crate::{clock::UnixTime, identity::IdentityError};

/// The verifications under way in this process, by counter.
#[derive(Default)]
pub(super) struct Gate {
    lanes: Mutex<HashMap<ThrottleKey, Arc<Lane>>>,
}

/// The verifications of one counter.
#[derive(Default)]
struct Lane {
    /// Held by the first of those that wait, so that only one looks at the counter
    turn: AsyncMutex<()>,
    under_way: AtomicU32,
    freed: Notify,
}

/// The permission to verify one credential, until it is dropped.
pub(super) struct Permit {
    place: Place,
}

/// A lane that is used; the last one removes it.
struct Place {
    gate: Arc<Gate>,
    key: ThrottleKey,
    lane: Arc<Lane>,
}

impl Gate {
    /// Waits until fewer credentials of this counter are verified than attempts are left.
    pub(super) async fn enter(
        self: &Arc<Self>,
        store: &dyn ThrottleStore,
        counter: &Counter,
        now: UnixTime,
    ) -> Result<Permit, IdentityError> {
        let place = self.place(counter.key());
        let lane = &place.lane;
        let turn = lane.turn.lock().await;
        loop {
            let standing = store.look(slice::from_ref(counter), now).await;
            let standing = standing.map_err(IdentityError::unavailable)?;
            within_limits("credential", standing)?;
            let left = standing.left().max(1);
            // Only the holder of the turn adds one.
            if lane.under_way.load(Ordering::SeqCst) < left {
                break;
            }
            // One that was freed since is not missed: `Notify` keeps it.
            lane.freed.notified().await;
        }
        lane.under_way.fetch_add(1, Ordering::SeqCst);
        drop(turn);
        Ok(Permit { place })
    }

    fn place(self: &Arc<Self>, key: ThrottleKey) -> Place {
        let lane = Arc::clone(self.lanes().entry(key).or_default());
        Place { gate: Arc::clone(self), key, lane }
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<ThrottleKey, Arc<Lane>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.place.lane.under_way.fetch_sub(1, Ordering::SeqCst);
        self.place.lane.freed.notify_one();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lanes = self.gate.lanes();
        // This one and that of the table: lanes are shared under the lock only.
        if Arc::strong_count(&self.lane) <= 2 {
            lanes.remove(&self.key);
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("lanes", &self.lanes().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        super::{Limit, MemoryThrottle},
        *,
    };

    #[tokio::test(start_paused = true)]
    async fn a_lane_ends_with_its_last_user_also_if_that_gives_up() {
        let (gate, store, now) = (Arc::<Gate>::default(), MemoryThrottle::new(), UnixTime::from_secs(9));
        let limit = Limit::delays(1, Duration::from_mins(1), Duration::from_mins(1));
        let counter = Counter::new(ThrottleKey::new(&[b"a"]), limit);
        let enter = || gate.enter(&store, &counter, now);
        let first = enter().await.unwrap();
        assert!(tokio::time::timeout(Duration::from_secs(1), enter()).await.is_err());
        assert_eq!(gate.lanes().len(), 1);
        let (second, ()) = tokio::join!(enter(), async { drop(first) });
        let _ = store.take(slice::from_ref(&counter), now).await.unwrap();
        assert!(enter().await.is_err());
        drop(second);
        assert!(gate.lanes().is_empty());
    }
}
