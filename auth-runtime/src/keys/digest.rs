//! Hashes of secrets.

use sha2::{Digest, Sha256};

/// Returns the SHA-256 of some parts, one after the other.
///
/// The hasher stays where it is, and is wiped there; moved, it would leave behind what it has not taken in yet.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize_reset().into()
}
