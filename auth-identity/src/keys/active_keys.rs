//! Holds the keys of a rotation at one moment: [`ActiveKeys`].

use std::sync::Arc;

use super::{Key, KeyState};
use crate::clock::UnixTime;

/// The keys at one moment, oldest first.
// INVARIANT: exactly one is active.
pub(super) struct ActiveKeys {
    pub(super) keys: Vec<(Arc<Key>, KeyState)>,
    /// When they change
    pub(super) until: UnixTime,
}
