//! Tickets: what a server says about a user, signed, in one line of text that a browser keeps.
//!
//! A [`Ticket`] is plain data, and a [`TicketSealer`] turns it into text and back. Neither knows the time: whether
//! a ticket is valid *now* is asked with [`Ticket::check`].
//!
//! # Format
//!
//! A ticket's text is the unpadded base64url of
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version of the format, 1 |
//! | 8 | id of the key |
//! | 32 | HMAC-SHA-256 over the rest, and over the client's address when the ticket is bound to one |
//! | 1 | marks, of which unknown ones are refused |
//! | 8, 8, 8 | times of issue, expiry and first log-in: seconds since 1970, big-endian |
//! | 1 + n | the identity, after its length |
//! | | when somebody else acts under it: their identity, in the same way |
//! | | when there are any: the number of tokens (2 bytes), the tokens and the data, each after its length (2 bytes) |
//!
//! The key is derived for this version, purpose, application and cookie name. Every field has a fixed length or is
//! preceded by it, so no two tickets share their bytes; and the decoder takes exactly what the encoder writes, so
//! exactly one text is a given ticket.
//!
//! # Security
//!
//! A ticket is signed, not encrypted: whoever has the cookie can read the identity, the tokens and the data.
//! Without a store of its own a server cannot take a ticket back before it expires.

mod address;
mod content;
mod error;
pub mod legacy;
mod payload;
mod reader;
mod sealer;

pub use address::BoundAddress;
pub(crate) use content::Marks;
pub use content::Ticket;
pub use error::{TicketError, TicketErrorKind};
#[cfg(feature = "encrypted-cookie")]
pub(crate) use reader::Reader;
pub use sealer::{Opened, TicketScope, TicketSealer};
