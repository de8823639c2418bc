//! Signs tokens with the key of an issuer: [`JwtSigner`].

use std::time::Duration;

use crate::{JwtKeyError, RingKeys, SigningKey};
use auth_identity::clock::UnixTime;

/// The signer of a [`JwtIssuer`](super::JwtIssuer): the active key of a ring, or a fixed key.
#[derive(Clone, Debug)]
pub struct JwtSigner(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Key(SigningKey),
    Ring(RingKeys),
}

impl JwtSigner {
    /// Returns the maximum lifetime of a token, limited by the lifetime of the keys.
    pub(super) fn longest(&self) -> Option<Duration> {
        match &self.0 {
            Inner::Key(_) => None,
            Inner::Ring(keys) => keys.credential_lifetime(),
        }
    }

    /// Returns the key for the next token.
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
