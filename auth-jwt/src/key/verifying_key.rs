//! Holds keys that verify: [`VerifyingKey`].

use std::{fmt, sync::Arc};

use auth_identity::__private::report_checked;
use serde_json::Value;

use super::{
    JwtKeyError, JwtKeyErrorKind,
    jwk::{Import, Kind},
    pem,
    prepared_key::Checker,
    public_key::{Public, mismatch},
};
use crate::{
    algorithm::{Algorithm, Family},
    base64url, strict_json,
};
use auth_identity::keys::KeyState;

/// The maximum length of a key id, in bytes.
pub(crate) const MAX_KID_BYTES: usize = 256;

/// A key that verifies signatures of one algorithm, with an optional key id (`kid`).
///
/// Shared secrets and public keys have different constructors, so neither can be used as the other (algorithm
/// confusion): a token that claims HMAC for a public key finds a key without HMAC. Copies share their memory,
/// which is wiped with the last of them.
///
/// # Example
///
/// ```
/// use auth_runtime::jwt::{Algorithm, VerifyingKey};
///
/// let key = VerifyingKey::from_pem(
///     Algorithm::EdDSA,
///     "-----BEGIN PUBLIC KEY-----
/// MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
/// -----END PUBLIC KEY-----",
/// )?
/// .with_kid("2026-01");
/// assert_eq!(key.algorithm(), Algorithm::EdDSA);
/// assert_eq!(key.kid(), Some("2026-01"));
///
/// // RFC 7518: a secret is at least as long as the hash.
/// assert!(VerifyingKey::hs256("secret").is_err());
/// # Ok::<(), auth_runtime::jwt::JwtKeyError>(())
/// ```
#[derive(Clone)]
pub struct VerifyingKey {
    material: Arc<Material>,
    kid: Option<Arc<str>>,
    /// The ring's state, for keys whose verifications are counted
    state: Option<KeyState>,
}

struct Material {
    algorithm: Algorithm,
    /// `None` for a secret.
    public: Option<Public>,
    checker: Checker,
    signature_bytes: usize,
}

impl VerifyingKey {
    /// Creates a key for HS256 from at least 32 secret bytes.
    ///
    /// # Errors
    ///
    /// Fails for fewer bytes, and if they are the PEM or DER form of a public key, or a JWK.
    ///
    /// # Security
    ///
    /// Use random bytes: a passphrase can be guessed from a single token (RFC 8725, section 3.5).
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, JwtKeyError> {
        Self::secret(Algorithm::HS256, secret.as_ref())
    }

    /// Creates a key for HS384 from at least 48 secret bytes; otherwise like [`hs256`](Self::hs256).
    ///
    /// # Errors
    ///
    /// Fails as [`hs256`](Self::hs256) does.
    pub fn hs384(secret: impl AsRef<[u8]>) -> Result<Self, JwtKeyError> {
        Self::secret(Algorithm::HS384, secret.as_ref())
    }

    /// Creates a key for HS512 from at least 64 secret bytes; otherwise like [`hs256`](Self::hs256).
    ///
    /// # Errors
    ///
    /// Fails as [`hs256`](Self::hs256) does.
    pub fn hs512(secret: impl AsRef<[u8]>) -> Result<Self, JwtKeyError> {
        Self::secret(Algorithm::HS512, secret.as_ref())
    }

    /// Parses a public key from PEM: `BEGIN PUBLIC KEY`, for RSA also `BEGIN RSA PUBLIC KEY`.
    ///
    /// # Errors
    ///
    /// Fails if the text does not have exactly one such block; the error says what it is and how to convert
    /// it. Also fails if the key does not match `algorithm` or is for HMAC, and if it is weak: RSA below
    /// 2,048 bits, exponents that are even or below 3, the fingerprint of the ROCA generator, points that are
    /// not on their curve.
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self, JwtKeyError> {
        let labels: &[&str] = match algorithm.family() {
            Family::Rsa => &["PUBLIC KEY", "RSA PUBLIC KEY"],
            _ => &["PUBLIC KEY"],
        };
        let (_, der) = pem::decode(pem.as_ref(), labels)?;
        Self::from_der(algorithm, der.as_slice())
    }

    /// Parses a public key from DER: a `SubjectPublicKeyInfo` (RFC 5280), for RSA also a PKCS #1 key.
    ///
    /// # Errors
    ///
    /// Fails as [`from_pem`](Self::from_pem) does.
    pub fn from_der(algorithm: Algorithm, der: impl AsRef<[u8]>) -> Result<Self, JwtKeyError> {
        Ok(Self::public(algorithm, Public::from_der(algorithm, der.as_ref())?))
    }

    /// Parses a JWK (RFC 7517): a public key, or a shared secret (`"kty":"oct"`).
    ///
    /// The algorithm is that of `alg`. Without it, the curve determines the algorithm, and an RSA key is for
    /// RS256.
    ///
    /// # Errors
    ///
    /// Fails as [`from_pem`](Self::from_pem) and [`hs256`](Self::hs256) do, and for private parts in a public
    /// key, members that are repeated or have a wrong type, base64url that is not canonical, a `use` other
    /// than `sig`, `key_ops` without `verify`, an `alg` that is unknown or does not fit, a secret without
    /// `alg`, and key ids of more than 256 bytes.
    pub fn from_jwk(json: impl AsRef<[u8]>) -> Result<Self, JwtKeyError> {
        let json = json.as_ref();
        let object = strict_json::parse_object(json).map_err(|_| JwtKeyError::malformed(not_a_jwk(json)))?;
        Import::default().read(&object).map(|(key, _)| key)
    }

