//! Who a request claims to be: found, remembered and forgotten by an [`IdentityPolicy`].

mod challenge;
pub mod client_address;
pub mod cookie;
mod credential_id;
mod data;
mod effects;
mod error;
mod id;
mod identified;
mod incoming;
mod occasion;
mod policy;
mod remember;
mod scopes;
#[cfg(feature = "session")]
pub mod session;
mod ticket_cookie;

pub use challenge::{Challenge, Challenges};
pub use credential_id::CredentialId;
pub use data::{Data, DataEdits};
pub use effects::Effects;
pub use error::{IdentityError, IdentityErrorKind};
pub use id::{Identity, InvalidId, UserId};
pub use identified::Identified;
pub use incoming::Incoming;
pub use occasion::Occasion;
pub use policy::IdentityPolicy;
pub use remember::{Lifetime, Remember};
pub use scopes::{InvalidScope, Scopes};
pub use ticket_cookie::{TicketCookie, TicketData};
