//! What a rotation says at one moment.

use std::sync::Arc;

use super::{Key, KeyState};
use crate::clock::UnixTime;

/// The keys at one moment, the oldest first.
// INVARIANT: exactly one is active.
pub(super) struct View {
    pub(super) keys: Vec<(Arc<Key>, KeyState)>,
    /// When they change; later times have another view
    pub(super) until: UnixTime,
}
