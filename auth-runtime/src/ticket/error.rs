//! Why a ticket was refused.

use std::{error::Error, fmt};

/// The kind of a [`TicketError`].
///
/// # Security
///
/// It is for logs and for tests. A client must be told the same whatever it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TicketErrorKind {
    /// Its time is over
    Expired,
    /// Its signature is not that of a key we know, for this purpose and from this address
    Forged,
    /// It is no ticket at all
    Malformed,
    /// It was issued in the future
    NotYet,
    /// It would be longer than a browser keeps
    TooLong,
}

/// Text is not a valid ticket, or a ticket cannot be sealed.
///
/// It reads the same for every reason; see [`kind`](Self::kind).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TicketError(TicketErrorKind);

impl TicketError {
    pub(super) const fn new(kind: TicketErrorKind) -> Self {
        Self(kind)
    }

    /// Returns the kind, for logs.
    #[must_use]
    pub const fn kind(&self) -> TicketErrorKind {
        self.0
    }
}

impl fmt::Display for TicketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            TicketErrorKind::TooLong => "the ticket is too long for a cookie",
            _ => "the ticket is not valid",
        })
    }
}

impl Error for TicketError {}
