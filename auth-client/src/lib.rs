//! Authorizers for outgoing requests.
#![forbid(unsafe_code)]

mod authorizer;
pub mod clock;
mod credentials;
mod error;
mod fixed;
mod http_client;
mod origin;
mod store;
mod template;
mod token;

pub use authorizer::Authorizer;
pub use credentials::Credentials;
pub use error::{Denial, Error, ErrorKind};
pub use fixed::{ApiKeyAuthorizer, BasicAuthorizer, BearerAuthorizer, Encoding};
pub use http_client::{HttpClient, Transport, TransportBuilder};
pub use origin::Origin;
pub use store::{FileStore, MemoryStore, StoreKey, StoreLock, TokenCipher, TokenStore};
pub use template::{Call, Payload, RequestTemplate};
pub use token::{Token, TokenFormat, TokenTester};
