//! What the policy passes on to its verifier.

use std::time::Duration;

use super::{
    super::{JwtConfigError, JwtVerifier},
    BearerJwt,
};

impl BearerJwt {
    /// Takes tokens of this issuer, and no others; called again, of one more. The default is not to ask.
    ///
    /// Names are compared byte by byte. With a second one, the issuer becomes a part of the identity, see
    /// [`with_issuer_in_identity`](Self::with_issuer_in_identity).
    ///
    /// # Security
    ///
    /// Each key of the source is good for each issuer that is named here. Issuers that do not speak for each other get a
    /// policy each, with their own keys, and [`with_issuer_in_identity`](Self::with_issuer_in_identity) there.
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        self.map_verifier(|verifier| verifier.with_issuer(issuer))
    }

    /// Takes tokens for this audience, and no others; called again, for one more. The default takes only tokens that
    /// name no audience.
    pub fn with_audience(self, audience: impl Into<String>) -> Self {
        self.map_verifier(|verifier| verifier.with_audience(audience))
    }

    /// Takes tokens of this type (`typ` in the header) and no others. The default is `at+jwt`, access tokens of
    /// RFC 9068; many issuers write `JWT` instead.
    pub fn with_type(self, typ: impl Into<String>) -> Self {
        self.map_verifier(|verifier| verifier.with_type(typ))
    }

    /// Takes tokens of these types and no others.
    pub fn with_types(self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.map_verifier(|verifier| verifier.with_types(types))
    }

    /// Refuses tokens that lack one of these claims, or have `null` there.
    pub fn with_required_claims(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.map_verifier(|verifier| verifier.with_required_claims(names))
    }

    /// Reads scopes from this claim, as a list of words or as text with one space between each two. The default is
    /// `scope`, which is text.
    pub fn with_scope_claim(self, name: impl Into<String>) -> Self {
        self.map_verifier(|verifier| verifier.with_scope_claim(name))
    }

    /// Sets how far ahead the issuer's clock may be: for `nbf`, `iat` and `auth_time`, in whole seconds. The default is 30
    /// seconds.
    ///
    /// # Errors
    ///
    /// Fails for more than 300 seconds.
    pub fn with_leeway(mut self, leeway: Duration) -> Result<Self, JwtConfigError> {
        self.verifier = self.verifier.with_leeway(leeway)?;
        Ok(self)
    }

    /// Sets for how long a token is still taken after it has expired, in whole seconds. The default is not at all.
    ///
    /// # Errors
    ///
    /// Fails for more than 300 seconds.
    pub fn with_expiry_leeway(mut self, leeway: Duration) -> Result<Self, JwtConfigError> {
        self.verifier = self.verifier.with_expiry_leeway(leeway)?;
        Ok(self)
    }

    /// Takes tokens that never expire.
    ///
    /// # Security
    ///
    /// Such a token, once lost, serves for as long as its key is taken.
    pub fn allow_missing_expiry(self) -> Self {
        self.map_verifier(JwtVerifier::allow_missing_expiry)
    }

    /// Takes tokens that name no issuer, where issuers are named here.
    ///
    /// # Security
    ///
    /// Of several issuers, each can then issue tokens in nobody's name.
    pub fn allow_missing_issuer(self) -> Self {
        self.map_verifier(JwtVerifier::allow_missing_issuer)
    }

    /// Takes tokens that name no audience, where audiences are named here.
    ///
    /// # Security
    ///
    /// What the issuer has issued for another service is then as good here.
    pub fn allow_missing_audience(self) -> Self {
        self.map_verifier(JwtVerifier::allow_missing_audience)
    }

    /// Takes tokens that name no subject, for identities that are made of other claims.
    pub fn allow_missing_subject(self) -> Self {
        self.map_verifier(JwtVerifier::allow_missing_subject)
    }

    /// Takes tokens whose header names no type.
    ///
    /// # Security
    ///
    /// Tokens that the same keys have signed for other purposes may then be taken for access tokens.
    pub fn allow_missing_type(self) -> Self {
        self.map_verifier(JwtVerifier::allow_missing_type)
    }
}
