//! Authenticates messages (HMAC) with the keys of a ring, derived for one purpose: [`MacKeys`].

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Derived, KeyId, KeyRing, Purpose};
use crate::clock::UnixTime;

/// The length of a tag, in bytes.
pub(crate) const TAG_BYTES: usize = 32;

type HmacSha256 = Hmac<Sha256>;

/// The subkeys of a ring for one purpose, kept ready for use.
#[derive(Debug)]
pub(crate) struct MacKeys(Derived<HmacSha256>);

/// Bytes with a verified tag; parsers of signed messages require one.
// INVARIANT: made by `MacKeys::verify` only.
pub(crate) struct Authentic<'a>(&'a [u8]);

impl<'a> Authentic<'a> {
    pub(crate) const fn bytes(&self) -> &'a [u8] {
        self.0
    }
}

impl MacKeys {
    pub(crate) fn new(ring: KeyRing, purpose: Purpose) -> Self {
        Self(Derived::new(ring, purpose, |_, key| keyed(key)))
    }

    /// Returns the active key's tag over the joined parts.
    pub(crate) fn sign(&self, now: Option<UnixTime>, parts: [&[u8]; 2]) -> (KeyId, [u8; TAG_BYTES]) {
        self.0.active(now, |id, key| (id, absorb(key.clone(), parts).finalize().into_bytes().into()))
    }

    /// Returns the message if `tag` is the tag of this key over message and suffix. Comparison is in constant
    /// time, against timing attacks.
    pub(crate) fn verify<'a>(
        &self,
        now: Option<UnixTime>,
        id: KeyId,
        message: &'a [u8],
        suffix: &[u8],
        tag: &[u8],
    ) -> Option<Authentic<'a>> {
        self.0.check(now, id, |key| {
            let is_valid = absorb(key.clone(), [message, suffix]).verify_slice(tag).is_ok();
            is_valid.then_some(Authentic(message))
        })
    }
}

fn absorb(mut mac: HmacSha256, parts: [&[u8]; 2]) -> HmacSha256 {
    for part in parts {
        if !part.is_empty() {
            mac.update(part);
        }
    }
    mac
}

/// Creates an HMAC. A key shorter than a block is padded with zeros (RFC 2104), so a whole block cannot fail.
fn keyed(key: &[u8; 32]) -> HmacSha256 {
    let mut block = Zeroizing::new([0; 64]);
    for (byte, secret) in block.iter_mut().zip(key) {
        *byte = *secret;
    }
    HmacSha256::new((&*block).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    /// RFC 4231, test cases 1 and 2, with keys padded to a block.
    #[test]
    fn tags_are_hmac_sha_256() {
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let tag = absorb(keyed(&key), [b"Hi ", b"There"]).finalize().into_bytes();
        assert_eq!(
            tag,
            [
                0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53, 0x5c, 0xa8, 0xaf, 0xce, 0xaf, 0x0b, 0xf1,
                0x2b, 0x88, 0x1d, 0xc2, 0x00, 0xc9, 0x83, 0x3d, 0xa7, 0x26, 0xe9, 0x37, 0x6c, 0x2e, 0x32,
                0xcf, 0xf7
            ]
        );

        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let tag = absorb(keyed(&key), [b"what do ya want for nothing?", b""]).finalize().into_bytes();
        assert_eq!(
            tag,
            [
                0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75,
                0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec,
                0x38, 0x43
            ]
        );
    }

    #[test]
    fn a_change_of_the_ring_is_seen_at_the_next_check() {
        let key = |seed: u8| Key::from_bytes((seed..seed + 32).collect::<Vec<_>>()).unwrap();
        let ring = KeyRing::new(key(0));
        let keys = MacKeys::new(ring.clone(), Purpose::new(1, "test", "", ""));
        let (old, tag) = keys.sign(None, [b"text", b""]);
        let verifies = |id, message, suffix, tag| keys.verify(None, id, message, suffix, tag).is_some();
        assert!(verifies(old, b"te", b"xt", &tag[..]));

        let new = ring.rotate_to(key(1)).unwrap();
        assert_eq!(keys.sign(None, [b"text", b""]).0, new);
        assert!(verifies(old, b"text", b"", &tag));

        ring.retire(old).unwrap();
        assert!(!verifies(old, b"text", b"", &tag));
        assert!(!verifies(new, b"text", b"", &tag));
        assert!(!verifies(old, b"text", b"", &tag[..31]));
    }
}
