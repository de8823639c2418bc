//! Describes as constant data how a log-in with one identity provider works: [`Descriptor`].
//!
//! A [`Descriptor`] is what tells one provider from another: protocol, endpoints, client authentication,
//! PKCE, scopes, where the profile lies and who asserts that an e-mail address was verified. The crate's own
//! ones are in [`providers`](crate::providers); an application's own provider is a descriptor, too:
//!
//! ```
//! use auth_login::descriptor::{Call, Date, Descriptor, Issuer, Placeholder};
//! use auth_login::profile::{EmailSource, Mapping, Subject, Verified};
//!
//! const FORGE: Descriptor = Descriptor::oauth2("forge", "Our forge", "{base}/authorize", "{base}/token")
//!     .with_placeholders(&[Placeholder::base("base", "https://forge.example.com")])
//!     .with_issuer(Issuer::Namespace("{base}"))
//!     .with_scopes(&["user"])
//!     .with_calls(&[Call::get("user", "{base}/api/user")])
//!     .with_mapping(
//!         Mapping::new(Subject::Member("/user/id"))
//!             .with_email(&[EmailSource::new("/user/email", Verified::Unknown)])
//!             .with_username(&["/user/login"]),
//!     )
//!     .checked_on(Date::new(2026, 11, 30), "the forge's handbook")
//!     .validated();
//!
//! let provider = FORGE.resolve(&[("base", "https://git.example.com")])?;
//! assert_eq!(provider.issuer(), "https://git.example.com");
//! # Ok::<(), auth_login::descriptor::DescriptorError>(())
//! ```
//!
//! # Security
//!
//! What deviates from the standards is a fact of the descriptor, and so is decided before a log-in begins. A
//! request that a provider rejects is never repeated with less protection, such as without PKCE.

mod api_call;
mod builder;
mod callback_trust;
mod compile_time_check;
mod error;
mod error_response;
mod field_types;
mod placeholders;
mod resolved_provider;
mod support_status;

pub use api_call::{Body, Call, CallValue, HttpMethod, TokenPlace};
pub use compile_time_check::Problem;
pub use error::DescriptorError;
pub use error_response::{ErrorForm, Refused};
pub use field_types::{
    ClientMethod, Endpoints, IdTokenKey, Issuer, JwtSecret, Logout, Nonce, Pkce, Protocol, ResponseMode,
    Scopes, TokenRequest, UserInfo,
};
pub use placeholders::{Placeholder, PlaceholderKind};
pub use resolved_provider::{ResolvedCall, ResolvedEndpoints, ResolvedProvider};
pub use support_status::{Date, Status};

use crate::profile::Mapping;

/// Describes an identity provider; a constant.
///
/// Made by [`openid`](Self::openid), [`oauth2`](Self::oauth2) or [`oauth1`](Self::oauth1) and changed by the
/// `with_` methods. Texts called templates may hold placeholders in braces, which [`resolve`](Self::resolve)
/// fills in.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Descriptor {
    /// The name of the provider in paths: small ASCII letters, digits and hyphens.
    pub id: &'static str,
    /// The name of the provider on buttons.
    pub label: &'static str,
    /// The protocol of the log-in.
    pub protocol: Protocol,
    /// Who names the accounts.
    pub issuer: Issuer,
    /// Where the endpoints are.
    pub endpoints: Endpoints,
    /// The placeholders of the templates.
    pub placeholders: &'static [Placeholder],
    /// How the client authenticates at the token endpoint.
    pub client_method: ClientMethod,
    /// The name of the parameter with the client's id; `client_id` but for a few.
    pub client_id_parameter: &'static str,
    /// The name of the parameter with the client's secret; `client_secret` but for a few.
    pub client_secret_parameter: &'static str,
    /// Whether and how PKCE is used.
    pub pkce: Pkce,
    /// Whether the `id_token` repeats the nonce.
    pub nonce: Nonce,
    /// The key that verifies `id_token`s.
    pub id_token_key: IdTokenKey,
    /// True if the provider must add `iss` to the callback (RFC 9207). Discovery can demand it, too; an `iss`
    /// that comes unannounced is compared in any case where the issuer is [`Issuer::Exact`].
    pub announces_iss: bool,
    /// The scopes that are asked for by default.
    pub scopes: Scopes,
    /// What stands between two scopes: a space in RFC 6749 section 3.3.
    pub scope_separator: &'static str,
    /// Parameters that each authorization request has.
    pub authorize_parameters: &'static [(&'static str, &'static str)],
    /// The fragment that the authorization address must end with.
    pub authorize_fragment: Option<&'static str>,
    /// How the callback's parameters come.
    pub response_mode: ResponseMode,
    /// Parameters of the callback that must be repeated in the token request.
    pub callback_parameters: &'static [&'static str],
    /// A parameter of the callback with a part of the profile as JSON, unsigned.
    pub callback_profile: Option<&'static str>,
    /// How the token request is sent.
    pub token_request: TokenRequest,
    /// Forms of errors in addition to that of RFC 6749 section 5.2.
    pub error_forms: &'static [ErrorForm],
    /// Where the profile comes from.
    pub user_info: UserInfo,
    /// How the profile is read.
    pub mapping: Mapping,
    /// Where refresh tokens are redeemed, a template, if not at the token endpoint.
    pub refresh: Option<&'static str>,
    /// The revocation endpoint (RFC 7009), a template; discovery can name one, too.
    pub revocation: Option<&'static str>,
    /// How a user logs out at the provider.
    pub logout: Logout,
    /// The base address of the provider's API, a template: the only origin to which its tokens are sent.
    pub api: Option<&'static str>,
    /// Whether the provider can be used.
    pub status: Status,
    /// The day on which these facts were compared with their source.
    pub checked: Date,
    /// Where these facts were read.
    pub source: &'static str,
}
