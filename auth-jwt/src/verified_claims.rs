//! Holds the claims of a verified token: [`VerifiedClaims`].

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{issue::ORIGINAL_ISSUE, registered_claims::Registered};
use auth_identity::{
    clock::UnixTime,
    identity::{Acr, Confirmation, CredentialId, Scopes},
};

/// The claims of a token with a verified signature, time, issuer, audience and type.
///
/// Only a [`JwtVerifier`](super::JwtVerifier) creates them, so a function that takes them cannot be called
/// with unverified claims. Handlers get them as the argument `Claims`, or from
/// `Auth::credential_data::<VerifiedClaims>()`.
///
/// ```compile_fail
/// let claims = auth_runtime::jwt::VerifiedClaims { claims: Default::default() };
/// ```
///
/// Its `Debug` form shows the names of the claims, not their values.
#[derive(Clone)]
pub struct VerifiedClaims {
    claims: Map<String, Value>,
    registered: Registered,
    key_id: Option<String>,
}

impl VerifiedClaims {
    // INVARIANT: called by `JwtVerifier` only, when every check has passed.
    pub(super) const fn new(
        claims: Map<String, Value>,
        registered: Registered,
        key_id: Option<String>,
    ) -> Self {
        Self { claims, registered, key_id }
    }

    /// Returns the issuer: `iss`.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.registered.issuer.as_deref()
    }

    /// Returns the subject: `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.registered.subject.as_deref()
    }

    /// Returns the audience, one or several: `aud`.
    #[must_use]
    pub fn audiences(&self) -> &[String] {
        &self.registered.audiences
    }

    /// Returns the expiry: `exp`.
    #[must_use]
    pub const fn expires(&self) -> Option<UnixTime> {
        self.registered.expires
    }

    /// Returns when the token becomes valid: `nbf`.
    #[must_use]
    pub const fn not_before(&self) -> Option<UnixTime> {
        self.registered.not_before
    }

    /// Returns when the token was issued: `iat`.
    #[must_use]
    pub const fn issued_at(&self) -> Option<UnixTime> {
        self.registered.issued_at
    }

    /// Returns when the underlying grant was made: `iat`, or the earlier `orig_iat` of a token from a refresh
    /// token. Revocation uses it. Values of other issuers that are not a time are ignored.
    pub(super) fn granted_at(&self) -> Option<UnixTime> {
        let original = self.claims.get(ORIGINAL_ISSUE).and_then(Value::as_u64).map(UnixTime::from_secs);
        [original, self.registered.issued_at].into_iter().flatten().min()
    }

    /// Returns when the user last authenticated: `auth_time` (RFC 9068, section 2.2.1).
    #[must_use]
    pub const fn authenticated_at(&self) -> Option<UnixTime> {
        self.registered.authenticated_at
    }

    /// Returns in which context the user authenticated: `acr` (RFC 9068, section 2.2.1).
    #[must_use]
    pub const fn acr(&self) -> Option<&Acr> {
        self.registered.acr.as_ref()
    }

    /// Returns the token's id: `jti`.
    #[must_use]
    pub const fn id(&self) -> Option<&CredentialId> {
        self.registered.id.as_ref()
    }

    /// Returns the client that the token was issued to: `client_id` (RFC 8693, section 4.3).
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.registered.client_id.as_deref()
    }

    /// Returns the key that the token is bound to: `cnf` (RFC 7800). The request has proven possession of it.
    #[must_use]
    pub const fn confirmation(&self) -> Option<&Confirmation> {
        self.registered.confirmation.as_ref()
    }

    /// Returns the scopes: `scope` (RFC 8693, section 4.2), or the configured claim.
    #[must_use]
    pub const fn scopes(&self) -> Option<&Scopes> {
        self.registered.scopes.as_ref()
    }

    /// Returns the impersonator: `act.sub` (RFC 8693, section 4.1).
    #[must_use]
    pub fn actor(&self) -> Option<&str> {
        self.registered.actor.as_deref()
    }

    /// Returns the key id in the token's header: `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Returns a claim as JSON.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// Deserializes the claims as a type of the application's.
    ///
    /// They are read from the same decoded members that were verified.
    ///
    /// # Errors
    ///
    /// Fails if the claims do not fit the type; the error may quote them.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(Value::Object(self.claims.clone()))
    }
}

impl fmt::Debug for VerifiedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.claims.keys()).finish()
    }
}
