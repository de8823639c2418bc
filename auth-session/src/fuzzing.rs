//! Lets fuzz targets call private parsers, each with its invariants.
//!
//! They panic if an invariant is violated, and return whether the input was accepted. Compiled by cargo-fuzz and for the
//! tests of this crate only.

#![expect(clippy::must_use_candidate, reason = "called by fuzz targets and tests only")]

/// Reads the content of an encrypted cookie.
#[cfg(feature = "encrypted-cookie")]
pub fn encrypted_content(bytes: &[u8]) -> bool {
    crate::EncryptedCookie::fuzz_content(bytes)
}

/// Reads the value of a session's cookie.
#[cfg(feature = "server-side")]
pub fn session_secret(text: &[u8]) -> bool {
    crate::session::SessionIdentity::fuzz_secret(text)
}

/// Reads a store's record of a session.
#[cfg(feature = "server-side")]
pub fn session_record(bytes: &[u8]) -> bool {
    crate::session::SessionIdentity::fuzz_record(bytes)
}

#[cfg(test)]
#[path = "../../fuzz/src/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::*;

    fn replay(name: &str, check: fn(&[u8]) -> bool) {
        replay::replay(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus"), name, check);
    }

    #[cfg(feature = "encrypted-cookie")]
    #[test]
    fn encrypted_contents() {
        replay("encrypted_content", encrypted_content);
    }

    #[cfg(feature = "server-side")]
    #[test]
    fn session_secrets() {
        replay("session_secret", session_secret);
    }

    #[cfg(feature = "server-side")]
    #[test]
    fn session_records() {
        replay("session_record", session_record);
    }
}
