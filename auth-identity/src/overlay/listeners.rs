//! Calls listeners after changes of an overlay: [`Listeners`].

use std::sync::{Arc, Mutex, PoisonError};

type Listener = Arc<dyn Fn() -> bool + Send + Sync>;

/// The listeners; one that returns `false` is removed.
#[derive(Default)]
pub(super) struct Listeners(Mutex<Vec<Listener>>);

impl Listeners {
    pub(super) fn add(&self, listener: Listener) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    pub(super) fn tell(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|listener| listener());
    }
}
