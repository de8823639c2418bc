//! Implements OAuth 1.0a (RFC 5849) for providers that have nothing newer: signs requests, and gets tokens
//! from temporary credentials. [`Login`](crate::Login) does all of it for the routes of a log-in.
//!
//! The flow has three steps, and the browser goes between the first two:
//!
//! 1. [`OAuth1Client::begin`] requests temporary credentials. The user agent is sent to
//!    [`OAuth1Attempt::url`]. The attempt's [parts](OAuth1Attempt::into_parts) are kept where only this
//!    browser can bring them back, encrypted, once, for at most ten minutes.
//! 2. [`OAuth1Client::finish`] compares the callback with the parts and requests the token.
//! 3. [`OAuth1Client::profile`] reads the profile with signed requests.
//!
//! ```no_run
//! use auth_login::{oauth1::{OAuth1Client, OAuth1Error}, profile::Profile, providers};
//!
//! # async fn f(key: &str, secret: &str, callback_query: &str) -> Result<Profile, OAuth1Error> {
//! let client = OAuth1Client::new(providers::TRELLO.resolve(&[])?, key, secret)?;
//! let attempt = client.begin("https://app.example.com/login/trello/callback").await?;
//! let (url, parts) = attempt.into_parts();
//! // … the browser comes back with `callback_query` and the parts …
//! # let _ = url;
//! let token = client.finish(parts, callback_query).await?;
//! client.profile(&token).await
//! # }
//! ```
//!
//! # Security
//!
//! - Protocol parameters travel in the `Authorization` header only (section 3.5.1), so tokens and signatures
//!   are not in addresses or logs.
//! - `oauth_callback_confirmed=true` and a verifier are required: without them, an attacker could let a
//!   victim authorize a token of the attacker's session (session fixation, the reason for 1.0a).
//! - There is no `state`; the parts bind the callback to the browser.

mod api_requests;
mod authorization_header;
mod client;
mod error;
mod login_attempt;
mod percent_encoding;
mod response;
mod sign;

pub use client::OAuth1Client;
pub use error::OAuth1Error;
pub use login_attempt::{OAuth1Attempt, OAuth1Parts};
pub use response::OAuth1Token;
pub use sign::{OAuth1Credentials, SignatureMethod, base_string, sign};
