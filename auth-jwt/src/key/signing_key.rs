//! Holds keys that sign: [`SigningKey`].

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair,
    },
};
use jsonwebtoken::{EncodingKey, crypto::aws_lc};
use zeroize::Zeroizing;

use super::{
    JwtKeyError, JwtKeyErrorKind, VerifyingKey, pem,
    public_key::{Public, mismatch},
};
use crate::algorithm::{Algorithm, Family};

/// A key that signs with one algorithm.
///
/// Its memory is wiped when the last copy is dropped, and it cannot be printed.
///
/// # Example
///
/// ```
/// use auth_runtime::jwt::{Algorithm, SigningKey};
///
/// let key = SigningKey::generate(Algorithm::ES256)?.with_kid("2026-01");
/// let signature = key.sign(b"header.payload")?;
/// assert!(key.verifying_key().verify(b"header.payload", &signature));
///
/// // What the issuer publishes.
/// let jwk = key.to_jwk().expect("ES256 has a public half");
/// assert!(jwk.contains(r#""kid":"2026-01""#) && !jwk.contains(r#""d":"#));
/// # Ok::<(), auth_runtime::jwt::JwtKeyError>(())
/// ```
#[derive(Clone)]
pub struct SigningKey {
    key: Arc<EncodingKey>,
    verifying: VerifyingKey,
}

impl SigningKey {
    /// Creates a key for HS256 from at least 32 secret bytes.
    ///
    /// # Errors
    ///
    /// Fails as [`VerifyingKey::hs256`] does.
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, JwtKeyError> {
        Self::secret(Algorithm::HS256, secret.as_ref())
    }

    /// Creates a key for HS384 from at least 48 secret bytes.
    ///
    /// # Errors
    ///
    /// Fails as [`VerifyingKey::hs256`] does.
    pub fn hs384(secret: impl AsRef<[u8]>) -> Result<Self, JwtKeyError> {
        Self::secret(Algorithm::HS384, secret.as_ref())
    }

    /// Creates a key for HS512 from at least 64 secret bytes.
    ///
    /// # Errors
    ///
    /// Fails as [`VerifyingKey::hs256`] does.
    pub fn hs512(secret: impl AsRef<[u8]>) -> Result<Self, JwtKeyError> {
        Self::secret(Algorithm::HS512, secret.as_ref())
    }

    /// Parses a private key from PEM: `BEGIN PRIVATE KEY` (PKCS #8), for RSA also `BEGIN RSA PRIVATE KEY`.
    ///
    /// # Errors
    ///
    /// Fails if the text does not have exactly one such block; the error says what it is and how to convert
    /// it. Also fails if the key does not match `algorithm` or is for HMAC, and if [`VerifyingKey::from_pem`]
    /// rejects its public key.
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self, JwtKeyError> {
        const PKCS1: &str = "RSA PRIVATE KEY";
        let labels: &[&str] = match algorithm.family() {
            Family::Rsa => &["PRIVATE KEY", PKCS1],
            _ => &["PRIVATE KEY"],
        };
        let (label, der) = pem::decode(pem.as_ref(), labels)?;
        if label == PKCS1 {
            let pair = RsaKeyPair::from_der(&der).map_err(|_| malformed())?;
            return Self::rsa(algorithm, &pair, EncodingKey::from_rsa_der(&der));
        }
        Self::from_der(algorithm, der.as_slice())
    }

