//! Of the tasks of one request, one at a time asks something slow.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Notify;

const FREE: u8 = 0;
const TAKEN: u8 = 1;
/// Taken, and somebody waits
const AWAITED: u8 = 2;

/// A lock that costs next to nothing while nobody waits for it.
#[derive(Default)]
pub(super) struct Turns {
    state: AtomicU8,
    ended: Notify,
}

/// The right to ask; it ends when this is dropped, in whatever way.
pub(super) struct Turn<'a>(&'a Turns);

impl Turns {
    /// Takes the turn unless somebody has it.
    pub(super) fn take_now(&self) -> Option<Turn<'_>> {
        let free = self.state.compare_exchange(FREE, TAKEN, Ordering::Acquire, Ordering::Relaxed);
        free.is_ok().then(|| Turn(self))
    }

    /// Waits until whoever has the turn gives it back.
    pub(super) async fn wait(&self) {
        loop {
            // Made before the look at the state, so that it cannot miss the end of the turn.
            let ended = self.ended.notified();
            let taken = self.state.compare_exchange(TAKEN, AWAITED, Ordering::AcqRel, Ordering::Acquire);
            if taken == Err(FREE) {
                return;
            }
            ended.await;
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.0.state.swap(FREE, Ordering::AcqRel) == AWAITED {
            self.0.ended.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_at_a_time_has_the_turn_and_nobody_waits_for_ever() {
        let (turns, inside, done) =
            (Arc::new(Turns::default()), Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let tasks: Vec<_> = (0..16)
            .map(|task| {
                let (turns, inside, done) = (Arc::clone(&turns), Arc::clone(&inside), Arc::clone(&done));
                tokio::spawn(async move {
                    for round in 0..200 {
                        let turn = loop {
                            match turns.take_now() {
                                Some(turn) => break turn,
                                None => turns.wait().await,
                            }
                        };
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        if (task + round) % 3 == 0 {
                            tokio::task::yield_now().await;
                        }
                        inside.fetch_sub(1, Ordering::SeqCst);
                        done.fetch_add(1, Ordering::SeqCst);
                        drop(turn);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(done.load(Ordering::SeqCst), 16 * 200);
    }
}
