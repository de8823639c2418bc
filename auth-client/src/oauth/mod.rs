//! OAuth 2.0 (RFC 6749): authorization servers, clients and grants.

mod attempt;
mod authentication;
mod authorization_code;
mod client;
mod client_credentials;
mod device_code;
mod discovery;
mod endpoint;
mod id_token;
mod interactive_grant;
mod introspection;
mod provider;
mod response_status;
mod template_grant;
mod token_exchange;

pub use attempt::{Attempt, AttemptParts};
pub use authentication::ClientAuthentication;
#[cfg(feature = "jwt")]
pub use authentication::ClientKey;
pub use authorization_code::AuthorizationCode;
pub use client::OAuthClient;
pub use client_credentials::ClientCredentials;
pub use device_code::DeviceCode;
pub use introspection::Introspection;
pub use provider::Provider;
pub use template_grant::TemplateGrant;
pub use token_exchange::TokenExchange;
