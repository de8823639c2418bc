//! Encrypts short values with the keys of a ring (AEAD): [`PurposeCipher`].

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{AeadKeys, KeyError, KeyRing, Purpose};
use crate::clock::UnixTime;

/// The version of the format; others are rejected.
const VERSION: u8 = 1;

/// Encrypts short values for one purpose, such as the value of a cookie or a pagination token.
///
/// # Example
///
/// ```
/// use auth_runtime::{KeyRing, clock::{Clock, SystemClock}, keys::PurposeCipher};
///
/// let ring = KeyRing::random();
/// let invitations = PurposeCipher::new(ring.clone(), "shop/invitation");
/// let text = invitations.encrypt(SystemClock.now(), b"order 7")?;
/// assert_eq!(**invitations.decrypt(SystemClock.now(), &text).unwrap(), *b"order 7");
///
/// let receipts = PurposeCipher::new(ring, "shop/receipt");
/// assert!(receipts.decrypt(SystemClock.now(), &text).is_none());
/// # Ok::<(), auth_runtime::keys::KeyError>(())
/// ```
///
/// # Security
///
/// XChaCha20-Poly1305 with a key that is derived for the purpose, and a random nonce of 192 bits. The
/// purpose, the version of the format and the id of the key are associated data. The length of the text shows
/// the length of the value. A value can be replayed: put a time into it, and an id where it must be used
/// once.
pub struct PurposeCipher(AeadKeys);

impl PurposeCipher {
    /// Returns a cipher for a purpose. Ciphers of different purposes do not accept each other's texts.
    #[must_use]
    pub fn new(ring: KeyRing, purpose: &str) -> Self {
        Self(AeadKeys::new(ring, Purpose::new(VERSION, "purpose-cipher", purpose, "")))
    }

    /// Encrypts a value with the active key. The text has the characters of base64url, and for `n` bytes of
    /// the value it is `⌈4 (n + 48) / 3⌉` characters long.
    ///
    /// # Errors
    ///
    /// Fails if the operating system gives no random bytes.
    pub fn encrypt(&self, now: UnixTime, value: &[u8]) -> Result<String, KeyError> {
        // Room for the tag, so that the value need not move and leave a copy behind.
        let mut text = Zeroizing::new(Vec::with_capacity(value.len().saturating_add(16)));
        text.extend_from_slice(value);
        self.0.seal(now, text).map(|sealed| URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Decrypts a text that a key of the ring has encrypted for this purpose; `None` for any other text.
    #[must_use]
    pub fn decrypt(&self, now: UnixTime, text: &str) -> Option<Zeroizing<Vec<u8>>> {
        self.0.open(now, &URL_SAFE_NO_PAD.decode(text).ok()?)
    }
}

impl fmt::Debug for PurposeCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PurposeCipher").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    const NOON: UnixTime = UnixTime::from_secs(1_700_000_000);

    #[test]
    fn each_changed_character_is_noticed() {
        let cipher = PurposeCipher::new(KeyRing::random(), "test");
        let text = cipher.encrypt(NOON, b"value").unwrap();
        assert_eq!(text.len(), 71, "the documented length");
        assert_eq!(&**cipher.decrypt(NOON, &text).unwrap(), b"value");
        for index in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(cipher.decrypt(NOON, &changed).is_none(), "{index}");
        }
        for other in
            [String::new(), "A".to_owned(), format!("{text}="), format!("{text}A"), format!(" {text}")]
        {
            assert!(cipher.decrypt(NOON, &other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn another_purpose_or_ring_decrypts_nothing() {
        let ring = KeyRing::random();
        let text = PurposeCipher::new(ring.clone(), "one").encrypt(NOON, b"value").unwrap();
        assert!(PurposeCipher::new(ring, "two").decrypt(NOON, &text).is_none());
        assert!(PurposeCipher::new(KeyRing::random(), "one").decrypt(NOON, &text).is_none());
    }

    #[test]
    fn an_earlier_key_decrypts_until_it_is_retired() {
        let ring = KeyRing::random();
        let old = ring.keys()[0].0;
        let cipher = PurposeCipher::new(ring.clone(), "test");
        let text = cipher.encrypt(NOON, b"value").unwrap();
        ring.rotate_to(Key::random().unwrap()).unwrap();
        assert!(cipher.decrypt(NOON, &text).is_some());
        ring.retire(old).unwrap();
        assert!(cipher.decrypt(NOON, &text).is_none());
    }
}
