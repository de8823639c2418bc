//! Identities in bearer tokens.

mod challenge;
mod getter;
mod identity_mapper;
mod options;
mod policy;
mod single_use;

use std::sync::Arc;

pub use getter::{AuthorizationHeader, CookieToken, Presented, TokenGetter, WebSocketQuery};
pub use identity_mapper::IdentityMapper;

use super::{JwtConfigError, JwtConfigErrorKind, JwtVerifier, KeySource};
use challenge::Challenger;
use identity_mapper::Named;
use single_use::SingleUse;

use crate::identity::http_syntax::quoted;

/// Finds the identity in a signed token that the request bears: `Authorization: Bearer …` (RFC 6750, RFC 9068).
///
/// | option | default |
/// |---|---|
/// | where the token is | the `Authorization` header |
/// | issuer, audience | not asked for; tokens that name an audience are refused |
/// | type | `at+jwt` |
/// | required claims | `exp`, `sub`, and whatever is configured |
/// | identity | `sub`; of several issuers `iss#sub` |
/// | how far ahead the issuer's clock may be | 30 seconds |
/// | how often a token is good | until it expires |
/// | a bad token | 401 `invalid_token`, also where everybody may |
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, KeyRing, UserId, auth_required};
/// use auth_runtime::jwt::{BearerJwt, JwtIssuer, RingKeys};
/// use axum::{Router, routing::get};
///
/// #[auth_required]
/// async fn profile(user: UserId) -> String {
///     format!("hello {user}")
/// }
///
/// let keys = RingKeys::new(KeyRing::random());
/// let issuer = JwtIssuer::new(keys.clone(), "https://shop.example")?;
/// let policy = BearerJwt::new(keys).with_issuer("https://shop.example").with_audience("https://api.shop.example");
///
/// let app: Router = Router::new().route("/profile", get(profile)).layer(AuthLayer::new(policy));
/// let token = issuer.access_token("alice", "https://api.shop.example").issue()?;
/// # let _ = (app, token);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
///
/// [`JwtVerifier`] says what makes a token valid. A request bears one token in one place; a second `Authorization`
/// header, a list, or anything that is no token refuses the request. All bad tokens get the same answer, byte by byte; the
/// log has the reason.
///
/// What this does not protect against: whoever has a token is its user until it expires or is revoked, so issue tokens
/// of a short life, and refresh them ([`RefreshTokens`](super::RefreshTokens)), or let each be good
/// [once](Self::with_single_use). Name the audience: without it, what
/// the same issuer has issued without an audience for another service is as good here.
#[derive(Clone, Debug)]
#[must_use]
pub struct BearerJwt {
    verifier: JwtVerifier,
    getter: Arc<dyn TokenGetter>,
    identifier: Named,
    challenger: Challenger,
    is_lenient: bool,
    single_use: Option<SingleUse>,
}

impl BearerJwt {
    /// Takes tokens that are signed with these keys: [`RingKeys`](super::RingKeys) of one's own, a
    /// [`VerifyingKey`](super::VerifyingKey), a [`KeySet`](super::KeySet), or the keys that another issuer
    /// publishes (`RemoteJwks`).
    pub fn new(keys: impl KeySource) -> Self {
        Self::from_verifier(JwtVerifier::new(keys))
    }

    /// Takes tokens that this verifier finds valid.
    pub fn from_verifier(verifier: JwtVerifier) -> Self {
        Self {
            verifier,
            getter: Arc::new(AuthorizationHeader::new()),
            identifier: Named::Unsaid,
            challenger: Challenger::default(),
            is_lenient: false,
            single_use: None,
        }
    }

    /// Looks for the token elsewhere. The default is the [`AuthorizationHeader`].
    pub fn with_token_getter(mut self, getter: impl TokenGetter) -> Self {
        self.getter = Arc::new(getter);
        self
    }

