//! Rollback guard: ends a new session if its cookie is never sent.

use tokio::runtime::Handle;
use tower_sessions_core::session::Id;

use super::{loaded_session::SessionHandle, store_with_timeout::Backend};
use crate::events;

/// The number of attempts to end a session whose cookie was not sent.
const TRIES: u32 = 3;

/// Ends a new session, or a new id of one, unless it is disarmed: its cookie was not sent.
pub(super) struct Guard(Option<(Backend, Undo)>);

struct Undo {
    what: What,
    /// The replaced ids; their marks are removed, because the browser keeps its old cookie
    replaced: Vec<Id>,
}

enum What {
    CurrentSecret(SessionHandle),
    Session(SessionHandle),
}

impl Guard {
    pub(super) const fn new(backend: Backend, held: SessionHandle) -> Self {
        Self(Some((backend, Undo { what: What::Session(held), replaced: Vec::new() })))
    }

    pub(super) const fn new_door(backend: Backend, held: SessionHandle) -> Self {
        Self(Some((backend, Undo { what: What::CurrentSecret(held), replaced: Vec::new() })))
    }

    /// Adds ids that are about to be marked as replaced.
    pub(super) fn note_replaced(&mut self, doors: impl IntoIterator<Item = Id>) {
        if let Some((_, undo)) = &mut self.0 {
            undo.replaced.extend(doors);
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

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some((backend, undo)) = self.0.take() {
            undo_later(backend, undo);
        }
    }
}

fn undo_later(backend: Backend, undo: Undo) {
    let Ok(runtime) = Handle::try_current() else { return };
    runtime.spawn(async move {
        for again in 1..=TRIES {
            let undone = match &undo.what {
                What::CurrentSecret(held) => backend.call(backend.store.delete(&held.door)).await,
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
