//! Authorizers for outgoing requests.
#![forbid(unsafe_code)]

mod authorizer;
pub mod clock;
mod credentials;
mod environment;
mod error;
mod fixed;
mod grant;
mod http_client;
mod interaction;
mod json;
mod loopback;
mod oauth;
mod origin;
#[cfg(any(feature = "middleware", feature = "tower"))]
mod outgoing;
mod store;
mod template;
mod token;
mod token_authorizer;

pub use authorizer::Authorizer;
pub use credentials::Credentials;
pub use environment::Environment;
pub use error::{Denial, Error, ErrorKind};
pub use fixed::{ApiKeyAuthorizer, BasicAuthorizer, BearerAuthorizer, Encoding};
pub use grant::Grant;
pub use http_client::{HttpClient, Transport, TransportBuilder};
pub use interaction::{DevicePrompt, Interaction, Terminal};
pub use loopback::LoopbackListener;
#[cfg(feature = "jwt")]
pub use oauth::ClientKey;
pub use oauth::{
    Attempt, AuthorizationCode, ClientAuthentication, ClientCredentials, DeviceCode, Introspection,
    OAuthClient, Provider, TemplateGrant, TokenExchange,
};
pub use origin::Origin;
#[cfg(feature = "middleware")]
pub use outgoing::AuthorizedClient;
#[cfg(any(feature = "middleware", feature = "tower"))]
pub use outgoing::RetryPolicy;
#[cfg(feature = "tower")]
pub use outgoing::{Authorization, AuthorizationLayer};
pub use store::{FileStore, MemoryStore, StoreKey, StoreLock, TokenCipher, TokenStore};
pub use template::{Call, Payload, RequestTemplate};
pub use token::{Token, TokenFormat, TokenTester};
pub use token_authorizer::TokenAuthorizer;
