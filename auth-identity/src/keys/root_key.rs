//! Holds root keys, from which subkeys are derived: [`Key`] and [`KeyId`].

use std::fmt;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD_INDIFFERENT, URL_SAFE_NO_PAD_INDIFFERENT},
};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use super::{KeyError, KeyErrorKind};

/// The minimum length of a secret, in bytes.
const MIN_BYTES: usize = 32;
/// Shorter base64 text cannot hold 256 bits.
const MIN_TEXT: usize = 43;
/// 32 random bytes practically never have fewer different values (probability below 2^-90).
const MIN_DISTINCT: usize = 8;
/// Separates these keys from those of other software with the same secret.
const SALT: &[u8] = b"auth-runtime/master/v1";
const ID_INFO: &[u8] = b"auth-runtime/key-id/v1";
const EPOCH_INFO: &[u8] = b"auth-runtime/epoch/v1";
#[cfg(feature = "key-store")]
const SEED_INFO: &[u8] = b"auth-runtime/seed/v1";

/// A root key of at least 32 bytes, from which a subkey is derived for each purpose (HKDF, RFC 5869).
///
/// Its memory is wiped when it is dropped, and it cannot be printed.
///
/// # Example
///
/// ```
/// use auth_runtime::Key;
///
/// let key = Key::from_base64("p8U1wYxk0m3TnQvH2sZ7eJrLbC9dXaGfKiEoNuVtWyA")?;
/// assert_eq!(format!("{key:?}"), format!("Key({}, [redacted])", key.id()));
///
/// assert!(Key::from_bytes("correct horse battery staple, thrice").is_err());
/// # Ok::<(), auth_runtime::keys::KeyError>(())
/// ```
///
/// # Security
///
/// Generate keys randomly, for example with `openssl rand -base64 32`, and keep them out of the source code.
pub struct Key {
    // The extracted key serves every derivation, so the secret is not kept. It is boxed, because moving a
    // `Key` would leave copies behind.
    extracted: Box<Zeroizing<[u8; 32]>>,
    id: KeyId,
}

impl Key {
    /// Creates a key from at least 32 secret bytes.
    ///
    /// # Errors
    ///
    /// Fails if there are fewer than 32 bytes, only a few different bytes, or printable text of fewer than 43
    /// characters, which is never a random key.
    pub fn from_bytes(secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::derive_from(secret.as_ref())
    }

    /// Creates a key from the base64 of at least 32 secret bytes. It accepts both alphabets, optional
    /// padding, and line breaks, such as those of `openssl rand -base64 32`.
    ///
    /// # Errors
    ///
    /// Fails as [`from_bytes`](Self::from_bytes) does, and if the text is not base64.
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        // Allocate the length of the text: a growing buffer would leave copies behind.
        let mut letters = Zeroizing::new(String::with_capacity(text.len()));
        letters.extend(text.chars().filter(|letter| !matches!(letter, '\r' | '\n')));
        let text = letters.as_str();
        let engine =
            if text.contains(['-', '_']) { URL_SAFE_NO_PAD_INDIFFERENT } else { STANDARD_NO_PAD_INDIFFERENT };
        // More than needed, because a growing buffer would leave copies behind.
        let mut secret = Zeroizing::new(vec![0; text.len()]);
        let length =
            engine.decode_slice(text, &mut secret).map_err(|_| KeyError::new(KeyErrorKind::NotBase64))?;
        Self::derive_from(secret.get(..length).unwrap_or_default())
    }

    /// Creates a key from 32 bytes of the operating system's random generator.
    ///
    /// # Errors
    ///
    /// Fails if the operating system gives no random bytes.
    pub fn random() -> Result<Self, KeyError> {
        Self::random_from(getrandom::fill)
    }

    fn random_from<E>(fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, KeyError> {
        let mut secret = Zeroizing::new([0; MIN_BYTES]);
        fill(secret.as_mut_slice()).map_err(|_| KeyError::new(KeyErrorKind::NoRandomness))?;
        Self::derive_from(secret.as_slice())
    }

    /// Derives the key of one interval of a rotation.
    pub(super) fn of_epoch(&self, interval: u64, epoch: u64) -> Self {
        Self::extract(self.derive(&[EPOCH_INFO, &interval.to_be_bytes(), &epoch.to_be_bytes()]).as_slice())
    }

    /// Derives the key of a seed, which need not be secret.
    #[cfg(feature = "key-store")]
    pub(crate) fn of_seed(&self, seed: &[u8; 32]) -> Self {
        Self::extract(self.derive(&[SEED_INFO, seed]).as_slice())
    }

    fn derive_from(secret: &[u8]) -> Result<Self, KeyError> {
        check(secret)?;
        Ok(Self::extract(secret))
    }

    fn extract(secret: &[u8]) -> Self {
        let (mut output, _) = Hkdf::<Sha256>::extract(Some(SALT), secret);
        let mut extracted = Box::new(Zeroizing::new([0; 32]));
        extracted.copy_from_slice(&output);
        output.as_mut_slice().zeroize();
        let mut key = Self { extracted, id: KeyId([0; KeyId::BYTES]) };
        let id = key.derive(&[ID_INFO]);
        for (byte, derived) in key.id.0.iter_mut().zip(id.iter()) {
            *byte = *derived;
        }
        key
    }

    /// Returns the key's public id, which reveals nothing about the secret.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Derives a subkey for `info`. The parts are joined, so the caller has to separate them.
    #[expect(clippy::expect_used, reason = "both lengths are constants that HKDF-SHA-256 takes")]
    pub(crate) fn derive(&self, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::from_prk(self.extracted.as_slice())
            .expect("32 bytes are a pseudorandom key")
            .expand_multi_info(info, derived.as_mut_slice())
            .expect("32 bytes are one block");
        derived
    }
}

