//! Entry points of `fuzz/`: parsers that are not public, each with its invariants. They panic if an invariant
//! is violated, and return whether the input was accepted. Compiled by cargo-fuzz and for the tests of this
//! crate only.

#![expect(clippy::must_use_candidate, reason = "called by fuzz targets and tests only")]

#[cfg(all(fuzzing, feature = "key-store", feature = "redis"))]
pub use auth_identity::fuzzing::stored_text;
#[cfg(fuzzing)]
pub use auth_identity::fuzzing::ticket_payload;
#[cfg(all(fuzzing, feature = "encrypted-cookie"))]
pub use auth_session::fuzzing::encrypted_content;
#[cfg(all(fuzzing, feature = "session"))]
pub use auth_session::fuzzing::{session_record, session_secret};

/// Stored refresh tokens and their families.
#[cfg(feature = "jwt")]
pub fn stored_refresh(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    [crate::jwt::RefreshToken::fuzz(text), crate::jwt::RefreshFamily::fuzz_record(text)].contains(&true)
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

    #[cfg(feature = "jwt")]
    #[test]
    fn stored_refreshes() {
        replay("stored_refresh", stored_refresh);
    }
}
