//! Who wants to know what is revoked.

use std::sync::{Arc, Mutex, PoisonError};

use super::Revoked;

type Listener = Arc<dyn Fn(&Revoked) -> bool + Send + Sync>;

/// Those who listen, until they say that they do no longer.
#[derive(Default)]
pub(super) struct Listeners(Mutex<Vec<Listener>>);

impl Listeners {
    pub(super) fn add(&self, listener: Listener) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    pub(super) fn tell(&self, what: &Revoked) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|listener| listener(what));
    }
}
