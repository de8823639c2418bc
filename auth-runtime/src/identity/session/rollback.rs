//! What is begun and reaches nobody is ended again.

use tokio::runtime::Handle;
use tower_sessions_core::session::Id;

use super::{backend::Backend, loaded::SessionHandle};
use crate::events;

/// How often the end of a session that nobody has is tried.
const TRIES: u32 = 3;

/// Ends a new session, or a new value of one, unless it is disarmed: its cookie has reached nobody.
pub(super) struct Guard(Option<(Backend, Undo)>);

struct Undo {
    what: What,
    /// The values in whose place the new one was to be: a browser that never gets it is not to be held up by
    /// them
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

    /// Names values that are about to be marked as replaced.
    pub(super) fn note_replaced(&mut self, doors: impl IntoIterator<Item = Id>) {
        if let Some((_, undo)) = &mut self.0 {
            undo.replaced.extend(doors);
        }
    }

    pub(super) fn disarm(&mut self) {
        self.0 = None;
    }

    /// Leaves it to somebody else to end the session, who gets the means.
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
