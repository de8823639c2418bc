//! Accepts opaque tokens that are bound to a key of their client, by `DPoP` (RFC 9449) or mutual TLS (RFC
//! 8705).

use super::{OpaqueToken, TokenIntrospector};
use crate::identity::{ClientCertificates, PossessionProof, SupportedBindings};

impl<I: TokenIntrospector> OpaqueToken<I> {
    /// Accepts tokens that are bound to a key (`cnf.jkt` of the introspection), sent as `Authorization: DPoP …` with a
    /// proof, which `Dpop` of `auth-jwt` verifies. By default they are rejected.
    #[must_use]
    pub fn with_dpop(mut self, proofs: impl PossessionProof) -> Self {
        self.bindings.set_proof(proofs);
        self
    }

    /// Accepts tokens that are bound to a client certificate (`cnf.x5t#S256`; RFC 8705, section 3) in requests of
    /// connections with this certificate. By default they are rejected.
    #[must_use]
    pub fn with_client_certificates(mut self, certificates: ClientCertificates) -> Self {
        self.bindings.set_certificates(certificates);
        self
    }

    /// Rejects tokens that are not bound to a key of their client. By default they are accepted.
    ///
    /// # Security
    ///
    /// A stolen token is then worthless without the key. Without one of the two options above, every token is rejected.
    #[must_use]
    pub fn with_bound_tokens_only(mut self) -> Self {
        self.bindings.require();
        self
    }

    /// Returns which bindings are verified, for `AccessTable::protected_resource_with_bindings`.
    #[must_use]
    pub fn supported_bindings(&self) -> SupportedBindings {
        self.bindings.supported()
    }
}
