//! Reports why rules of overlays could not be read: [`OverlayError`].

use std::{error::Error, fmt};

use crate::{BoxError, events::AsDynError};

/// The kind of an [`OverlayError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum OverlayErrorKind {
    /// The source has no document
    Absent,
    /// Two lists declare one overlay differently, or a list declares none
    Declaration,
    /// The document, or a rule of it, is not valid
    Invalid,
    /// The source is down
    Unavailable,
}

/// The rules of an overlay could not be read; those before stay in force.
#[derive(Debug)]
pub struct OverlayError {
    kind: OverlayErrorKind,
    message: String,
    source: Option<BoxError>,
}

impl OverlayError {
    pub(super) fn new(kind: OverlayErrorKind) -> Self {
        let message = match kind {
            OverlayErrorKind::Absent => {
                "the overlay has no document; write `{\"rules\": []}` if there are no rules"
            }
            OverlayErrorKind::Declaration => "the lists do not declare their overlays",
            OverlayErrorKind::Invalid => "the document of the overlay is not valid",
            OverlayErrorKind::Unavailable => "the source of the overlay is down",
        };
        Self { kind, message: message.to_owned(), source: None }
    }

    pub(super) const fn invalid(message: String) -> Self {
        Self { kind: OverlayErrorKind::Invalid, message, source: None }
    }

    pub(super) const fn declaration(message: String) -> Self {
        Self { kind: OverlayErrorKind::Declaration, message, source: None }
    }

    pub(super) fn unavailable(source: BoxError) -> Self {
        Self { source: Some(source), ..Self::new(OverlayErrorKind::Unavailable) }
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> OverlayErrorKind {
        self.kind
    }
}

impl fmt::Display for OverlayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for OverlayError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

impl AsDynError for OverlayError {
    fn as_dyn_error(&self) -> &(dyn Error + 'static) {
        self
    }
}
