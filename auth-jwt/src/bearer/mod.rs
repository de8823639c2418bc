//! Authenticates by JWT bearer tokens: [`BearerJwt`].

mod bound_tokens;
mod identity_mapper;
mod policy;
mod single_use;
mod token_getter;
mod verifier_options;
mod websocket_subprotocol;

use std::sync::Arc;

pub use identity_mapper::IdentityMapper;
pub use token_getter::{AuthorizationHeader, CookieToken, Presented, TokenGetter, WebSocketQuery};
pub use websocket_subprotocol::WebSocketProtocol;

use super::{JwtConfigError, JwtConfigErrorKind, JwtVerifier, KeySource};
use auth_identity::__private::{Bindings, Challenger};
use identity_mapper::Named;
use single_use::SingleUse;

use auth_identity::__private::http_syntax::quoted;

/// Authenticates requests by a signed token: `Authorization: Bearer …` (RFC 6750, RFC 9068).
///
/// | option | default |
/// |---|---|
/// | location of the token | the header `Authorization` |
/// | issuer, audience | not checked; tokens with an audience are rejected |
/// | type | `at+jwt` |
/// | required claims | `exp`, `sub`, and all configured ones |
/// | identity | `sub`; with several issuers `iss#sub` |
/// | tokens that a client has for itself | named like those of users; see [`with_services`](Self::with_services) |
/// | clock skew of the issuer | 30 seconds |
/// | tokens that are bound to a key (`cnf`) | rejected; see [`with_dpop`](Self::with_dpop), [`with_client_certificates`](Self::with_client_certificates) |
/// | number of uses | unlimited until it expires |
/// | an invalid token | 401 `invalid_token`, even on public routes |
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
/// [`JwtVerifier`] defines valid tokens. A request has one token in one place; a second `Authorization`
/// header, a list, or anything else is rejected. All invalid tokens get the same response, byte for byte; the
/// log has the reason.
///
/// Anyone who has a token is its user until it expires or is revoked. Issue short-lived tokens and refresh
/// them ([`RefreshTokens`](super::RefreshTokens)), or make each valid for [one use](Self::with_single_use).
/// Set the audience: otherwise a token that the issuer issued without an audience for another service is
/// accepted here (confused deputy).
#[derive(Clone, Debug)]
#[must_use]
pub struct BearerJwt {
    verifier: JwtVerifier,
    getter: Arc<dyn TokenGetter>,
    identifier: Named,
    challenger: Challenger,
    is_lenient: bool,
    has_services: bool,
    bindings: Bindings,
    single_use: Option<SingleUse>,
    /// The issuers whose authentication contexts count, if they are named
    acr_issuers: Vec<String>,
}

impl BearerJwt {
    /// Verifies tokens with these keys: your own [`RingKeys`](super::RingKeys), a
    /// [`VerifyingKey`](super::VerifyingKey), a [`KeySet`](super::KeySet), or the published keys of another
    /// issuer (`RemoteJwks`).
    pub fn new(keys: impl KeySource) -> Self {
        Self::from_verifier(JwtVerifier::new(keys))
    }

    /// Verifies tokens with this verifier.
    pub fn from_verifier(verifier: JwtVerifier) -> Self {
        Self {
            verifier,
            getter: Arc::new(AuthorizationHeader::new()),
            identifier: Named::Unsaid,
            challenger: Challenger::default(),
            is_lenient: false,
            has_services: false,
            bindings: Bindings::default(),
            single_use: None,
            acr_issuers: Vec::new(),
        }
    }

    /// Sets where the token is. The default is [`AuthorizationHeader`].
    pub fn with_token_getter(mut self, getter: impl TokenGetter) -> Self {
        self.getter = Arc::new(getter);
        self
    }

    /// Uses this claim as the identity, such as `username`. It must be present and be text. The default is
    /// `sub`, or as in [`with_issuer_in_identity`](Self::with_issuer_in_identity) with several issuers.
    ///
    /// # Security
    ///
    /// The issuer must never reassign a value to another user, which is guaranteed for `sub` only. Several
    /// issuers must ensure that together.
    pub fn with_identity_claim(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.verifier = if name == "sub" { self.verifier } else { self.verifier.allow_missing_subject() };
        self.identifier = Named::Claim(name);
        self
    }

