//! Fetches and caches the keys of an issuer (RFC 7517, section 5; `OpenID` Connect Discovery; RFC 8414).

mod address_filter;
mod error;
mod fetch;
mod fetch_schedule;
mod locate;
mod options;
mod remote;

pub use error::{JwksError, JwksErrorKind};
pub use remote::RemoteJwks;
