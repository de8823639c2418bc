//! Fetches and caches the keys of an issuer (RFC 7517, section 5; `OpenID` Connect Discovery; RFC 8414).

mod address_filter;
mod error;
mod fetch_document;
mod fetch_schedule;
mod locate_keys;
mod remote_jwks;
mod remote_jwks_options;

pub use error::{JwksError, JwksErrorKind};
pub use remote_jwks::RemoteJwks;