    /// Uses `iss` and `sub`, joined by `#`, as the identity: two issuers may use the same name for different
    /// users. This is the default with several issuers; with a single one it is `sub` alone. An impersonator
    /// (`act`, RFC 8693, section 4.1) is named likewise, with its own `iss` if it has one.
    ///
    /// The result has at most 255 bytes; a token with more is rejected.
    ///
    /// # Errors
    ///
    /// Fails if no issuer is set, or one contains a `#`; call [`with_issuer`](Self::with_issuer) before.
    pub fn with_issuer_in_identity(mut self) -> Result<Self, JwtConfigError> {
        let issuers = self.verifier.issuers();
        if issuers.is_empty() || issuers.iter().any(|issuer| issuer.contains('#')) {
            return Err(JwtConfigError::new(JwtConfigErrorKind::Issuer));
        }
        self.identifier = Named::IssuerAndSubject;
        Ok(self)
    }

    /// Trusts this issuer for authentication contexts (`acr`). It may be called several times.
    ///
    /// By default the contexts of the only issuer count, and with several issuers none: what one of them calls `phr` may
    /// be weaker than what another one does. A token of another issuer is accepted, without a context.
    ///
    /// Each policy of a [`FirstOf`](auth_identity::FirstOf) decides by itself, about the tokens that it accepts. Where two of
    /// them have one issuer each, name the trusted issuers at both.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{KeyRing, jwt::{BearerJwt, RingKeys}};
    ///
    /// let policy = BearerJwt::new(RingKeys::new(KeyRing::random()))
    ///     .with_issuer("https://id.company.example")
    ///     .with_issuer("https://customers.example")
    ///     .with_acr_issuer("https://id.company.example");
    /// # let _ = policy;
    /// ```
    pub fn with_acr_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.acr_issuers.push(issuer.into());
        self
    }

    /// Maps the claims to an identity by a function or another [`IdentityMapper`], which may be asynchronous and may fail.
    /// With `None` the token is rejected.
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

    /// Names the client of a token that it got for itself (client credentials) as a service: `sub` and
    /// `client_id` of such a token are equal (RFC 9068, section 2.2). By default it is named like a user.
    ///
    /// Its name is the client id; with several issuers, or [`with_issuer_in_identity`](Self::with_issuer_in_identity),
    /// `iss#client_id`. A [mapper](Self::with_identity_mapper) takes precedence, and may itself return
    /// [`Identity::service`](auth_identity::Identity::service).
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{AuthLayer, KeyRing, UserId, Acl, acl, acl_required};
    /// use auth_runtime::jwt::{BearerJwt, RingKeys};
    ///
    /// const INVOICES: Acl = acl![
    ///     (Allow, Service("billing"), ["create"]),
    ///     (Allow, Authenticated, ["view"]),
    /// ];
    ///
    /// #[acl_required("create", INVOICES)]
    /// async fn create(service: UserId) -> String {
    ///     format!("created by {service}") // service:billing
    /// }
    ///
    /// let policy = BearerJwt::new(RingKeys::new(KeyRing::random())).with_issuer("https://id.example").with_services();
    /// let auth = AuthLayer::new(policy);
    /// # let _ = (auth, create);
    /// ```
    ///
    /// # Security
    ///
    /// The issuer must not let a user choose a `sub` that is the id of a client (RFC 9068, section 5): such a user
    /// would pass as that service.
    pub const fn with_services(mut self) -> Self {
        self.has_services = true;
        self
    }

    /// Treats requests with invalid tokens as anonymous, so that public routes accept them. By default they
    /// get 401 `invalid_token` everywhere, so that a client knows when to refresh its token.
    pub const fn with_bad_tokens_as_anonymous(mut self) -> Self {
        self.is_lenient = true;
        self
    }

    /// Sets the realm of the challenges. The default is `restricted`.
    ///
    /// # Errors
    ///
    /// Fails if it contains anything but visible ASCII and spaces.
    pub fn with_realm(mut self, realm: &str) -> Result<Self, JwtConfigError> {
        self.challenger.realm = quoted(realm).ok_or(JwtConfigError::new(JwtConfigErrorKind::Realm))?;
        Ok(self)
    }

    /// Adds the address of the resource metadata to challenges (RFC 9728, section 5.1). The default is none.
    ///
    /// # Errors
    ///
    /// Fails if it is not an https address of visible ASCII without quotes.
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
