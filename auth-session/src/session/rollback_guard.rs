//! Ends a new session if its cookie is never sent: [`RollbackGuard`].

use tokio::runtime::Handle;
use tower_sessions_core::session::Id;

use super::{loaded_session::SessionHandle, store_with_timeout::StoreWithTimeout};
use crate::events;

/// The number of attempts to end a session whose cookie was not sent.
const TRIES: u32 = 3;

/// Ends a new session, or a new id of one, unless it is disarmed: its cookie was not sent.
pub(super) struct RollbackGuard(Option<(StoreWithTimeout, Undo)>);

struct Undo {
    what: What,
    /// The replaced ids; their marks are removed, because the browser keeps its old cookie
    replaced: Vec<Id>,
}

enum What {
    SecretStatus(SessionHandle),
    Session(SessionHandle),
}

impl RollbackGuard {
    pub(super) const fn new(backend: StoreWithTimeout, held: SessionHandle) -> Self {
        Self(Some((backend, Undo { what: What::Session(held), replaced: Vec::new() })))
    }

    pub(super) const fn new_status(backend: StoreWithTimeout, held: SessionHandle) -> Self {
        Self(Some((backend, Undo { what: What::SecretStatus(held), replaced: Vec::new() })))
    }

    /// Adds ids that are about to be marked as replaced.
    pub(super) fn note_replaced(&mut self, status_ids: impl IntoIterator<Item = Id>) {
        if let Some((_, undo)) = &mut self.0 {
            undo.replaced.extend(status_ids);
        }
    }

    pub(super) fn disarm(&mut self) {
        self.0 = None;
    }

    /// Disarms the guard and returns the means to end the session.
    pub(super) fn pass_on(mut self) -> impl FnOnce() + Send + Sync + 'static {
        let means = self.0.take();
        move || {
            if let Some((backend, undo)) = means {
                undo_later(backend, undo);
            }
        }
    }
}

impl Drop for RollbackGuard {
    fn drop(&mut self) {
        if let Some((backend, undo)) = self.0.take() {
            undo_later(backend, undo);
        }
    }
}

fn undo_later(backend: StoreWithTimeout, undo: Undo) {
    let Ok(runtime) = Handle::try_current() else { return };
    runtime.spawn(async move {
        for again in 1..=TRIES {
            let undone = match &undo.what {
                What::SecretStatus(held) => backend.call(backend.store.delete(&held.status_id)).await,
                What::Session(held) => backend.end(held).await,
            };
            let undone = match undone {
                Ok(()) => backend.unmark_replaced(&undo.replaced).await,
                failed => failed,
            };
            match undone {
                Ok(()) => return,
                Err(error) => events::failed("undo log-in", &error),
            }
            tokio::time::sleep(backend.deadline.saturating_mul(again)).await;
        }
    });
}
