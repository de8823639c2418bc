//! Refreshes shared keys in a task, without requests: [`KeepFresh`].

use std::{sync::Arc, time::Duration};

use tokio::{sync::Notify, task::JoinHandle};

use super::SharedKeyRing;
use crate::{BoxError, clock::Clock, events};

/// The timeout of a read.
const DEADLINE: Duration = Duration::from_secs(10);

/// Refreshes shared keys until it is dropped or [stopped](Self::stop).
#[derive(Debug)]
#[must_use = "the keys are kept fresh for as long as this lives"]
pub struct KeepFresh {
    task: JoinHandle<()>,
    end: Arc<Notify>,
}

impl SharedKeyRing {
    /// Starts a task that reads the store regularly, whether or not the ring is used.
    ///
    /// A failure, or a panic in the store, is logged and does not end the task.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime, and in one without time.
    pub fn keep_fresh(&self, clock: impl Clock) -> KeepFresh {
        let end = Arc::new(Notify::new());
        let task = tokio::spawn(run(self.clone(), clock, Arc::clone(&end)));
        KeepFresh { task, end }
    }
}

impl KeepFresh {
    /// Stops the task after its current read.
    pub async fn stop(mut self) {
        self.end.notify_one();
        // Ignore the result: the task is over in any case.
        let _ = (&mut self.task).await;
    }
}

impl Drop for KeepFresh {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(keys: SharedKeyRing, clock: impl Clock, end: Arc<Notify>) {
    loop {
        let (sync, now) = (keys.clone(), clock.now());
        // A separate task, so that a panic in the store ends only that one.
        let read = tokio::spawn(async move { tokio::time::timeout(DEADLINE, sync.refresh(now)).await });
        let error: Option<BoxError> = match read.await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(error))) => Some(error.into()),
            Ok(Err(elapsed)) => Some(elapsed.into()),
            Err(panicked) => Some(panicked.into()),
        };
        if let Some(error) = error {
            events::failed("refresh keys", &error);
        }
        if tokio::time::timeout(keys.reload(), end.notified()).await.is_ok() {
            return;
        }
    }
}
