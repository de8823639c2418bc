//! Defines [`JwksError`], the error of fetching keys.

use std::{error::Error, fmt, time::Duration};

use auth_identity::{__private::events::AsDynError, BoxError};

/// The kind of a [`JwksError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JwksErrorKind {
    /// The address is not `https`, or not allowed
    Address,
    /// The response is not a JWK set, or not metadata of this issuer
    Answer,
    /// There are no keys, or only expired ones, and none could be fetched
    Unavailable,
    /// The server did not respond in time, or with another status than 200
    Unreachable,
}

/// The keys of an issuer could not be fetched.
#[derive(Debug)]
pub struct JwksError {
    kind: JwksErrorKind,
    message: String,
    retry_after: Option<Duration>,
    source: Option<BoxError>,
}

impl JwksError {
    pub(super) fn new(kind: JwksErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None, source: None }
    }

    pub(super) fn because(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub(super) fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    pub(super) fn with_message(mut self, message: String) -> Self {
        self.message = message;
        self
    }

    pub(super) const fn wait(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> JwksErrorKind {
        self.kind
    }
}

impl fmt::Display for JwksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for JwksError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}

impl AsDynError for JwksError {
    fn as_dyn_error(&self) -> &(dyn Error + 'static) {
        self
    }
}
