//! Signs tickets: stateless statements about a user in one line of text, for a cookie.
//!
//! A [`Ticket`] is plain data, and a [`TicketSealer`] converts it to text and back. Neither uses a clock:
//! [`Ticket::check`] tells whether a ticket is valid at a time.
//!
//! # Format
//!
//! A ticket's text is the unpadded base64url of
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version of the format, 1 |
//! | 8 | id of the key |
//! | 32 | HMAC-SHA-256 over the rest, and over the client's address if the ticket is bound to one |
//! | 1 | flags; unknown ones are rejected |
//! | 8, 8, 8 | times of issue, expiry and log-in: seconds since 1970, big-endian |
//! | 1 + n | the identity, after its length |
//! | | during impersonation: the impersonator's identity, in the same way |
//! | | if it differs from the log-in: how the user authenticated ([`Authentication`](crate::identity::Authentication)) |
//! | | optional: the number of tokens (2 bytes), the tokens and the data, each after its length (2 bytes) |
//!
//! The subkey is derived for this version, purpose, application and cookie name. Every field has a fixed
//! length or is preceded by its length, so no two tickets share their bytes. The decoder accepts exactly what
//! the encoder writes, so each ticket has exactly one text.
//!
//! # Security
//!
//! A ticket is signed, not encrypted: the identity, the tokens and the data are readable in the cookie.
//! Without a denylist a ticket cannot be revoked before it expires.

mod bound_address;
pub(crate) mod byte_reader;
mod error;
pub mod legacy;
mod payload_encoding;
mod ticket_content;
mod ticket_sealer;

pub use bound_address::BoundAddress;
pub use error::{TicketError, TicketErrorKind};
pub(crate) use ticket_content::Marks;
pub use ticket_content::Ticket;
pub use ticket_sealer::{Opened, TicketScope, TicketSealer};
