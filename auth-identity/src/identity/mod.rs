//! Authenticates requests: an [`IdentityPolicy`] determines, remembers and forgets the identity of a request.

mod api_key;
mod authentication_time_and_context;
pub(crate) mod authorization_header;
mod basic;
pub(crate) mod bearer_challenge;
mod challenges;
mod change_context;
pub mod client_address;
pub(crate) mod client_certificate;
mod concealed_credentials;
pub mod cookie;
mod credential_id;
mod credential_throttle;
mod error;
#[doc(hidden)]
pub mod error_kind;
mod first_of;
pub(crate) mod http_syntax;
mod identified;
mod identity_and_user_id;
mod identity_policy;
mod incoming_request;
mod login_options;
#[cfg(feature = "cache")]
mod opaque_token;
mod password;
pub(crate) mod presented_credentials;
pub(crate) mod realm;
mod response_effects;
mod scopes;
mod session_data;
mod step_up_requirement;
mod ticket_cookie;
pub(crate) mod token_binding;
mod typed_user_id;

pub use api_key::{
    ApiKey, ApiKeyError, ApiKeyErrorKind, ApiKeyRecord, ApiKeyStore, MemoryApiKeys, NewApiKey,
};
pub use authentication_time_and_context::{Acr, AuthTime, Authentication, InvalidAcr};
pub use basic::{Basic, BasicVerifier};
pub use challenges::Challenges;
pub use change_context::ChangeContext;
pub use client_certificate::{
    CertificateSubject, ClientCertificate, ClientCertificates, InvalidSubject, MutualTls,
};
pub use concealed_credentials::ConcealedCredentials;
pub use credential_id::CredentialId;
pub use error::IdentityError;
pub use error_kind::{AuthErrorKind, Challenge};
pub use first_of::FirstOf;
pub use identified::Identified;
pub use identity_and_user_id::{Identity, InvalidId, UserId};
pub use identity_policy::{Identification, IdentityPolicy};
pub use incoming_request::Incoming;
pub use login_options::{Lifetime, LoginOptions};
#[cfg(feature = "cache")]
pub use opaque_token::{ActiveToken, OpaqueToken, TokenIntrospector};
pub use password::{InvalidPassword, Password};
#[cfg(feature = "password")]
pub use password::{PasswordError, PasswordErrorKind, PasswordHasher, PasswordMatch};
pub use realm::InvalidRealm;
pub use response_effects::Effects;
pub use scopes::{InvalidScope, Scopes};
pub use session_data::{Data, DataEdits};
pub use step_up_requirement::StepUp;
pub use ticket_cookie::{TicketCookie, TicketData};
pub use token_binding::{Confirmation, PossessionProof, SupportedBindings};
pub use typed_user_id::InvalidTypedId;

#[cfg(not(feature = "cache"))]
crate::names_of_feature!(FeatureCache: ActiveToken OpaqueToken; traits TokenIntrospector);
#[cfg(not(feature = "password"))]
crate::names_of_feature!(FeaturePassword: PasswordError PasswordErrorKind PasswordHasher PasswordMatch);
