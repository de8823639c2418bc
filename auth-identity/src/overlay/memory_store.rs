//! Keeps overlays in memory, for tests and for one process: [`MemoryOverlay`].

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{OverlaySource, OverlayStore};
use crate::BoxError;

/// Holds the rules of overlays in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryOverlay(Arc<Mutex<Option<String>>>);

impl MemoryOverlay {
    /// Creates a store without a document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl OverlaySource for MemoryOverlay {
    async fn load(&self) -> Result<Option<String>, BoxError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

#[async_trait]
impl OverlayStore for MemoryOverlay {
    async fn replace(&self, document: &str) -> Result<(), BoxError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(document.to_owned());
        Ok(())
    }
}
