//! Accepts one-time tokens once, by their `jti` (replay protection; RFC 7519, section 4.1.7): [`SingleUse`].

use std::{fmt, sync::Arc};

use super::BearerJwt;
use crate::{JwtError, JwtErrorKind, ReplayCache, TokenUse, VerifiedClaims};
use auth_identity::{
    clock::UnixTime,
    identity::{Identified, IdentityError},
};

/// The cache of used tokens.
#[derive(Clone)]
pub(super) struct SingleUse(Arc<dyn ReplayCache>);

impl fmt::Debug for SingleUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SingleUse")
    }
}

impl BearerJwt {
    /// Accepts each token once; used tokens are stored in `cache` until they expire. By default a token can
    /// be used until it expires.
    ///
    /// A token must have an id (`jti`) and an expiry (`exp`), even with
    /// [`allow_missing_expiry`](Self::allow_missing_expiry). The first request that needs the user uses it;
    /// guards, handlers and watches of that request count as one use. A second request gets
    /// the response of an invalid token, and the log has the reason. If the cache is unavailable, the
    /// response is 503 (fail closed).
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{AuthLayer, KeyRing, UserId, auth_required};
    /// use auth_runtime::jwt::{BearerJwt, JwtIssuer, MemoryReplayCache, RingKeys};
    /// use axum::{Router, routing::post};
    ///
    /// #[auth_required]
    /// async fn pay(user: UserId) -> String {
    ///     format!("{user} has paid")
    /// }
    ///
    /// let keys = RingKeys::new(KeyRing::random());
    /// let policy = BearerJwt::new(keys.clone())
    ///     .with_issuer("https://shop.example")
    ///     .with_audience("https://pay.shop.example")
    ///     .with_single_use(MemoryReplayCache::new());
    ///
    /// let app: Router = Router::new().route("/pay", post(pay)).layer(AuthLayer::new(policy));
    /// // Each has a `jti` of its own.
    /// let token = JwtIssuer::new(keys, "https://shop.example")?.access_token("alice", "https://pay.shop.example").issue()?;
    /// # let _ = (app, token);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Security
    ///
    /// A token that was read from a log, a proxy or an address after its use is worthless (replay). One that
    /// is stolen before its use is valid once for the attacker, and its owner is then rejected. Only an
    /// otherwise valid token is used up, even if the request is then denied for lack of a scope or a
    /// permission.
    ///
    /// A client that has lost the response cannot retry with the same token: it needs another one, as for
    /// each further request. One-time tokens therefore suit single steps, such as a payment or the start of a
    /// socket.
    ///
    /// All policies that accept a token must share the cache; a second cache accepts it once more. Two layers
    /// around one handler are two uses, so give such a handler one layer.
    pub fn with_single_use(mut self, cache: impl ReplayCache) -> Self {
        self.single_use = Some(SingleUse(Arc::new(cache)));
        self
    }

    /// Uses up a valid token.
    pub(super) async fn used(
        &self,
        single_use: &SingleUse,
        found: Identified,
        now: UnixTime,
    ) -> Result<Identified, IdentityError> {
        let leeway = self.verifier.expiry_leeway();
        let claims = found.memo::<VerifiedClaims>();
        let Some(token) = claims.and_then(|claims| TokenUse::of(&claims, now, leeway)) else {
            return self.refused(&JwtError::claim("exp", "is missing"));
        };
        match single_use.0.use_once(&token).await {
            Ok(true) => Ok(found),
            Ok(false) => self.refused(&JwtErrorKind::Reused.into()),
            Err(error) => Err(IdentityError::unavailable(error)),
        }
    }
}
