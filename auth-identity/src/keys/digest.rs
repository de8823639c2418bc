//! Hashes secrets with SHA-256.

use sha2::{Digest, Sha256};

/// Returns the SHA-256 of the joined parts.
///
/// The hasher is wiped in place; a moved one would leave its buffer behind.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize_reset().into()
}
