//! Proves of a service that it is one of a guarded router's, without calling it.
//!
//! A router's routes are boxed, and calling one that has no guard would run its handler. But a box can be cloned, and what
//! is in it then tells of itself.

use std::cell::Cell;

thread_local! {
    static SEEN: Cell<bool> = const { Cell::new(false) };
}

/// Whether a layer is the one that a guarded router was given: everything behind it answers a probe by itself.
#[derive(Debug, Default)]
pub(crate) struct Seal(bool);

impl Seal {
    pub(super) const fn of_guarded_router() -> Self {
        Self(true)
    }
}

impl Clone for Seal {
    fn clone(&self) -> Self {
        if self.0 {
            SEEN.set(true);
        }
        Self(self.0)
    }
}

/// Returns whether everything behind the service answers a probe by itself. Where this cannot be seen it says no.
pub(crate) fn is_sealed(service: &impl Clone) -> bool {
    SEEN.set(false);
    drop(service.clone());
    SEEN.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_seal_is_seen_and_only_where_it_is() {
        let around = |seal: Seal| Box::new((1, Some(seal)));
        assert!(is_sealed(&around(Seal::of_guarded_router())));
        assert!(!is_sealed(&around(Seal::default())));
        assert!(!is_sealed(&"a service"), "what was seen before is forgotten");
        let copy = Seal::of_guarded_router().clone();
        assert!(is_sealed(&copy));
        assert!(!is_sealed(&std::sync::Arc::new(copy)), "nothing is known of what is shared");
    }
}