    /// Sets the key id. The key then verifies only tokens with this `kid` or without any.
    ///
    /// A key without a key id verifies tokens with any.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into().into());
        self
    }

    /// Counts verifications with this key among those of a ring.
    pub(crate) fn counted_as(mut self, state: KeyState) -> Self {
        self.state = Some(state);
        self
    }

    /// Returns the algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.material.algorithm
    }

    /// Returns the key id.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Verifies a signature over the bytes before the last dot of a token.
    ///
    /// This is a primitive: it does not check headers or claims.
    #[must_use]
    pub fn verify(&self, signing_input: &[u8], signature: &[u8]) -> bool {
        let is_valid = signature.len() == self.material.signature_bytes
            && self.material.checker.verify(signing_input, signature);
        if self.state.is_some() {
            report_checked(self.state, is_valid);
        }
        is_valid
    }

    /// Returns the public key as a JWK with `alg`, `use` and `kid`; `None` for a shared secret.
    #[must_use]
    pub fn to_jwk(&self) -> Option<String> {
        let mut object = strict_json::Object::new();
        for (name, value) in self.material.public.as_ref()?.members() {
            object.insert(name.to_owned(), Value::String(value));
        }
        object.insert("alg".to_owned(), self.algorithm().as_str().into());
        object.insert("use".to_owned(), "sig".into());
        if let Some(kid) = self.kid() {
            object.insert("kid".to_owned(), kid.into());
        }
        Some(Value::Object(object).to_string())
    }

    /// Returns the SHA-256 thumbprint of a public key in base64url (RFC 7638); `None` for a shared secret.
    #[must_use]
    pub fn thumbprint(&self) -> Option<String> {
        use sha2::{Digest, Sha256};
        let members = self.material.public.as_ref()?.members();
        // The values are base64url and names without quotes, so nothing needs to be escaped.
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        Some(base64url::encode(Sha256::digest(format!("{{{}}}", members.join(",")))))
    }

    /// Returns whether the key may verify a token with this header.
    pub(crate) fn serves(&self, kid: Option<&str>, algorithm: Algorithm) -> bool {
        let named_otherwise = self.kid().zip(kid).is_some_and(|(own, asked)| own != asked);
        self.algorithm() == algorithm && !named_otherwise
    }

    pub(super) fn public(algorithm: Algorithm, public: Public) -> Self {
        let checker = public.checker(algorithm);
        let signature_bytes = public.signature_bytes();
        Self {
            material: Arc::new(Material { algorithm, public: Some(public), checker, signature_bytes }),
            kid: None,
            state: None,
        }
    }

    pub(super) fn secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, JwtKeyError> {
        let Family::Hmac { bytes } = algorithm.family() else {
            return Err(mismatch());
        };
        check_secret(secret, bytes)?;
        let checker = Checker::secret(algorithm, secret).ok_or_else(mismatch)?;
        Ok(Self {
            material: Arc::new(Material { algorithm, public: None, checker, signature_bytes: bytes }),
            kid: None,
            state: None,
        })
    }

    pub(super) fn kind(&self) -> Kind {
        if self.material.public.is_some() { Kind::Public } else { Kind::Secret }
    }
}

/// Explains a text that is not a JWK.
fn not_a_jwk(text: &[u8]) -> &'static str {
    let has_mark = text.starts_with("\u{feff}".as_bytes());
    if has_mark {
        "the JWK begins with a byte order mark; remove it with `sed -i '1s/^\\xEF\\xBB\\xBF//' key.json`"
    } else if text.windows(11).any(|bytes| bytes == b"-----BEGIN ") {
        "this is PEM, not a JWK; read it with `from_pem`"
    } else {
        "the JWK is not strict JSON"
    }
}

/// Rejects secrets that are too short, and public keys (RFC 8725, section 2.1; algorithm confusion).
fn check_secret(secret: &[u8], bytes: usize) -> Result<(), JwtKeyError> {
    if secret.len() < bytes {
        return Err(JwtKeyError::new(
            JwtKeyErrorKind::TooShort,
            "the secret is shorter than the hash: 32 bytes for HS256, 48 for HS384, 64 for HS512",
        ));
    }
    let is_der = [Algorithm::RS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA]
        .into_iter()
        .any(|algorithm| is_public_key(algorithm, secret));
    let is_pem = secret.trim_ascii_start().starts_with(b"-----BEGIN ");
    let is_jwk = strict_json::parse_object(secret).is_ok_and(|object| object.contains_key("kty"));
    if is_der || is_pem || is_jwk {
        return Err(JwtKeyError::new(JwtKeyErrorKind::Public, "the secret is a key in PEM, DER or JSON"));
    }
    Ok(())
}

fn is_public_key(algorithm: Algorithm, secret: &[u8]) -> bool {
    // DER sequences of keys begin with these bytes; do not parse other bytes.
    secret.first() == Some(&0x30) && Public::from_der(algorithm, secret).is_ok()
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({}, {:?}, [redacted])", self.algorithm(), self.kid())
    }
}
