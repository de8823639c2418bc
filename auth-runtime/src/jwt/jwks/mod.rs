//! The keys of an issuer, fetched from its address (RFC 7517, section 5; `OpenID` Connect Discovery; RFC 8414).

mod error;
mod fetch;
mod locate;
mod options;
mod reach;
mod remote;
mod schedule;

pub use error::{JwksError, JwksErrorKind};
pub use remote::RemoteJwks;
