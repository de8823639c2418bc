//! Implements OAuth 2.0 (RFC 6749): authorization servers, clients and grants.

mod authorization_code;
mod classify_response;
mod client_authentication;
mod client_credentials;
#[cfg(feature = "jwt")]
mod client_key;
mod device_code;
mod discovery;
mod interactive_grant_macro;
mod introspection;
mod login_attempt;
mod oauth_client;
#[cfg(feature = "jwt")]
mod pem_diagnosis;
mod provider_endpoints;
mod random_text;
mod revocation;
mod revoke_undelivered_token;
mod send_request;
mod server_metadata;
mod template_grant;
mod token_exchange;
mod validate_id_token_claims;

pub use authorization_code::AuthorizationCode;
pub use client_authentication::ClientAuthentication;
pub use client_credentials::ClientCredentials;
#[cfg(feature = "jwt")]
pub use client_key::ClientKey;
pub use device_code::DeviceCode;
pub use introspection::Introspection;
pub use login_attempt::{LoginAttempt, LoginAttemptParts};
pub use oauth_client::OAuthClient;
pub use provider_endpoints::Provider;
#[cfg(feature = "dpop")]
pub(crate) use random_text::random_text;
pub use template_grant::TemplateGrant;
pub use token_exchange::TokenExchange;
