//! Defines [`TicketError`], the error of tickets.

use std::{error::Error, fmt};

/// The kind of a [`TicketError`].
///
/// # Security
///
/// It is for logs and tests. A client must get the same response for every kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TicketErrorKind {
    /// It has expired
    Expired,
    /// Its signature does not match any key for this purpose and address
    Forged,
    /// It is malformed
    Malformed,
    /// It was issued in the future
    NotYet,
    /// It is too long for a cookie
    TooLong,
}

/// A text is not a valid ticket, or a ticket cannot be sealed.
///
/// The message is the same for every reason; see [`kind`](Self::kind).
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
