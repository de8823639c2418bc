//! The claims of a token that was verified.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{issue::ORIGINAL_ISSUE, registered::Registered};
use crate::{
    clock::UnixTime,
    identity::{CredentialId, Scopes},
};

/// The claims of a token whose signature, time, issuer, audience and type were checked.
///
/// Only a [`JwtVerifier`](super::JwtVerifier) makes them, so a function that takes them cannot be called with claims
/// that nobody checked. Handlers get them as the argument [`Claims`](crate::Claims), or from
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

    /// Returns who issued the token: `iss`.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.registered.issuer.as_deref()
    }

    /// Returns whom the token is about: `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.registered.subject.as_deref()
    }

    /// Returns whom the token is for: `aud`, a single one or a list.
    #[must_use]
    pub fn audiences(&self) -> &[String] {
        &self.registered.audiences
    }

    /// Returns from when on the token is not valid: `exp`.
    #[must_use]
    pub const fn expires(&self) -> Option<UnixTime> {
        self.registered.expires
    }

    /// Returns from when on the token is valid: `nbf`.
    #[must_use]
    pub const fn not_before(&self) -> Option<UnixTime> {
        self.registered.not_before
    }

    /// Returns when the token was issued: `iat`.
    #[must_use]
    pub const fn issued_at(&self) -> Option<UnixTime> {
        self.registered.issued_at
    }

    /// When what the token was issued for was granted: `iat`, or the earlier `orig_iat` of a token that was issued through a
    /// refresh token. Revocation goes by it. Other issuers may mean something else by a value that is not a time.
    pub(super) fn granted_at(&self) -> Option<UnixTime> {
        let original = self.claims.get(ORIGINAL_ISSUE).and_then(Value::as_u64).map(UnixTime::from_secs);
        [original, self.registered.issued_at].into_iter().flatten().min()
    }

    /// Returns when the user last proved who they are: `auth_time` (RFC 9068, section 2.2.1).
    #[must_use]
    pub const fn authenticated_at(&self) -> Option<UnixTime> {
        self.registered.authenticated_at
    }

    /// Returns the token's own name: `jti`.
    #[must_use]
    pub const fn id(&self) -> Option<&CredentialId> {
        self.registered.id.as_ref()
    }

    /// Returns the client that the token was issued to: `client_id` (RFC 8693, section 4.3).
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.registered.client_id.as_deref()
    }

    /// Returns what the token was issued for: `scope` (RFC 8693, section 4.2), or the claim that the verifier was
    /// told to read instead.
    #[must_use]
    pub const fn scopes(&self) -> Option<&Scopes> {
        self.registered.scopes.as_ref()
    }

    /// Returns who acts for the subject, when that is somebody else: `act.sub` (RFC 8693, section 4.1).
    #[must_use]
    pub fn actor(&self) -> Option<&str> {
        self.registered.actor.as_deref()
    }

    /// Returns the name of the key in the token's header: `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Returns a claim as it is written.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// Returns the claims as a type of the application's.
    ///
    /// They are read from the same decoded members that were checked.
    ///
    /// # Errors
    ///
    /// Fails when the claims do not fit the type; the error may quote them.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(Value::Object(self.claims.clone()))
    }
}

impl fmt::Debug for VerifiedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.claims.keys()).finish()
    }
}
