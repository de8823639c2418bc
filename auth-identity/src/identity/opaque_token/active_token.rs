//! Holds what an authorization server says about an active token: [`ActiveToken`].

use crate::{
    clock::UnixTime,
    identity::{Confirmation, CredentialId, Identified, Identity, Scopes},
};

/// The answer about an active token (RFC 7662, section 2.2).
#[derive(Clone, Debug)]
#[must_use]
pub struct ActiveToken {
    identity: Identity,
    audience: Vec<String>,
    expires: Option<UnixTime>,
    not_before: Option<UnixTime>,
    issued_at: Option<UnixTime>,
    scopes: Scopes,
    credential_id: Option<CredentialId>,
    confirmation: Option<Confirmation>,
}

impl ActiveToken {
    /// Creates an answer about a token of this identity, usually its `sub`. A token that a client has for itself is one
    /// of a service: [`Identity::service`](crate::Identity::service) with its `client_id`.
    pub fn new(identity: Identity) -> Self {
        Self {
            identity,
            audience: Vec::new(),
            expires: None,
            not_before: None,
            issued_at: None,
            scopes: Scopes::default(),
            credential_id: None,
            confirmation: None,
        }
    }

    /// Sets what the token is for (`aud`).
    pub fn with_audience(mut self, audience: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.audience = audience.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the expiry (`exp`), from which on the token is rejected also if it is cached.
    pub const fn with_expires(mut self, time: UnixTime) -> Self {
        self.expires = Some(time);
        self
    }

    /// Sets the time before which the token is rejected (`nbf`).
    pub const fn with_not_before(mut self, time: UnixTime) -> Self {
        self.not_before = Some(time);
        self
    }

    /// Sets the time of issue (`iat`): a user's tokens that were issued before a revocation of all are rejected.
    pub const fn with_issued_at(mut self, time: UnixTime) -> Self {
        self.issued_at = Some(time);
        self
    }

    /// Sets the scopes, which `#[scope_required(…)]` requires.
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// Sets the id by which the token can be revoked here (`jti`). By default it is a hash of the token.
    pub fn with_credential_id(mut self, id: CredentialId) -> Self {
        self.credential_id = Some(id);
        self
    }

    /// Sets the key that the token is bound to (`cnf`; RFC 9449, section 6.2; RFC 8705, section 3.2).
    ///
    /// # Security
    ///
    /// An introspector that leaves it out makes a bearer token of a bound one.
    pub fn with_confirmation(mut self, confirmation: Confirmation) -> Self {
        self.confirmation = Some(confirmation);
        self
    }

    /// Returns the key that the token is bound to.
    pub(super) const fn confirmation(&self) -> Option<&Confirmation> {
        self.confirmation.as_ref()
    }

    /// Returns whether the token is valid at this time, for this audience.
    pub(super) fn is_valid(&self, audience: Option<&str>, now: UnixTime) -> bool {
        self.expires.is_none_or(|expires| now < expires)
            && self.not_before.is_none_or(|time| time <= now)
            && audience.is_none_or(|ours| self.audience.iter().any(|theirs| theirs == ours))
    }

    /// Returns the result of authenticating with it; `hash` is that of the token.
    pub(super) fn identified(self, hash: impl FnOnce() -> Option<CredentialId>) -> Identified {
        let mut identified = Identified::known(self.identity).with_scopes(self.scopes);
        if let Some(id) = self.credential_id.or_else(hash) {
            identified = identified.with_credential_id(id);
        }
        if let Some(time) = self.issued_at {
            identified = identified.with_issued_at(time);
        }
        match self.expires {
            Some(time) => identified.with_expires(time),
            None => identified,
        }
    }
}
