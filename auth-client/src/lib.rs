//! Authorizes outgoing requests. An [`Authorizer`] supplies the headers for a service; it obtains, caches and
//! refreshes tokens, so that the client does not have to.
//!
//! # Security
//!
//! - Credentials are sent over `https` or to this host only, and only to the origins that they are configured
//!   for: never across a redirect, never in an address.
//! - No `Debug`, error or log line shows a secret. Secrets are wiped from memory when they are dropped, as
//!   far as the libraries below wipe their copies.
//! - PKCE with S256 is always on. State (CSRF), nonce (replay) and verifier are for one use. Responses of
//!   another issuer are rejected (mix-up attack, RFC 9207).
//! - Requests to loopback addresses and `localhost` do not use a proxy.
//! - Redirects of authorization servers are not followed. Their responses are limited to 64 KiB and 30
//!   seconds.
//! - This crate does not protect against a malicious authorization server, other programs of the same user,
//!   or other middleware of a client that reads the headers.
//!
//! # Service to service
//!
//! ```
//! use auth_client::{ClientCredentials, OAuthClient, Provider, TokenAuthorizer, Transport};
//!
//! # async fn f() -> Result<(), auth_client::Error> {
//! let provider = Provider::discover("https://login.example.com", &Transport::new()?).await?;
//! let client = OAuthClient::new(provider, "billing")?.with_secret(std::env::var("SECRET").unwrap());
//! let authorizer = TokenAuthorizer::new(ClientCredentials::new(client).with_scopes(["invoices:read"]));
//! let credentials = (&authorizer).await?;
//! # Ok(()) }
//! ```
//!
//! With the feature `middleware`, a `reqwest` client does this for every request. It refreshes a token before
//! it expires and retries once with new credentials after a 401:
//!
//! ```
//! # #[cfg(feature = "middleware")]
//! # async fn f<G: auth_client::Grant>(authorizer: auth_client::TokenAuthorizer<G>) -> Result<(), Box<dyn std::error::Error>> {
//! use auth_client::{AuthorizedClient, Origin};
//!
//! let client = AuthorizedClient::new(authorizer, [Origin::parse("https://api.example.com")?])
//!     .build(reqwest::Client::builder())?;
//! client.get("https://api.example.com/invoices").send().await?;
//! # Ok(()) }
//! ```
//!
//! # Which authorizer to use
//!
//! | credentials of | grant or authorizer | specification |
//! |---|---|---|
//! | a name and a password | [`BasicAuthorizer`] | RFC 7617 |
//! | a static token or API key | [`BearerAuthorizer`], [`ApiKeyAuthorizer`] | RFC 6750 |
//! | the program itself | [`ClientCredentials`] | RFC 6749 section 4.4 |
//! | a user with a browser on this device | [`AuthorizationCode`] | RFC 6749 section 4.1, RFC 7636, RFC 8252 |
//! | a user with a browser on another device | [`DeviceCode`] | RFC 8628 |
//! | the user of an incoming request | [`TokenExchange`] | RFC 8693 |
//! | a service without a standard | [`TemplateGrant`], or your own [`Authorizer`] | |
//!
//! The password grant and the implicit grant are not implemented: see RFC 9700 sections 2.4 and 2.1.2.
//!
//! # Features
//!
//! | name | what it adds | default |
//! |---|---|---|
//! | `browser` | [`Terminal`] opens the user's browser | no |
//! | `dpop` | tokens that are bound to a key, and proofs of it (RFC 9449) | no |
//! | `jwt` | clients that authenticate with a key pair | no |
//! | `middleware` | `AuthorizedClient`, for `reqwest` | no |
//! | `tower` | `AuthorizationLayer`, for services of `http` requests | no |
//!
//! Events are logged with `tracing` under the target `auth_client`. They contain no secrets.

#![forbid(unsafe_code)]

mod authorization_headers;
mod authorizer;
mod client_environment;
pub mod clock;
#[cfg(feature = "dpop")]
mod dpop;
#[cfg(not(feature = "dpop"))]
#[path = "dpop_disabled.rs"]
mod dpop;
mod error;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod grant_trait;
mod http_client;
mod lenient_json;
mod loopback;
mod oauth;
mod origin;
#[cfg(any(feature = "middleware", feature = "tower"))]
mod outgoing;
mod retry_after;
mod static_credentials;
mod store;
mod template;
mod token;
mod token_authorizer;
mod untrusted_json;
mod user_interaction;

pub use authorization_headers::Credentials;
pub use authorizer::Authorizer;
pub use client_environment::Environment;
#[cfg(feature = "dpop")]
pub use dpop::DpopKey;
pub use error::{Denial, Error, ErrorKind};
pub use grant_trait::Grant;
pub use http_client::{HttpClient, Transport, TransportBuilder};
pub use loopback::LoopbackListener;
#[cfg(feature = "jwt")]
pub use oauth::ClientKey;
pub use oauth::{
    AuthorizationCode, ClientAuthentication, ClientCredentials, DeviceCode, Introspection, LoginAttempt,
    LoginAttemptParts, OAuthClient, Provider, TemplateGrant, TokenExchange,
};
pub use origin::Origin;
#[cfg(feature = "middleware")]
pub use outgoing::AuthorizedClient;
#[cfg(any(feature = "middleware", feature = "tower"))]
pub use outgoing::RetryPolicy;
#[cfg(feature = "tower")]
pub use outgoing::{Authorization, AuthorizationLayer};
pub use static_credentials::{ApiKeyAuthorizer, BasicAuthorizer, BearerAuthorizer, Encoding};
pub use store::{FileStore, MemoryStore, StoreKey, StoreLock, TokenCipher, TokenStore};
pub use template::{Payload, RequestBuilder, RequestTemplate};
pub use token::{Token, TokenTester, TokenWireFormat};
pub use token_authorizer::TokenAuthorizer;
pub use untrusted_json::json_value;
pub use user_interaction::{DevicePrompt, Interaction, Terminal};

/// The README's example is compiled with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
