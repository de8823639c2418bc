//! Doors for `fuzz/`: readers that cannot be reached from outside, each with what must hold of whatever it reads.
//!
//! They panic when it does not hold, and tell whether the input was taken. Compiled by cargo-fuzz and for the tests of
//! this crate only.

#![expect(clippy::must_use_candidate, reason = "called by fuzz targets and tests only")]

#[cfg(all(fuzzing, feature = "key-store", feature = "redis"))]
pub use auth_identity::fuzzing::stored_text;
#[cfg(fuzzing)]
pub use auth_identity::fuzzing::ticket_payload;
#[cfg(all(fuzzing, feature = "encrypted-cookie"))]
pub use auth_session::fuzzing::encrypted_content;
#[cfg(all(fuzzing, feature = "session"))]
pub use auth_session::fuzzing::{session_record, session_secret};

/// What stores say of refresh tokens.
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