fn check(secret: &[u8]) -> Result<(), KeyError> {
    let refuse = |kind| Err(KeyError::new(kind));
    if secret.len() < MIN_BYTES {
        return refuse(KeyErrorKind::TooShort);
    }
    let mut seen = Zeroizing::new([false; 256]);
    for byte in secret {
        if let Some(seen) = seen.get_mut(usize::from(*byte)) {
            *seen = true;
        }
    }
    if seen.iter().filter(|seen| **seen).count() < MIN_DISTINCT {
        return refuse(KeyErrorKind::Repetitive);
    }
    let is_text = secret.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    if is_text && secret.len() < MIN_TEXT {
        return refuse(KeyErrorKind::Passphrase);
    }
    Ok(())
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, [redacted])", self.id)
    }
}

/// The public id of a [`Key`]: eight bytes derived from it, shown as 16 hexadecimal digits.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId([u8; Self::BYTES]);

impl KeyId {
    /// The length of an id, in bytes.
    pub const BYTES: usize = 8;

    /// Creates an id from its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5869, appendix A.1, with the crates and features of our derivation.
    #[test]
    fn derivation_is_hkdf_sha_256() {
        let salt: Vec<u8> = (0..=0x0c).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        let (extracted, hkdf) = Hkdf::<Sha256>::extract(Some(&salt), &[0x0b; 22]);
        assert_eq!(&extracted[..4], [0x07, 0x77, 0x09, 0x36]);
        let mut okm = [0; 42];
        hkdf.expand_multi_info(&[&info[..3], &info[3..]], &mut okm).unwrap();
        let expected = [
            0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac, 0xd5, 0x7a, 0x90, 0x43, 0x4f, 0x64, 0xd0, 0x36, 0x2f, 0x2a,
            0x2d, 0x2d, 0x0a, 0x90, 0xcf, 0x1a, 0x5a, 0x4c, 0x5d, 0xb0, 0x2d, 0x56, 0xec, 0xc4, 0xc5, 0xbf,
            0x34, 0x00, 0x72, 0x08, 0xd5, 0xb8, 0x87, 0x18, 0x58, 0x65,
        ];
        assert_eq!(okm, expected);
    }

    #[test]
    fn a_failing_random_generator_makes_no_key() {
        let error = Key::random_from(|_| Err("broken")).unwrap_err();
        assert_eq!(error.kind(), KeyErrorKind::NoRandomness);
        // A generator that claims success without writing is rejected.
        let error = Key::random_from(|_| Ok::<(), ()>(())).unwrap_err();
        assert_eq!(error.kind(), KeyErrorKind::Repetitive);
    }
}
