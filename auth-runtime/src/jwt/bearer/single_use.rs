//! Tokens that are good once.

use std::{fmt, sync::Arc};

use super::BearerJwt;
use crate::{
    clock::UnixTime,
    identity::{Identified, IdentityError},
    jwt::{JwtError, JwtErrorKind, ReplayCache, TokenUse, VerifiedClaims},
};

/// Where it is written which tokens were used.
#[derive(Clone)]
pub(super) struct SingleUse(Arc<dyn ReplayCache>);

impl fmt::Debug for SingleUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SingleUse")
    }
}

impl BearerJwt {
    /// Takes each token once: what was used is kept in `cache` until the token has expired. The default is to take a
    /// token until then.
    ///
    /// A token must name itself (`jti`) and expire (`exp`), also with
    /// [`allow_missing_expiry`](Self::allow_missing_expiry). It is used by the first request with it of which anybody
    /// wants to know the user; guards, handlers and [watches](crate::watch) of that request are one use. A second request
    /// is answered as one with any other bad token is; the log says that it was used before. Where the cache cannot tell,
    /// the answer is 503.
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
    /// A token that was read from a log, a proxy or an address after its use is worth nothing. One that is stolen before it
    /// is good once for the thief, and its owner is then refused. Only a token that is valid in every other respect is
    /// used up; a request that is refused afterwards, for want of a scope or a permission, has used it.
    ///
    /// An honest client that has got no answer cannot try again with the same token: it needs another one. So does each
    /// further request, which makes this a thing for single steps, such as a payment or the beginning of a socket.
    ///
    /// All policies that take a token must share the cache: a second one with a cache of its own takes it once more. Two
    /// layers around one handler are two uses, so give such a handler one layer.
    pub fn with_single_use(mut self, cache: impl ReplayCache) -> Self {
        self.single_use = Some(SingleUse(Arc::new(cache)));
        self
    }

    /// Uses a valid token up.
    pub(super) async fn used(
        &self,
        single_use: &SingleUse,
        found: Identified,
        now: UnixTime,
    ) -> Result<Identified, IdentityError> {
        // A bad token that counts as none.
        if found.identity().is_none() {
            return Ok(found);
        }
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
