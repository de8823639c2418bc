//! Generates, parses and hashes the text of an API key.

use std::{error::Error, fmt};

use zeroize::Zeroizing;

use crate::keys::sha256;

/// The maximum length of a prefix, in characters.
const MAX_PREFIX: usize = 16;
const ID_BYTES: usize = 8;
const SECRET_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;

/// The kind of an [`ApiKeyError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ApiKeyErrorKind {
    /// The operating system gave no random bytes
    NoRandomness,
    /// The prefix does not have 1 to 16 letters and digits
    Prefix,
}

/// An API key cannot be generated or configured like this.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ApiKeyError(ApiKeyErrorKind);

impl ApiKeyError {
    pub(super) const fn no_randomness() -> Self {
        Self(ApiKeyErrorKind::NoRandomness)
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> ApiKeyErrorKind {
        self.0
    }
}

impl fmt::Display for ApiKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            ApiKeyErrorKind::NoRandomness => "the operating system gives no random bytes",
            ApiKeyErrorKind::Prefix => "the prefix of a key must be 1 to 16 letters and digits",
        })
    }
}

impl Error for ApiKeyError {}

/// The text of a newly issued key. It cannot be shown again.
///
/// Its memory is wiped when it is dropped, and it cannot be printed.
pub struct NewApiKey(Zeroizing<String>);

impl NewApiKey {
    /// Returns the text, to show it to the key's owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NewApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewApiKey([redacted])")
    }
}

/// A well-formed key.
pub(super) struct Key<'a> {
    pub(super) prefix: &'a str,
    pub(super) id: &'a str,
    secret: &'a str,
}

impl Key<'_> {
    /// Returns the hash that is stored. It covers the id, so two keys never share a hash, even with the same
    /// secret.
    pub(super) fn hash(&self) -> [u8; 32] {
        hash(self.id, self.secret)
    }
}

fn hash(id: &str, secret: &str) -> [u8; 32] {
    sha256(&[b"auth-runtime/api-key/v1/", id.as_bytes(), secret.as_bytes()])
}

pub(super) fn check_prefix(prefix: &str) -> Result<(), ApiKeyError> {
    let is_good =
        (1..=MAX_PREFIX).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_good { Ok(()) } else { Err(ApiKeyError(ApiKeyErrorKind::Prefix)) }
}

/// Generates a key: its text, its id, and the hash of its secret.
pub(super) fn generate(prefix: &str) -> Result<(NewApiKey, String, [u8; 32]), ApiKeyError> {
    generate_from(prefix, getrandom::fill)
}

fn generate_from<E>(
    prefix: &str,
    mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<(NewApiKey, String, [u8; 32]), ApiKeyError> {
    check_prefix(prefix)?;
    let failed = ApiKeyError(ApiKeyErrorKind::NoRandomness);
    let mut id = [0; ID_BYTES];
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    fill(&mut id).map_err(|_| failed)?;
    fill(secret.as_mut_slice()).map_err(|_| failed)?;
    // A generator that claims success without writing is rejected.
    if id == [0; ID_BYTES] || *secret == [0; SECRET_BYTES] {
        return Err(failed);
    }
    let id = hexadecimal(&id);
    let secret = hexadecimal(secret.as_slice());
    let mut text = Zeroizing::new(String::with_capacity(TEXT_BYTES));
    for part in [prefix, "_", &id, "_", &secret] {
        text.push_str(part);
    }
    let checksum = checksum(&text);
    text.push_str(&checksum);
    let hash = hash(&id, &secret);
    Ok((NewApiKey(text), id.to_string(), hash))
}

/// The maximum length of a key, in characters.
const TEXT_BYTES: usize = MAX_PREFIX + 2 + 2 * (ID_BYTES + SECRET_BYTES + CHECKSUM_BYTES);

/// Parses a well-formed key with a valid checksum.
pub(super) fn parse(text: &str) -> Option<Key<'_>> {
    if text.len() > TEXT_BYTES {
        return None;
    }
    let (prefix, rest) = text.split_once('_')?;
    let (id, rest) = rest.split_once('_')?;
    check_prefix(prefix).ok()?;
    let (secret, check) = rest.split_at_checked(2 * SECRET_BYTES)?;
    let has_lengths = id.len() == 2 * ID_BYTES && check.len() == 2 * CHECKSUM_BYTES;
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if !has_lengths || !id.bytes().chain(rest.bytes()).all(is_digit) {
        return None;
    }
    let signed = text.strip_suffix(check)?;
    // The checksum need not be secret: it depends on the rest.
    (*checksum(signed) == check).then_some(Key { prefix, id, secret })
}

/// Returns the first bytes of the SHA-256 of the preceding text.
fn checksum(text: &str) -> Zeroizing<String> {
    let digest = sha256(&[text.as_bytes()]);
    hexadecimal(digest.get(..CHECKSUM_BYTES).unwrap_or_default())
}

fn hexadecimal(bytes: &[u8]) -> Zeroizing<String> {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    // Allocate the final size: a growing buffer would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().saturating_mul(2)));
    for byte in bytes {
        text.extend([byte >> 4, byte & 15].iter().filter_map(|digit| DIGITS.get(usize::from(*digit))));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_random_generator_makes_no_key() {
        for error in [
            generate_from("k", |_| Err("broken")).unwrap_err(),
            generate_from("k", |_| Ok::<(), ()>(())).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ApiKeyErrorKind::NoRandomness);
        }
    }

    #[test]
    fn a_pinned_key_stays_what_it_is() {
        let mut next = 0_u8;
        let (key, id, hash) = generate_from("shop", |bytes| {
            bytes.fill_with(|| {
                next += 1;
                next
            });
            Ok::<(), ()>(())
        })
        .unwrap();
        let start = "shop_0102030405060708_090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728";
        assert_eq!(key.expose().strip_suffix(&*checksum(start)), Some(start));
        let parsed = parse(key.expose()).unwrap();
        assert_eq!((parsed.prefix, parsed.id, parsed.hash()), ("shop", &*id, hash));
        assert_eq!(format!("{key:?}"), "NewApiKey([redacted])");
    }

    #[test]
    fn no_other_text_is_read() {
        let (key, ..) = generate("shop").unwrap();
        let text = key.expose();
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            for bit in 0..7 {
                bytes[at] ^= 1 << bit;
                if let Ok(changed) = std::str::from_utf8(&bytes) {
                    assert!(parse(changed).is_none(), "{at} {bit}");
                }
                bytes[at] ^= 1 << bit;
            }
            assert!(parse(&text[..at]).is_none());
        }
        for changed in [format!("{text}0"), format!("{text}_"), format!(" {text}"), text.to_uppercase()] {
            assert!(parse(&changed).is_none());
        }
        for text in ["", "_", "__", "a_b_c", "é_é_é", &"_".repeat(108), &"a".repeat(5000)] {
            assert!(parse(text).is_none());
        }
    }
}
