//! Prepares keys for verification, so that token-independent work is done once: [`Checker`].

use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Sha256, Sha384, Sha512};

use crate::algorithm::Algorithm;

/// Verifies signatures of one algorithm.
pub(super) enum Checker {
    Hs256(Hmac<Sha256>),
    Hs384(Hmac<Sha384>),
    Hs512(Hmac<Sha512>),
    /// `None` for a key that the backend cannot read: it verifies nothing
    Public(Option<ParsedPublicKey>),
}

impl Checker {
    /// Returns the verifier; `None` for an algorithm without a secret.
    pub(super) fn secret(algorithm: Algorithm, secret: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::HS256 => Hmac::new_from_slice(secret).ok().map(Self::Hs256),
            Algorithm::HS384 => Hmac::new_from_slice(secret).ok().map(Self::Hs384),
            Algorithm::HS512 => Hmac::new_from_slice(secret).ok().map(Self::Hs512),
            _ => None,
        }
    }

    /// Verifies in constant time for HMAC (timing attack).
    pub(super) fn verify(&self, signing_input: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hs256(key) => key.clone().chain_update(signing_input).verify_slice(signature).is_ok(),
            Self::Hs384(key) => key.clone().chain_update(signing_input).verify_slice(signature).is_ok(),
            Self::Hs512(key) => key.clone().chain_update(signing_input).verify_slice(signature).is_ok(),
            Self::Public(key) => {
                key.as_ref().is_some_and(|key| key.verify_sig(signing_input, signature).is_ok())
            }
        }
    }
}

/// Returns the RSA scheme; `None` for other algorithms.
pub(super) const fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::RS256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::RS384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RS512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::PS256 => &RSA_PSS_2048_8192_SHA256,
        Algorithm::PS384 => &RSA_PSS_2048_8192_SHA384,
        Algorithm::PS512 => &RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}
