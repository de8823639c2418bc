//! Who a request claims to be: found, remembered and forgotten by an [`IdentityPolicy`].

pub mod client_address;
pub mod cookie;
mod effects;
mod error;
mod id;
mod incoming;
mod policy;
mod ticket_cookie;

pub use effects::Effects;
pub use error::{IdentityError, IdentityErrorKind};
pub use id::{Identity, InvalidId, UserId};
pub use incoming::Incoming;
pub use policy::{Identified, IdentityPolicy, Lifetime, Occasion, Remember};
pub use ticket_cookie::{TicketCookie, TicketData};