    /// Takes the identity from this claim alone, such as `username`. It must be there and be text. The default is `sub`, as
    /// in [`with_issuer_in_identity`](Self::with_issuer_in_identity) where several issuers are named.
    ///
    /// # Security
    ///
    /// The issuer must promise never to give one user's value to another user, as it does for `sub` only; several issuers
    /// must do so together, as two names of the same issuer do.
    pub fn with_identity_claim(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.verifier = if name == "sub" { self.verifier } else { self.verifier.allow_missing_subject() };
        self.identifier = Named::Claim(name);
        self
    }

    /// Makes the identity of `iss` and `sub`, joined by `#`: two issuers may call different users by the same name. This is
    /// the default where several issuers are named; of a single one it is `sub` alone. Who acts for the subject (`act`, RFC
    /// 8693, section 4.1) is called likewise, by the actor's own `iss` where it has one.
    ///
    /// The two and the `#` have at most 255 bytes together; a token with more names no identity and is refused.
    ///
    /// # Errors
    ///
    /// Fails when no issuer is named, or one whose name holds a `#`; call [`with_issuer`](Self::with_issuer) before.
    pub fn with_issuer_in_identity(mut self) -> Result<Self, JwtConfigError> {
        let issuers = self.verifier.issuers();
        if issuers.is_empty() || issuers.iter().any(|issuer| issuer.contains('#')) {
            return Err(JwtConfigError::new(JwtConfigErrorKind::Issuer));
        }
        self.identifier = Named::IssuerAndSubject;
        Ok(self)
    }

    /// Makes the identity of the claims by a function; with `None` the token is refused.
    ///
    /// What has to be looked up belongs into an
    /// [`AuthorizationPolicy`](crate::authorization::AuthorizationPolicy), which says who an identity is.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Identity, KeyRing};
    /// use auth_runtime::jwt::{BearerJwt, RingKeys, VerifiedClaims};
    ///
    /// let policy = BearerJwt::new(RingKeys::new(KeyRing::random())).with_identity_mapper(|claims: &VerifiedClaims| {
    ///     let tenant = claims.get("tenant")?.as_u64()?;
    ///     Identity::new(format!("{tenant}/{}", claims.subject()?)).ok()
    /// });
    /// # let _ = policy;
    /// ```
    pub fn with_identity_mapper(mut self, identifier: impl IdentityMapper) -> Self {
        self.identifier = Named::By(Arc::new(identifier));
        self
    }

    /// Takes requests with bad tokens for anonymous ones: what everybody may, they may, too. The default is to refuse them
    /// everywhere with 401 `invalid_token`, so that a client learns when to refresh its token.
    pub const fn with_bad_tokens_as_anonymous(mut self) -> Self {
        self.is_lenient = true;
        self
    }

    /// Sets the realm of the challenges. The default is `restricted`.
    ///
    /// # Errors
    ///
    /// Fails when it holds anything but visible ASCII and spaces.
    pub fn with_realm(mut self, realm: &str) -> Result<Self, JwtConfigError> {
        self.challenger.realm = quoted(realm).ok_or(JwtConfigError::new(JwtConfigErrorKind::Realm))?;
        Ok(self)
    }

    /// Tells refused clients where it is written how to get a token (RFC 9728, section 5.1). The default is not to.
    ///
    /// # Errors
    ///
    /// Fails when it is not an https address of visible ASCII without quotes.
    pub fn with_resource_metadata(mut self, address: &str) -> Result<Self, JwtConfigError> {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        if !address.starts_with("https://") || !address.bytes().all(is_plain) {
            return Err(JwtConfigError::new(JwtConfigErrorKind::Metadata));
        }
        self.challenger.resource_metadata = Some(address.to_owned());
        Ok(self)
    }

    fn map_verifier(mut self, change: impl FnOnce(JwtVerifier) -> JwtVerifier) -> Self {
        self.verifier = change(self.verifier);
        self
    }
}
