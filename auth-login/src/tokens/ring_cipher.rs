//! Encrypts stored tokens with a key ring: [`RingCipher`].

use std::{fmt, sync::Arc};

use auth_client::{Error, TokenCipher};
use auth_runtime::{
    KeyRing,
    clock::{Clock, SystemClock},
    keys::PurposeCipher,
};

/// Encrypts tokens with the active key of a ring, and decrypts them with any of its keys. Clones share the
/// keys.
///
/// It serves [`FileStore::with_cipher`](auth_client::FileStore::with_cipher), too.
#[derive(Clone)]
pub struct RingCipher(Arc<PurposeCipher>);

impl RingCipher {
    /// Returns a cipher with keys that are derived from the ring's for this purpose.
    #[must_use]
    pub fn new(ring: KeyRing) -> Self {
        Self(Arc::new(PurposeCipher::new(ring, "auth-login/tokens")))
    }
}

impl TokenCipher for RingCipher {
    fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let sealed = self.0.encrypt(SystemClock.now(), plain);
        let failed = |error| Error::storage("the token cannot be encrypted").with_source(error);
        sealed.map(String::into_bytes).map_err(failed)
    }

    fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        Some(self.0.decrypt(SystemClock.now(), str::from_utf8(sealed).ok()?)?.to_vec())
    }
}

impl fmt::Debug for RingCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingCipher").finish_non_exhaustive()
    }
}
