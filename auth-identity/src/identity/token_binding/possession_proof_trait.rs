//! Defines the extension point for proofs in a header: the trait [`PossessionProof`].

use async_trait::async_trait;
use http::HeaderMap;

use crate::identity::{IdentityError, Incoming};

/// Verifies that the client of a request has the private key that its token is bound to. `Dpop` of `auth-jwt`
/// implements it (RFC 9449).
#[async_trait]
pub trait PossessionProof: Send + Sync + 'static {
    /// Verifies the proof of a request: it is for this token, whose SHA-256 is `token_hash`, and by the key with
    /// this thumbprint. Returns headers for the response to the request, such as a `DPoP-Nonce` that replaces the one of
    /// the proof before it ends.
    ///
    /// # Errors
    ///
    /// Fails with [`IdentityError::invalid_proof`] if it is not valid, and with [`IdentityError::unavailable`] if that
    /// cannot be found out.
    async fn verify(
        &self,
        request: &Incoming<'_>,
        token_hash: &[u8; 32],
        thumbprint: &str,
    ) -> Result<HeaderMap, IdentityError>;

    /// Returns the accepted algorithms, separated by spaces, for challenges (`algs`).
    fn algorithms(&self) -> &str;

    /// Returns the headers that tell clients what the next proof has to contain, such as `DPoP-Nonce`.
    fn headers(&self) -> HeaderMap {
        HeaderMap::new()
    }
}
