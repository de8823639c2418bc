//! Authenticates by opaque access tokens, with token introspection (RFC 7662) and a cache: [`OpaqueToken`].

mod active_token;
mod bound_tokens;
mod policy;
mod token_introspector;

use std::{fmt, sync::Arc, time::Duration};

pub use active_token::ActiveToken;
pub use token_introspector::TokenIntrospector;

use super::{
    InvalidRealm, bearer_challenge::Challenger, credential_throttle::CredentialThrottle, realm,
    token_binding::Bindings,
};
#[cfg(feature = "throttle")]
use crate::throttle::Throttle;
use crate::{cache::LookUps, clock::Clock};

/// Authenticates requests by opaque bearer tokens, which say nothing by themselves: the authorization server is asked
/// whether a token is active, and whose it is (RFC 7662).
///
/// | option | default |
/// |---|---|
/// | time for which an active token is cached | 60 seconds, and never beyond its expiry |
/// | time for which an inactive token is cached | 5 seconds |
/// | cached tokens | 10,000 |
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, BoxError, Identity, identity::{ActiveToken, OpaqueToken}};
///
/// let policy = OpaqueToken::new(
///     |token: String| async move {
///         // `OAuthClient::introspect` of `auth-client`, or another client of the endpoint
///         let is_active = token == "2YotnFZFEjr1zCsicMWpAA";
///         let user = Identity::new("alice")?;
///         let token = ActiveToken::new(user).with_audience(["https://api.shop.example"]);
///         Ok::<_, BoxError>(is_active.then_some(token))
///     },
///     "https://api.shop.example",
/// );
/// let auth = AuthLayer::new(policy);
/// # let _ = auth;
/// ```
///
/// # Security
///
/// A token is accepted if the server says that it is active, if it is for this audience, and within its validity. If the
/// server does not answer, requests with a token that is not cached get 503 (fail closed). A token that was revoked at
/// the server is valid here until it is no longer cached.
///
/// The cache has hashes of tokens, and requests at the same time with one token share one question. An attacker can make
/// this application ask the server about random tokens: limit them with `with_throttle` (feature `throttle`).
/// Browsers do not send the header by themselves, so the credential is not ambient (CSRF).
pub struct OpaqueToken<I> {
    introspector: Arc<I>,
    audience: Option<String>,
    kept: LookUps<[u8; 32], ActiveToken>,
    challenger: Challenger,
    throttle: CredentialThrottle,
    bindings: Bindings,
}

impl<I: TokenIntrospector> OpaqueToken<I> {
    /// Accepts active tokens for this audience (`aud`).
    #[must_use]
    pub fn new(introspector: I, audience: impl Into<String>) -> Self {
        Self { audience: Some(audience.into()), ..Self::with_any_audience(introspector) }
    }

    /// Accepts active tokens for any audience, or without one.
    ///
    /// # Security
    ///
    /// A token that was issued for another API is accepted: an operator of that API can use it here. Use it only if the
    /// introspector checks for what a token is.
    #[must_use]
    pub fn with_any_audience(introspector: I) -> Self {
        Self {
            introspector: Arc::new(introspector),
            audience: None,
            kept: LookUps::new(),
            challenger: Challenger::default(),
            throttle: CredentialThrottle::default(),
            bindings: Bindings::default(),
        }
    }

    /// Sets how long an active token is cached, in whole seconds. The default is 60 seconds.
    ///
    /// # Security
    ///
    /// A token that was revoked at the authorization server is accepted for so long.
    #[must_use]
    pub fn with_time_to_live(mut self, time: Duration) -> Self {
        self.kept = self.kept.with(|options| options.time_to_live = time);
        self
    }

    /// Sets how long an inactive token is cached, in whole seconds; at most as long as an active one. The default is 5
    /// seconds.
    #[must_use]
    pub fn with_negative_time_to_live(mut self, time: Duration) -> Self {
        self.kept = self.kept.with(|options| options.negative_time_to_live = time);
        self
    }

    /// Sets the approximate number of cached tokens. The default is 10,000.
    #[must_use]
    pub fn with_capacity(mut self, tokens: u64) -> Self {
        self.kept = self.kept.with(|options| options.capacity = tokens);
        self
    }

    /// Sets the clock of the cache. The default is the [`SystemClock`](crate::clock::SystemClock).
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.kept = self.kept.with(|options| options.clock = Arc::new(clock));
        self
    }

    /// Sets the realm of the challenge. The default is `restricted`.
    ///
    /// # Errors
    ///
    /// Fails if it contains anything but visible ASCII and spaces.
    pub fn with_realm(mut self, text: &str) -> Result<Self, InvalidRealm> {
        self.challenger.realm = realm::quoted_realm(text)?;
        Ok(self)
    }

    /// Limits failed attempts by client, so that a client with wrong tokens causes few questions. By default there is no
    /// limit.
    ///
    /// # Security
    ///
    /// Beyond the limit an active token gets 429, too. Clients behind one address share the limit.
    #[cfg(feature = "throttle")]
    #[must_use]
    pub fn with_throttle(mut self, throttle: Throttle) -> Self {
        self.throttle = CredentialThrottle::new(throttle);
        self
    }
}

impl<I> fmt::Debug for OpaqueToken<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpaqueToken").field("audience", &self.audience).finish_non_exhaustive()
    }
}
