//! Passes options of the policy on to its verifier.

use std::time::Duration;

use super::{
    super::{JwtConfigError, JwtVerifier},
    BearerJwt,
};

impl BearerJwt {
    /// Accepts tokens of this issuer only; each further call adds one. By default the issuer is not checked.
    ///
    /// Names are compared byte by byte. With several issuers, the issuer becomes part of the identity, see
    /// [`with_issuer_in_identity`](Self::with_issuer_in_identity).
    ///
    /// # Security
    ///
    /// Each key of the source is accepted for each of these issuers. Give issuers that do not trust each
    /// other a policy each, with separate keys and
    /// [`with_issuer_in_identity`](Self::with_issuer_in_identity).
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        self.map_verifier(|verifier| verifier.with_issuer(issuer))
    }

    /// Accepts tokens for this audience only; each further call adds one. By default only tokens without an
    /// audience are accepted.
    pub fn with_audience(self, audience: impl Into<String>) -> Self {
        self.map_verifier(|verifier| verifier.with_audience(audience))
    }

    /// Accepts tokens of this type (`typ` in the header) only. The default is `at+jwt`, access tokens of RFC
    /// 9068; many issuers write `JWT` instead.
    pub fn with_type(self, typ: impl Into<String>) -> Self {
        self.map_verifier(|verifier| verifier.with_type(typ))
    }

    /// Accepts tokens of these types only.
    pub fn with_types(self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.map_verifier(|verifier| verifier.with_types(types))
    }

    /// Rejects tokens without one of these claims, or with `null` there.
    pub fn with_required_claims(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.map_verifier(|verifier| verifier.with_required_claims(names))
    }

    /// Sets the claim that contains the scopes, as a list of tokens or as text separated by single spaces.
    /// The default is `scope` as text.
    pub fn with_scope_claim(self, name: impl Into<String>) -> Self {
        self.map_verifier(|verifier| verifier.with_scope_claim(name))
    }

    /// Sets the issuer's maximum clock skew for `nbf`, `iat` and `auth_time`, in whole seconds. The default
    /// is 30 seconds.
    ///
    /// # Errors
    ///
    /// Fails for more than 300 seconds.
    pub fn with_leeway(mut self, leeway: Duration) -> Result<Self, JwtConfigError> {
        self.verifier = self.verifier.with_leeway(leeway)?;
        Ok(self)
    }

    /// Sets how long a token is accepted after it has expired, in whole seconds. The default is zero.
    ///
    /// # Errors
    ///
    /// Fails for more than 300 seconds.
    pub fn with_expiry_leeway(mut self, leeway: Duration) -> Result<Self, JwtConfigError> {
        self.verifier = self.verifier.with_expiry_leeway(leeway)?;
        Ok(self)
    }

    /// Accepts tokens that never expire.
    ///
    /// # Security
    ///
    /// A stolen token of this kind is valid as long as its key is accepted.
    pub fn allow_missing_expiry(self) -> Self {
        self.map_verifier(JwtVerifier::allow_missing_expiry)
    }

    /// Accepts tokens without an issuer, even if issuers are set.
    ///
    /// # Security
    ///
    /// With several issuers, each of them can then issue tokens without a name.
    pub fn allow_missing_issuer(self) -> Self {
        self.map_verifier(JwtVerifier::allow_missing_issuer)
    }

    /// Accepts tokens without an audience, even if audiences are set.
    ///
    /// # Security
    ///
    /// A token that the issuer issued for another service is then accepted here (confused deputy).
    pub fn allow_missing_audience(self) -> Self {
        self.map_verifier(JwtVerifier::allow_missing_audience)
    }

    /// Accepts tokens without a subject, for identities from other claims.
    pub fn allow_missing_subject(self) -> Self {
        self.map_verifier(JwtVerifier::allow_missing_subject)
    }

    /// Accepts tokens without a type in the header.
    ///
    /// # Security
    ///
    /// Tokens that the same keys have signed for other purposes may then be accepted as access tokens.
    pub fn allow_missing_type(self) -> Self {
        self.map_verifier(JwtVerifier::allow_missing_type)
    }
}
