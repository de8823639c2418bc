//! Reading shared keys also when nobody asks.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Notify, task::JoinHandle};

use super::SharedKeyRing;
use crate::{BoxError, clock::Clock, events};

/// A read that takes longer is given up.
const DEADLINE: Duration = Duration::from_secs(10);

/// Keeps shared keys fresh until it is dropped or [stopped](Self::stop).
#[derive(Debug)]
#[must_use = "the keys are kept fresh for as long as this lives"]
pub struct KeepFresh {
    task: JoinHandle<()>,
    end: Arc<Notify>,
}

impl SharedKeyRing {
    /// Starts a task that reads the store regularly, whether or not the ring is used.
    ///
    /// A failure, or a panic in the store, is told in an event and does not end the task.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime, and in one without time.
    pub fn keep_fresh(&self, clock: impl Clock) -> KeepFresh {
        let end = Arc::new(Notify::new());
        let task = tokio::spawn(run(self.clone(), clock, Arc::clone(&end)));
        KeepFresh { task, end }
    }
}

impl KeepFresh {
    /// Ends the task after what it is doing.
    pub async fn stop(mut self) {
        self.end.notify_one();
        // It ends by itself; that it was aborted or panicked is no news to who wants its end.
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
        let (reader, now) = (keys.clone(), clock.now());
        // A task of its own, so that a panic in the store ends that one.
        let read = tokio::spawn(async move { tokio::time::timeout(DEADLINE, reader.refresh(now)).await });
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
