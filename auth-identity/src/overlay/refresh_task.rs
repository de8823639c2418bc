//! Reads the source again at each interval: [`RefreshTask`].

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinHandle, time::MissedTickBehavior};

use super::Shared;
use crate::events;

/// Reads the source at each interval until it is dropped.
pub(super) struct RefreshTask(JoinHandle<()>);

impl RefreshTask {
    pub(super) fn start(shared: &Arc<Shared>, interval: Duration) -> Self {
        Self(tokio::spawn(run(Arc::clone(shared), interval)))
    }
}

impl Drop for RefreshTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn run(shared: Arc<Shared>, interval: Duration) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick is at once, and the source has just been read.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let reading = Arc::clone(&shared);
        // A task of its own: a panic of the source must not end this one. Failures are noted where they
        // occur.
        let read = tokio::spawn(async move { drop(reading.refresh().await) });
        if let Err(error) = read.await {
            let error: crate::BoxError = error.into();
            events::failed("overlay", &error);
        }
    }
}
