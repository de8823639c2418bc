//! Authorizers for outgoing requests.
#![forbid(unsafe_code)]

mod authorizer;
pub mod clock;
mod credentials;
mod error;
mod fixed;
mod origin;

pub use authorizer::Authorizer;
pub use credentials::Credentials;
pub use error::{Denial, Error, ErrorKind};
pub use fixed::{ApiKeyAuthorizer, BasicAuthorizer, BearerAuthorizer, Encoding};
pub use origin::Origin;
