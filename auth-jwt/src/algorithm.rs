//! Lists signature algorithms: [`Algorithm`].

use std::{error::Error, fmt, str::FromStr};

/// The name of `EdDSA` on Ed25519 (RFC 9864, section 2.2); the older name, which is accepted too, is less
/// specific.
const ED25519: &str = "Ed25519";

/// A signature algorithm, by its name in RFC 7518, section 3.1, and RFC 8037.
///
/// There is no `none`, and no algorithm on SHA-1; ES512 and ES256K are not offered. Other names are unknown,
/// and names are case-sensitive. `Ed25519` (RFC 9864) is read as [`EdDSA`](Self::EdDSA), which has no other
/// curve.
///
/// # Example
///
/// ```
/// use auth_runtime::jwt::Algorithm;
///
/// assert_eq!("ES256".parse(), Ok(Algorithm::ES256));
/// assert!("none".parse::<Algorithm>().is_err());
/// assert!("es256".parse::<Algorithm>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256 and a shared secret
    HS256,
    /// HMAC with SHA-384 and a shared secret
    HS384,
    /// HMAC with SHA-512 and a shared secret
    HS512,
    /// RSASSA-PKCS1-v1_5 with SHA-256
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512
    RS512,
    /// RSASSA-PSS with SHA-256
    PS256,
    /// RSASSA-PSS with SHA-384
    PS384,
    /// RSASSA-PSS with SHA-512
    PS512,
    /// ECDSA on P-256 with SHA-256
    ES256,
    /// ECDSA on P-384 with SHA-384
    ES384,
    /// `EdDSA` on Ed25519
    EdDSA,
}

impl Algorithm {
    /// All algorithms.
    pub const ALL: [Self; 12] = [
        Self::HS256,
        Self::HS384,
        Self::HS512,
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::EdDSA,
    ];

    /// Returns the name in a token's header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
        }
    }

    /// Returns whether the algorithm is symmetric, so that every verifier can also sign.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(self.family(), Family::Hmac { .. })
    }

    pub(super) const fn family(self) -> Family {
        match self {
            Self::HS256 => Family::Hmac { bytes: 32 },
            Self::HS384 => Family::Hmac { bytes: 48 },
            Self::HS512 => Family::Hmac { bytes: 64 },
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512 => Family::Rsa,
            Self::ES256 => Family::Ec { coordinate: 32 },
            Self::ES384 => Family::Ec { coordinate: 48 },
            Self::EdDSA => Family::Ed25519,
        }
    }

    pub(super) const fn backend(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::HS256 => jsonwebtoken::Algorithm::HS256,
            Self::HS384 => jsonwebtoken::Algorithm::HS384,
            Self::HS512 => jsonwebtoken::Algorithm::HS512,
            Self::RS256 => jsonwebtoken::Algorithm::RS256,
            Self::RS384 => jsonwebtoken::Algorithm::RS384,
            Self::RS512 => jsonwebtoken::Algorithm::RS512,
            Self::PS256 => jsonwebtoken::Algorithm::PS256,
            Self::PS384 => jsonwebtoken::Algorithm::PS384,
            Self::PS512 => jsonwebtoken::Algorithm::PS512,
            Self::ES256 => jsonwebtoken::Algorithm::ES256,
            Self::ES384 => jsonwebtoken::Algorithm::ES384,
            Self::EdDSA => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}

/// The kind of key of an algorithm.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Family {
    /// A secret with at least the length of the hash (RFC 7518, section 3.2).
    Hmac {
        /// The minimum length, in bytes.
        bytes: usize,
    },
    Rsa,
    /// A point of a curve.
    Ec {
        /// The length of one coordinate, in bytes.
        coordinate: usize,
    },
    Ed25519,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name == ED25519 {
            return Ok(Self::EdDSA);
        }
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name).ok_or(UnknownAlgorithm(()))
    }
}

/// The name is not that of an [`Algorithm`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownAlgorithm(());

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the algorithm is unknown; the known ones are HS256 to HS512, RS256 to RS512, PS256 to PS512, ES256, ES384 and EdDSA")
    }
}

impl Error for UnknownAlgorithm {}
