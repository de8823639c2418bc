//! Validates public keys when they are parsed: [`Public`].

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rsa::PublicKey as RsaPublicKey,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, RsaPublicKeyComponents,
        VerificationAlgorithm,
    },
};

use super::{
    JwtKeyError, JwtKeyErrorKind,
    prepared_key::{Checker, rsa_parameters},
    rsa_requirements,
};
use crate::{
    algorithm::{Algorithm, Family},
    base64url,
};

/// The points of Ed25519 of order at most eight, without the sign bit. Anyone can forge signatures for them.
const SMALL_ORDER: [[u8; 32]; 7] = [
    end(0x00, 0x00, 0x00),
    end(0x01, 0x00, 0x00),
    end(0xec, 0xff, 0x7f),
    // These two encodings are not canonical.
    end(0xed, 0xff, 0x7f),
    end(0xee, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

const fn end(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    let [low, .., high] = &mut bytes;
    *low = first;
    *high = last;
    bytes
}

/// A validated public key.
#[derive(Clone)]
pub(super) enum Public {
    /// Modulus and exponent, in minimal length.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// The coordinates of a point on the curve.
    Ec { x: Vec<u8>, y: Vec<u8> },
    /// An encoded point.
    Ed25519 { x: Vec<u8> },
}

impl Public {
    pub(super) fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Self, JwtKeyError> {
        rsa_requirements::check(&n, &e)?;
        Ok(Self::Rsa { n, e })
    }

    /// Validates a point of the algorithm's curve.
    pub(super) fn ec(algorithm: Algorithm, x: Vec<u8>, y: Vec<u8>) -> Result<Self, JwtKeyError> {
        let Family::Ec { coordinate } = algorithm.family() else {
            return Err(mismatch());
        };
        if x.len() != coordinate || y.len() != coordinate {
            return Err(JwtKeyError::malformed("a coordinate has not the length that its curve demands"));
        }
        let point = [&[4], x.as_slice(), y.as_slice()].concat();
        ParsedPublicKey::new(curve(coordinate), point)
            .map_err(|_| JwtKeyError::malformed("the point is not on its curve"))?;
        Ok(Self::Ec { x, y })
    }

    pub(super) fn ed25519(x: Vec<u8>) -> Result<Self, JwtKeyError> {
        let Ok(mut point) = <[u8; 32]>::try_from(x.as_slice()) else {
            return Err(JwtKeyError::malformed("an Ed25519 key has 32 bytes"));
        };
        let [.., high] = &mut point;
        *high &= 0x7f;
        if SMALL_ORDER.contains(&point) {
            return Err(JwtKeyError::new(JwtKeyErrorKind::Weak, "the Ed25519 key is a point of small order"));
        }
        Ok(Self::Ed25519 { x })
    }

    /// Parses a `SubjectPublicKeyInfo` (RFC 5280); for RSA also a PKCS #1 key (RFC 8017).
    pub(super) fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, JwtKeyError> {
        let malformed =
            JwtKeyError::malformed("the key is not a public key in DER, or not one for this algorithm");
        match algorithm.family() {
            Family::Hmac { .. } => Err(mismatch()),
            Family::Rsa => {
                let key = RsaPublicKey::from_der(der).map_err(|_| malformed)?;
                let spki: PublicKeyX509Der<'_> = key.as_der().map_err(|_| malformed)?;
                if key.as_ref() != der && spki.as_ref() != der {
                    return Err(malformed);
                }
                let number = |bytes: &[u8]| bytes.to_vec();
                Self::rsa(
                    number(key.modulus().big_endian_without_leading_zero()),
                    number(key.exponent().big_endian_without_leading_zero()),
                )
            }
            Family::Ec { coordinate } => {
                let point = point_of(curve(coordinate), der, coordinate.saturating_mul(2).saturating_add(1));
                match point.ok_or(malformed)?.split_first() {
                    Some((4, both)) => {
                        let (x, y) = both.split_at_checked(coordinate).ok_or(malformed)?;
                        Self::ec(algorithm, x.to_vec(), y.to_vec())
                    }
                    _ => Err(malformed),
                }
            }
            Family::Ed25519 => Self::ed25519(point_of(&ED25519, der, 32).ok_or(malformed)?),
        }
    }

    /// Returns the length of a signature in bytes.
    pub(super) fn signature_bytes(&self) -> usize {
        match self {
            Self::Rsa { n, .. } => n.len(),
            Self::Ec { x, y } => x.len().saturating_add(y.len()),
            Self::Ed25519 { .. } => 64,
        }
    }

    pub(super) fn checker(&self, algorithm: Algorithm) -> Checker {
        Checker::Public(match self {
            Self::Rsa { n, e } => rsa_parameters(algorithm)
                .and_then(|how| RsaPublicKeyComponents { n, e }.to_parsed_public_key(how).ok()),
            Self::Ec { x, y } => {
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                ParsedPublicKey::new(curve(x.len()), point).ok()
            }
            Self::Ed25519 { x } => ParsedPublicKey::new(&ED25519, x).ok(),
        })
    }

    /// Returns the required members of a JWK, in the order of RFC 7638.
    pub(super) fn members(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Rsa { n, e } => {
                vec![("e", base64url::encode(e)), ("kty", "RSA".to_owned()), ("n", base64url::encode(n))]
            }
            Self::Ec { x, y } => {
                let curve = if x.len() == 32 { "P-256" } else { "P-384" };
                vec![
                    ("crv", curve.to_owned()),
                    ("kty", "EC".to_owned()),
                    ("x", base64url::encode(x)),
                    ("y", base64url::encode(y)),
                ]
            }
            Self::Ed25519 { x } => {
                vec![("crv", "Ed25519".to_owned()), ("kty", "OKP".to_owned()), ("x", base64url::encode(x))]
            }
        }
    }
}

fn curve(coordinate: usize) -> &'static dyn VerificationAlgorithm {
    if coordinate == 32 { &ECDSA_P256_SHA256_FIXED } else { &ECDSA_P384_SHA384_FIXED }
}

/// Returns the last `length` bytes of a canonical `SubjectPublicKeyInfo`, which are the point.
fn point_of(algorithm: &'static dyn VerificationAlgorithm, der: &[u8], length: usize) -> Option<Vec<u8>> {
    let key = ParsedPublicKey::new(algorithm, der).ok()?;
    let canonical: PublicKeyX509Der<'_> = key.as_der().ok()?;
    (canonical.as_ref() == der).then(|| der.get(der.len().checked_sub(length)?..).map(<[u8]>::to_vec))?
}

pub(super) const fn mismatch() -> JwtKeyError {
    JwtKeyError::new(JwtKeyErrorKind::Algorithm, "the key is of another kind than the algorithm takes")
}
