//! Provides the rules of overlays: the traits [`OverlaySource`] and [`OverlayStore`].

use std::time::Duration;

use async_trait::async_trait;

use super::{OverlayError, OverlayErrorKind};
use crate::BoxError;

/// The timeout of a read.
const DEADLINE: Duration = Duration::from_secs(10);

/// The longest document, in bytes.
pub(super) const LONGEST: usize = 256 * 1024;

/// Holds the document with the rules of overlays.
///
/// [`OverlayFile`](super::OverlayFile) is a file; `RedisOverlay`, `SqliteOverlay` and `PostgresOverlay` (each
/// with its feature) are stores that instances share; [`MemoryOverlay`](super::MemoryOverlay) is for tests.
#[async_trait]
pub trait OverlaySource: Send + Sync + 'static {
    /// Returns the document as text, or `None` if there is none. It is read at each interval.
    ///
    /// # Errors
    ///
    /// Fails if the source is down. An absent document is not an error of this method, and an error never
    /// stands for an absent one.
    ///
    /// # Security
    ///
    /// Read from the primary of a database: a replica that lags would undo a denial for a while.
    async fn load(&self) -> Result<Option<String>, BoxError>;
}

/// A source that applications and commands can write.
#[async_trait]
pub trait OverlayStore: OverlaySource {
    /// Replaces the document as a whole. Every instance reads it at its next interval.
    ///
    /// The text is not checked: [`Overlay::check`](super::Overlay::check) does that. An instance that reads a
    /// document that is not valid keeps the rules before.
    ///
    /// # Errors
    ///
    /// Fails if the store is down; the document may or may not have been written.
    async fn replace(&self, document: &str) -> Result<(), BoxError>;
}

/// Reads the document with a timeout.
pub(super) async fn load(source: &dyn OverlaySource) -> Result<String, OverlayError> {
    let text = match tokio::time::timeout(DEADLINE, source.load()).await {
        Ok(Ok(Some(text))) => text,
        Ok(Ok(None)) => return Err(OverlayError::new(OverlayErrorKind::Absent)),
        Ok(Err(error)) => return Err(OverlayError::unavailable(error)),
        Err(elapsed) => return Err(OverlayError::unavailable(elapsed.into())),
    };
    if text.len() > LONGEST {
        return Err(OverlayError::invalid(format!("the document is longer than {LONGEST} bytes")));
    }
    Ok(text)
}
