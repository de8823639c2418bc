//! Describes which bindings of tokens a policy verifies, for metadata: [`SupportedBindings`].

/// Which keys of clients a policy accepts tokens for, as protected resource metadata says it (RFC 9728, section 2).
///
/// `BearerJwt::supported_bindings` and `OpaqueToken::supported_bindings` return it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SupportedBindings {
    dpop_algorithms: Vec<String>,
    requires_dpop: bool,
    has_certificates: bool,
}

impl SupportedBindings {
    pub(super) const fn new(
        dpop_algorithms: Vec<String>,
        requires_dpop: bool,
        has_certificates: bool,
    ) -> Self {
        Self { dpop_algorithms, requires_dpop, has_certificates }
    }

    /// Returns the algorithms of proofs: `dpop_signing_alg_values_supported`. Empty if no proofs are verified.
    #[must_use]
    pub fn dpop_algorithms(&self) -> &[String] {
        &self.dpop_algorithms
    }

    /// Returns whether every token has to be bound to a key by `DPoP`: `dpop_bound_access_tokens_required`.
    #[must_use]
    pub const fn requires_dpop(&self) -> bool {
        self.requires_dpop
    }

    /// Returns whether tokens may be bound to a client certificate: `tls_client_certificate_bound_access_tokens`.
    #[must_use]
    pub const fn has_certificates(&self) -> bool {
        self.has_certificates
    }
}
