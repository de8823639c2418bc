//! The memory of requests that have ended serves requests that come.
//!
//! Each request needs one piece of memory that its handler and the layer share. Taking it from here instead of from
//! the allocator makes a route that asks nothing cost what any tower layer costs. A piece is only kept when nobody
//! else holds it, and lets go of everything before it is put away, so nothing of a request or of its layer outlives it.

use std::{cell::RefCell, sync::Arc};

use super::Config;
use crate::auth::RequestState;

/// How many pieces a thread keeps.
const KEPT: usize = 64;

thread_local! {
    static FREE: RefCell<Vec<Arc<RequestState>>> = const { RefCell::new(Vec::new()) };
}

/// Returns a fresh memory for a request of a router with this layer.
pub(super) fn take(config: &Arc<Config>) -> Arc<RequestState> {
    let free = FREE.try_with(|free| free.try_borrow_mut().ok()?.pop()).ok().flatten();
    if let Some(mut state) = free
        && let Some(alone) = Arc::get_mut(&mut state)
    {
        alone.employ(Arc::clone(config));
        return state;
    }
    Arc::new(RequestState::new(Arc::clone(config)))
}

/// Keeps the memory of a request that has ended: it was cleared, has no layer any more, and nobody else holds it.
pub(super) fn give_back(state: Arc<RequestState>) {
    let _ = FREE.try_with(|free| {
        if let Ok(mut free) = free.try_borrow_mut()
            && free.len() < KEPT
        {
            free.push(state);
        }
    });
}
