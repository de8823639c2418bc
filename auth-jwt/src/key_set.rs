//! Holds a set of keys: [`KeySet`].

use std::{collections::BTreeSet, error::Error, fmt};

use serde_json::Value;

use super::{
    Algorithm, Found, JwtKeyError, JwtKeyErrorKind, KeySource, VerifyingKey,
    key::{Import, Kind},
    strict_json::{self, Object},
};
use crate::events;
use auth_identity::{Answer, BoxError, clock::UnixTime};

/// The maximum number of keys in a set, usable or not.
const MAX_KEYS: usize = 100;
/// The maximum length of the text of a set, in bytes.
pub(super) const MAX_BYTES: usize = 256 * 1024;
/// The maximum number of keys that are tried for a token without a key id.
const MAX_TRIED: usize = 4;

/// Several keys; a token's `kid` and algorithm select one.
///
/// For a token without `kid`, or a set whose keys have none, each key of the algorithm is tried; if there are
/// more than four, the token is rejected (denial of service).
///
/// # Example
///
/// ```
/// use auth_runtime::jwt::{Algorithm, KeySet, SigningKey};
///
/// let old = SigningKey::generate(Algorithm::ES256)?.with_kid("2025");
/// let new = SigningKey::generate(Algorithm::EdDSA)?.with_kid("2026");
/// let keys = KeySet::new([old.verifying_key(), new.verifying_key()])?;
///
/// // What an issuer publishes at its `jwks_uri`, and what others read.
/// let published = keys.to_jwks();
/// assert_eq!(KeySet::from_jwks(published)?.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
}

impl KeySet {
    /// Creates a set; it may mix secrets and public keys, because each has its own type.
    ///
    /// # Errors
    ///
    /// Fails if two different keys have the same `kid` and algorithm, and if there are more than 100. Keys of
    /// different algorithms may share a `kid`; of a repeated key one is kept.
    pub fn new(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, JwkSetError> {
        let keys: Vec<_> = keys.into_iter().take(MAX_KEYS.saturating_add(1)).collect();
        if keys.len() > MAX_KEYS {
            return Err(JwkSetError::TooLarge);
        }
        let set = Self::without_duplicates(keys);
        let mut names: Vec<_> =
            set.keys.iter().filter_map(|key| Some((key.kid()?, key.algorithm()))).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
            return Err(JwkSetError::DuplicateKid);
        }
        Ok(set)
    }

    /// Removes repeated public keys with the same id.
    fn without_duplicates(keys: Vec<VerifyingKey>) -> Self {
        let mut seen = BTreeSet::new();
        let mut is_new = |key: &VerifyingKey| match (key.kid(), key.thumbprint()) {
            (Some(kid), Some(thumbprint)) => seen.insert((kid.to_owned(), key.algorithm(), thumbprint)),
            _ => true,
        };
        Self { keys: keys.into_iter().filter(|key| is_new(key)).collect() }
    }

    /// Parses a public JWK set (RFC 7517, section 5).
    ///
    /// A key that is of an unknown kind, not for signatures, malformed, weak, private or a secret is skipped
    /// and logged; the others are used. A token's algorithm selects between keys with the same `kid`; if
    /// several match, up to four are tried. The rules for each key are those of [`VerifyingKey::from_jwk`].
    ///
    /// # Errors
    ///
    /// Fails if the set is not strict JSON (a member is repeated anywhere), has no list `keys`, has more than
    /// 100 keys or 256 KiB, or has no usable key.
    pub fn from_jwks(json: impl AsRef<[u8]>) -> Result<Self, JwkSetError> {
        let set = Self::import(json.as_ref(), Import::default())?;
        if set.is_empty() { Err(JwkSetError::NoKey) } else { Ok(set) }
    }

