//! What signs tokens.

use std::time::Duration;

use crate::{
    clock::UnixTime,
    jwt::{JwtKeyError, RingKeys, SigningKey},
};

/// What a [`JwtIssuer`](super::JwtIssuer) signs with: the active key of a ring, or always the same key.
#[derive(Clone, Debug)]
pub struct JwtSigner(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Key(SigningKey),
    Ring(RingKeys),
}

impl JwtSigner {
    /// The longest lifetime of what is signed, where the keys do not outlive more.
    pub(super) fn longest(&self) -> Option<Duration> {
        match &self.0 {
            Inner::Key(_) => None,
            Inner::Ring(keys) => keys.credential_lifetime(),
        }
    }

    /// The key for the next token.
    pub(super) fn key(&self, now: UnixTime) -> Result<SigningKey, JwtKeyError> {
        match &self.0 {
            Inner::Key(key) => Ok(key.clone()),
            Inner::Ring(keys) => keys.active(now),
        }
    }
}

impl From<RingKeys> for JwtSigner {
    fn from(keys: RingKeys) -> Self {
        Self(Inner::Ring(keys))
    }
}

impl From<SigningKey> for JwtSigner {
    fn from(key: SigningKey) -> Self {
        Self(Inner::Key(key))
    }
}
