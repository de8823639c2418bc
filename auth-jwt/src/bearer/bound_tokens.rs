//! Accepts tokens that are bound to a key of their client, by `DPoP` (RFC 9449) or mutual TLS (RFC 8705).

use auth_identity::identity::{ClientCertificates, PossessionProof, SupportedBindings};

use super::BearerJwt;

impl BearerJwt {
    /// Accepts tokens that are bound to a key (`cnf.jkt`), sent as `Authorization: DPoP …` with a proof that
    /// [`Dpop`](crate::Dpop) verifies. By default they are rejected.
    ///
    /// Tokens without a binding are still accepted as `Bearer`, unless
    /// [`with_bound_tokens_only`](Self::with_bound_tokens_only) is called as well.
    pub fn with_dpop(mut self, proofs: impl PossessionProof) -> Self {
        self.bindings.set_proof(proofs);
        self.map_verifier(crate::JwtVerifier::allow_bound)
    }

    /// Accepts tokens that are bound to a client certificate (`cnf.x5t#S256`; RFC 8705, section 3) in requests of
    /// connections with this certificate. By default they are rejected.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::identity::ClientCertificates;
    /// use auth_runtime::jwt::{BearerJwt, VerifyingKey};
    ///
    /// # fn example(key: VerifyingKey) {
    /// let policy = BearerJwt::new(key)
    ///     .with_issuer("https://id.example")
    ///     .with_audience("https://api.shop.example")
    ///     .with_client_certificates(ClientCertificates::of_server());
    /// # let _ = policy; }
    /// ```
    pub fn with_client_certificates(mut self, certificates: ClientCertificates) -> Self {
        self.bindings.set_certificates(certificates);
        self.map_verifier(crate::JwtVerifier::allow_bound)
    }

    /// Rejects tokens that are not bound to a key of their client. By default they are accepted.
    ///
    /// # Security
    ///
    /// A stolen token is then worthless without the key. Without [`with_dpop`](Self::with_dpop) and
    /// [`with_client_certificates`](Self::with_client_certificates), every token is rejected.
    pub const fn with_bound_tokens_only(mut self) -> Self {
        self.bindings.require();
        self
    }

    /// Returns which bindings are verified, for `AccessTable::protected_resource_with_bindings`.
    #[must_use]
    pub fn supported_bindings(&self) -> SupportedBindings {
        self.bindings.supported()
    }
}