    /// Parses a JWK set of shared secrets (`"kty":"oct"`), for configurations.
    ///
    /// # Errors
    ///
    /// Fails as [`from_jwks`](Self::from_jwks) does, and if any key is not a usable secret: secrets and
    /// public keys must not be mixed in one file.
    pub fn from_secret_jwks(json: impl AsRef<[u8]>) -> Result<Self, JwkSetError> {
        let keys = entries(json.as_ref())?
            .iter()
            .map(|jwk| match Import::default().read(jwk)? {
                (key, Kind::Secret) => Ok(key),
                (_, Kind::Public) => Err(JwtKeyError::new(
                    JwtKeyErrorKind::Public,
                    "the set mixes secrets and public keys; keep them apart",
                )),
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(JwkSetError::Key)?;
        if keys.is_empty() { Err(JwkSetError::NoKey) } else { Self::new(keys) }
    }

    /// Parses the public keys of a set, which may be empty.
    pub(super) fn import(json: &[u8], import: Import) -> Result<Self, JwkSetError> {
        let mut keys = Vec::new();
        for jwk in entries(json)? {
            match import.read(&jwk) {
                Ok((key, Kind::Public)) => keys.push(key),
                Ok((_, Kind::Secret)) => skip(
                    &jwk,
                    &JwtKeyError::new(
                        JwtKeyErrorKind::Private,
                        "a shared secret has no place in a public set",
                    ),
                ),
                Err(error) => skip(&jwk, &error),
            }
        }
        // An ambiguity in another issuer's set must not invalidate all of its keys.
        Ok(Self::without_duplicates(keys))
    }

    /// Returns the public keys as a JWK set for publication; secrets are omitted.
    #[must_use]
    pub fn to_jwks(&self) -> String {
        let keys: Vec<_> = self.keys.iter().filter_map(VerifyingKey::to_jwk).collect();
        format!("{{\"keys\":[{}]}}", keys.join(","))
    }

    /// Returns the number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Returns the keys.
    pub fn iter(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.keys.iter()
    }

    /// Returns whether a key has this id, for any algorithm.
    #[cfg(feature = "jwks")]
    pub(super) fn knows(&self, kid: Option<&str>) -> bool {
        kid.is_some() && self.keys.iter().any(|key| key.kid() == kid)
    }

    /// Returns the keys that may verify a token with this header.
    pub(super) fn candidates(&self, kid: Option<&str>, algorithm: Algorithm) -> Found {
        // If a key has the id, keys without an id are not tried.
        let is_named = kid.is_some() && self.keys.iter().any(|key| key.kid() == kid);
        let is_meant = |key: &&VerifyingKey| key.serves(kid, algorithm) && (!is_named || key.kid() == kid);
        let mut fitting = self.keys.iter().filter(is_meant);
        let found: Found = fitting.by_ref().take(MAX_TRIED).cloned().collect();
        if fitting.next().is_some() { Found::default() } else { found }
    }
}

impl KeySource for KeySet {
    fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        _: UnixTime,
    ) -> Answer<'_, Result<Found, BoxError>> {
        Answer::Now(Ok(self.candidates(kid, algorithm)))
    }
}

/// Returns the members of `keys`; one that is not an object counts as an empty, unusable key.
fn entries(json: &[u8]) -> Result<Vec<Object>, JwkSetError> {
    if json.len() > MAX_BYTES {
        return Err(JwkSetError::TooLarge);
    }
    let mut set = strict_json::parse_object(json).map_err(|_| JwkSetError::Malformed)?;
    let Some(Value::Array(keys)) = set.remove("keys") else {
        return Err(JwkSetError::Malformed);
    };
    if keys.len() > MAX_KEYS {
        return Err(JwkSetError::TooLarge);
    }
    Ok(keys
        .into_iter()
        .map(|key| match key {
            Value::Object(key) => key,
            _ => Object::new(),
        })
        .collect())
}

fn skip(jwk: &Object, error: &JwtKeyError) {
    events::key_skipped(jwk.get("kid").and_then(Value::as_str), error);
}

/// A JWK set was rejected as a whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JwkSetError {
    /// Two different keys have the same `kid` and algorithm
    DuplicateKid,
    /// A key of a set of secrets is not usable
    Key(JwtKeyError),
    /// The text is not a JSON object with a list `keys`, or has a repeated member
    Malformed,
    /// No key is usable
    NoKey,
    /// The set has more than 100 keys or 256 KiB
    TooLarge,
}

impl fmt::Display for JwkSetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DuplicateKid => "two different keys of the set have the same name (`kid`) and algorithm",
            Self::Key(_) => "a key of the set is not usable",
            Self::Malformed => "the set is not a strict JSON object with a list `keys`",
            Self::NoKey => "no key of the set is usable",
            Self::TooLarge => "the set has more than 100 keys or 256 KiB",
        })
    }
}

impl Error for JwkSetError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Key(error) => Some(error),
            _ => None,
        }
    }
}
