//! Work of an instance that no request begins: [`Task`].

use std::{fmt, sync::Arc, time::Duration};

use auth_runtime::Sessions;
use tokio::task::JoinHandle;

/// How often sessions that have expired are deleted.
const CLEANING: Duration = Duration::from_hours(1);

/// A task that ends with its last handle.
#[derive(Clone)]
pub(crate) struct Task(Arc<Running>);

struct Running(JoinHandle<()>);

impl Task {
    pub(crate) fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Arc::new(Running(tokio::spawn(work))))
    }

    /// Deletes sessions that have expired, at once and every hour: databases keep them otherwise.
    pub(crate) fn cleaning(sessions: Sessions) -> Self {
        Self::spawn(async move {
            loop {
                if let Err(error) = sessions.delete_expired().await {
                    tracing::error!(%error, "expired sessions cannot be deleted");
                }
                tokio::time::sleep(CLEANING).await;
            }
        })
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("is_finished", &self.0.0.is_finished()).finish()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}
