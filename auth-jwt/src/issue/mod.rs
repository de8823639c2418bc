//! Issues access tokens: [`JwtIssuer`].

mod error;
mod jwt_signer;
mod new_access_token;
mod token_response;

use std::{fmt, sync::Arc, time::Duration};

pub use error::{IssueError, IssueErrorKind};
pub use jwt_signer::JwtSigner;
pub(crate) use new_access_token::ORIGINAL_ISSUE;
pub use new_access_token::{AccessToken, IssuedToken};
pub use token_response::TokenResponse;

use super::{Grant, JwtConfigError, JwtConfigErrorKind};
use auth_identity::{
    Identity,
    clock::{Clock, SystemClock},
};

/// The maximum lifetime of an access token, which can only be revoked with a denylist.
const MAX_LIFETIME: Duration = Duration::from_hours(24);

/// Issues signed, short-lived access tokens (RFC 9068) for one user and one audience.
///
/// | option | default |
/// |---|---|
/// | lifetime | 10 minutes; at most 24 hours |
/// | type | `at+jwt` |
///
/// Each token has `iss`, `sub`, `aud`, `iat`, `exp` and a `jti` of 128 random bits.
///
/// # Example
///
/// ```
/// use auth_runtime::KeyRing;
/// use auth_runtime::jwt::{JwtIssuer, RingKeys};
/// use std::time::Duration;
///
/// let issuer = JwtIssuer::new(RingKeys::new(KeyRing::random()), "https://shop.example")?
///     .with_lifetime(Duration::from_secs(300))?;
/// let token = issuer
///     .access_token("alice", "https://api.shop.example")
///     .with_scopes("articles:read articles:write".parse()?)
///     .with_claim("tenant", 7)?
///     .issue()?;
/// assert_eq!(token.as_str().split('.').count(), 3);
/// assert_eq!(format!("{token:?}").contains(token.as_str()), false);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A token without an audience does not compile:
///
/// ```compile_fail
/// # use auth_runtime::{KeyRing, jwt::{JwtIssuer, RingKeys}};
/// # let issuer = JwtIssuer::new(RingKeys::new(KeyRing::random()), "https://shop.example").unwrap();
/// let token = issuer.access_token("alice").issue();
/// ```
///
/// # Security
///
/// A token is signed, not encrypted: its claims are readable.
#[derive(Clone)]
#[must_use]
pub struct JwtIssuer {
    signer: JwtSigner,
    issuer: String,
    typ: String,
    lifetime: Duration,
    clock: Arc<dyn Clock>,
}

impl JwtIssuer {
    /// Creates an issuer with this name, usually an https address, and the keys of a ring
    /// ([`RingKeys`](super::RingKeys)) or a [`SigningKey`](super::SigningKey).
    ///
    /// # Errors
    ///
    /// Fails if the name does not have 1 to 255 bytes of visible text.
    pub fn new(keys: impl Into<JwtSigner>, issuer: impl Into<String>) -> Result<Self, JwtConfigError> {
        let issuer = issuer.into();
        if Identity::from_stored(&issuer).is_err() {
            return Err(JwtConfigError::new(JwtConfigErrorKind::Issuer));
        }
        Ok(Self {
            signer: keys.into(),
            issuer,
            typ: "at+jwt".to_owned(),
            lifetime: Duration::from_mins(10),
            clock: Arc::new(SystemClock),
        })
    }

    /// Sets the lifetime of tokens, in whole seconds. The default is 10 minutes.
    ///
    /// # Errors
    ///
    /// Fails for less than 1 second and for more than 24 hours.
    pub fn with_lifetime(mut self, lifetime: Duration) -> Result<Self, JwtConfigError> {
        if !is_lifetime(lifetime) {
            return Err(JwtConfigError::new(JwtConfigErrorKind::Lifetime));
        }
        self.lifetime = lifetime;
        Ok(self)
    }

    /// Sets the type in the header (`typ`). The default is `at+jwt`.
    ///
    /// # Errors
    ///
    /// Fails if it is not a media type.
    pub fn with_type(mut self, typ: impl Into<String>) -> Result<Self, JwtConfigError> {
        let typ = typ.into();
        let is_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+/".contains(&byte);
        if typ.is_empty() || typ.len() > 127 || !typ.bytes().all(is_byte) {
            return Err(JwtConfigError::new(JwtConfigErrorKind::Type));
        }
        self.typ = typ;
        Ok(self)
    }

    /// Sets the clock. The default is the [`SystemClock`].
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Begins an access token for this user and this audience, usually the address of the resource server.
    pub fn access_token(&self, subject: impl Into<String>, audience: impl Into<String>) -> AccessToken<'_> {
        AccessToken::new(self, subject.into(), audience.into())
    }

    /// Begins an access token for a grant. For a grant from a refresh, the claim `orig_iat` has the time at
    /// which the refresh token family began, so that the token is revoked with the user's credentials of that
    /// time.
    pub fn access_token_for(&self, grant: &Grant) -> AccessToken<'_> {
        let mut token =
            self.access_token(grant.subject(), grant.audience()).with_scopes(grant.scopes().clone());
        if let Some(client) = grant.client_id() {
            token = token.with_client_id(client);
        }
        if let Some(time) = grant.authenticated_at() {
            token = token.with_authenticated_at(time);
        }
        if let Some(acr) = grant.acr() {
            token = token.with_acr(acr.clone());
        }
        if let Some(time) = grant.began() {
            token = token.with_began(time);
        }
        token
    }
}

fn is_lifetime(lifetime: Duration) -> bool {
    lifetime.as_secs() >= 1 && lifetime <= MAX_LIFETIME
}

impl fmt::Debug for JwtIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtIssuer")
            .field("signer", &self.signer)
            .field("issuer", &self.issuer)
            .field("typ", &self.typ)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
