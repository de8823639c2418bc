//! OAuth 2.0 (RFC 6749): authorization servers, clients and grants.

mod authorization_code;
mod client;
mod client_authentication;
mod client_credentials;
mod device_code;
mod discovery;
mod id_token_check;
mod interactive_grant;
mod introspection;
mod login_attempt;
mod provider;
mod random_text;
mod response_status;
mod revocation;
mod send_request;
mod server_metadata;
mod template_grant;
mod token_exchange;

pub use authorization_code::AuthorizationCode;
pub use client::OAuthClient;
pub use client_authentication::ClientAuthentication;
#[cfg(feature = "jwt")]
pub use client_authentication::ClientKey;
pub use client_credentials::ClientCredentials;
pub use device_code::DeviceCode;
pub use introspection::Introspection;
pub use login_attempt::{Attempt, AttemptParts};
pub use provider::Provider;
pub use template_grant::TemplateGrant;
pub use token_exchange::TokenExchange;
