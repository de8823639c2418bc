//! Authorizers for outgoing requests: whatever a service wants to see, an [`Authorizer`] has the headers for it, and a client
//! that uses one does not think about tokens any more.
//!
//! # Security
//!
//! - Credentials go over `https`, or stay on this machine, and go to the origins that they are given for: never across a
//!   redirect, never into an address.
//! - Secrets are not shown by any `Debug`, error or log line. They are cleared from memory when they are dropped, as far as the
//!   libraries below do the same with their copies.
//! - PKCE is always on, with S256; state, nonce and verifier serve once; answers of another provider are refused.
//! - What goes to loopback addresses or `localhost` does not pass a proxy.
//! - A provider's redirects are not followed, and its answers are not longer than 64 KiB, nor later than 30 seconds.
//! - What this does not protect against: a provider that means ill, other programs of the same user, and what other middlewares
//!   of a client do with the headers.
//!
//! # A service that calls another one
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
//! With the feature `middleware`, a `reqwest` client does the rest: it authorizes each request to the service, refreshes ahead
//! of a token's end, and tries new credentials once after a 401:
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
//! # Which authorizer when
//!
//! | whom it speaks for | grant, or authorizer | specification |
//! |---|---|---|
//! | a name and a password | [`BasicAuthorizer`] | RFC 7617 |
//! | a token or key that was handed out | [`BearerAuthorizer`], [`ApiKeyAuthorizer`] | RFC 6750 |
//! | the program itself | [`ClientCredentials`] | RFC 6749 section 4.4 |
//! | a person with a browser here | [`AuthorizationCode`] | RFC 6749 section 4.1, RFC 7636, RFC 8252 |
//! | a person with a browser elsewhere | [`DeviceCode`] | RFC 8628 |
//! | the user of a request that came in | [`TokenExchange`] | RFC 8693 |
//! | whatever a service has thought up | [`TemplateGrant`], or an [`Authorizer`] of one's own | |
//!
//! There is no way to send a user's password for a token, nor to get one through the address of a page: RFC 9700 sections 2.4
//! and 2.1.2.
//!
//! # Features
//!
//! | name | what it adds | default |
//! |---|---|---|
//! | `browser` | [`Terminal`] opens the user's browser | no |
//! | `jwt` | clients that authenticate with a key pair | no |
//! | `middleware` | `AuthorizedClient`, for `reqwest` | no |
//! | `tower` | `AuthorizationLayer`, for services of `http` requests | no |
//!
//! Events go to `tracing`, with the target `auth_client`. No secret is in them.

#![forbid(unsafe_code)]

mod authorizer;
pub mod clock;
mod credentials;
mod environment;
mod error;
mod fixed;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod grant;
mod http_client;
mod interaction;
mod json;
mod lenient;
mod loopback;
mod oauth;
mod origin;
#[cfg(any(feature = "middleware", feature = "tower"))]
mod outgoing;
mod retry_after;
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
    Attempt, AttemptParts, AuthorizationCode, ClientAuthentication, ClientCredentials, DeviceCode,
    Introspection, OAuthClient, Provider, TemplateGrant, TokenExchange,
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