    /// Parses a private key from DER: PKCS #8 (RFC 5958).
    ///
    /// # Errors
    ///
    /// Fails as [`from_pem`](Self::from_pem) does.
    pub fn from_der(algorithm: Algorithm, der: impl AsRef<[u8]>) -> Result<Self, JwtKeyError> {
        let der = der.as_ref();
        match algorithm.family() {
            Family::Hmac { .. } => Err(mismatch()),
            Family::Rsa => {
                let pair = RsaKeyPair::from_pkcs8(der).map_err(|_| malformed())?;
                // The backend signs with the PKCS #1 key inside, which it only finds in PEM.
                let key = EncodingKey::from_rsa_pem(pem::encode_private(der).as_bytes())
                    .map_err(|_| malformed())?;
                Self::rsa(algorithm, &pair, key)
            }
            Family::Ec { coordinate } => {
                let pair = EcdsaKeyPair::from_pkcs8(curve(coordinate), der).map_err(|_| malformed())?;
                let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| malformed())?;
                let public = Public::from_der(algorithm, public.as_ref())?;
                Ok(Self::new(EncodingKey::from_ec_der(der), VerifyingKey::public(algorithm, public)))
            }
            Family::Ed25519 => {
                let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|_| malformed())?;
                let public = Public::ed25519(pair.public_key().as_ref().to_vec())?;
                Ok(Self::new(EncodingKey::from_ed_der(der), VerifyingKey::public(algorithm, public)))
            }
        }
    }

    /// Generates a key with the operating system's random generator. RSA keys have 2,048 bits and take a
    /// while.
    ///
    /// # Errors
    ///
    /// Fails if the operating system gives no random bytes.
    pub fn generate(algorithm: Algorithm) -> Result<Self, JwtKeyError> {
        let failed =
            JwtKeyError::new(JwtKeyErrorKind::NotSigned, "the operating system gives no random bytes");
        match algorithm.family() {
            Family::Hmac { bytes } => {
                let mut secret = Zeroizing::new(vec![0; bytes]);
                getrandom::fill(&mut secret).map_err(|_| failed)?;
                Self::secret(algorithm, &secret)
            }
            Family::Rsa => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| failed)?;
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| failed)?;
                Self::from_der(algorithm, der.as_ref())
            }
            Family::Ec { coordinate } => {
                let der = EcdsaKeyPair::generate_pkcs8(curve(coordinate), &SystemRandom::new())
                    .map_err(|_| failed)?;
                Self::from_der(algorithm, der.as_ref())
            }
            Family::Ed25519 => {
                let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| failed)?;
                Self::from_der(algorithm, der.as_ref())
            }
        }
    }

    /// Sets the key id, which is written into the headers of its tokens (`kid`).
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.verifying = self.verifying.with_kid(kid);
        self
    }

    /// Returns the algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.verifying.algorithm()
    }

    /// Returns the key id.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.verifying.kid()
    }

    /// Returns the verification key: the public key, or the same secret.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        self.verifying.clone()
    }

    /// Returns the public key as a JWK; `None` for a shared secret.
    #[must_use]
    pub fn to_jwk(&self) -> Option<String> {
        self.verifying.to_jwk()
    }

    /// Signs bytes: the header and the payload of a token, each in base64url, joined by a dot.
    ///
    /// # Errors
    ///
    /// Fails if the operating system gives no random bytes to an algorithm that needs them.
    pub fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, JwtKeyError> {
        let make = aws_lc::DEFAULT_PROVIDER.signer_factory;
        make(&self.algorithm().backend(), &self.key)
            .ok()
            .and_then(|signer| signer.try_sign(signing_input).ok())
            .ok_or(JwtKeyError::new(JwtKeyErrorKind::NotSigned, "the key could not sign"))
    }

    fn new(key: EncodingKey, verifying: VerifyingKey) -> Self {
        Self { key: Arc::new(key), verifying }
    }

    pub(crate) fn secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, JwtKeyError> {
        Ok(Self::new(EncodingKey::from_secret(secret), VerifyingKey::secret(algorithm, secret)?))
    }

    fn rsa(algorithm: Algorithm, pair: &RsaKeyPair, key: EncodingKey) -> Result<Self, JwtKeyError> {
        let public = Public::from_der(algorithm, pair.public_key().as_ref())?;
        Ok(Self::new(key, VerifyingKey::public(algorithm, public)))
    }
}

fn curve(coordinate: usize) -> &'static EcdsaSigningAlgorithm {
    if coordinate == 32 { &ECDSA_P256_SHA256_FIXED_SIGNING } else { &ECDSA_P384_SHA384_FIXED_SIGNING }
}

const fn malformed() -> JwtKeyError {
    JwtKeyError::malformed("the key is not a private key of the expected form, or not one for this algorithm")
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, {:?}, [redacted])", self.algorithm(), self.kid())
    }
}
