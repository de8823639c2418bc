//! A scheduler that draws by lot who goes next, and draws the same lots again for the same seed.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use tokio::task::unconstrained;

/// What is drawn by lot. Clones draw from the same urn.
#[derive(Clone)]
pub(crate) struct Lot(Arc<Mutex<u64>>);

impl Lot {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    /// Steele, Lea and Flood: Fast splittable pseudorandom number generators (2014).
    fn next(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut lot = *state;
        lot = (lot ^ (lot >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        lot = (lot ^ (lot >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        lot ^ (lot >> 31)
    }

    pub(crate) fn below(&self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    /// Yes, once in so many times.
    pub(crate) fn one_in(&self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<T: Copy>(&self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// Whether a task wants to go on.
struct Ready {
    wants: AtomicBool,
    outside: Mutex<Waker>,
}

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.wants.store(true, Ordering::SeqCst);
        self.outside.lock().unwrap().wake_by_ref();
    }
}

struct Task<'a> {
    ready: Arc<Ready>,
    future: Pin<Box<dyn Future<Output = ()> + 'a>>,
    /// The one that fell behind last is the last
    behind: usize,
}

/// Runs all of them to their ends. Which of those that could go on does so is drawn by lot at every step; or, in every
/// second run, one goes on until it falls behind all others, so that some take very long. Sometimes it is the turn of
/// what the runtime has to do besides.
pub(crate) async fn in_an_order_by_lot<'a>(
    lot: &Lot,
    futures: impl IntoIterator<Item = Pin<Box<dyn Future<Output = ()> + 'a>>>,
) {
    let task = |future| {
        let outside = Mutex::new(Waker::noop().clone());
        Task { ready: Arc::new(Ready { wants: AtomicBool::new(true), outside }), future, behind: 0 }
    };
    let mut tasks: Vec<_> = futures.into_iter().map(task).collect();
    let (is_fair, mut fallen) = (lot.one_in(2), 0);
    let run = poll_fn(|context| {
        for task in &tasks {
            task.ready.outside.lock().unwrap().clone_from(context.waker());
        }
        loop {
            let wants = |(_, task): &(usize, &Task<'_>)| task.ready.wants.load(Ordering::SeqCst);
            let ready: Vec<_> = tasks.iter().enumerate().filter(wants).map(|(at, _)| at).collect();
            if tasks.is_empty() {
                return Poll::Ready(());
            }
            if ready.is_empty() {
                return Poll::Pending;
            }
            if lot.one_in(16) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let mut at = lot.pick(&ready);
            if !is_fair {
                at = ready.into_iter().min_by_key(|at| tasks[*at].behind).unwrap_or(at);
                if lot.one_in(6) {
                    fallen += 1;
                    tasks[at].behind = fallen;
                }
            }
            let task = &mut tasks[at];
            task.ready.wants.store(false, Ordering::SeqCst);
            let waker = Waker::from(Arc::clone(&task.ready));
            if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                let _done = tasks.remove(at);
            }
        }
    });
    unconstrained(run).await;
}

/// Gives something up after so many steps, if it is not done by then.
pub(crate) async fn give_up_after<T>(steps: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = Box::pin(future);
    let mut left = steps;
    poll_fn(move |context| match future.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}
