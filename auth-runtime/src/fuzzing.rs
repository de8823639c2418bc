//! Doors for `fuzz/`: readers that cannot be reached from outside, each with what must hold of whatever it reads.
//!
//! They panic when it does not hold, and tell whether the input was taken. Compiled by cargo-fuzz and for the tests of
//! this crate only.

#![expect(clippy::must_use_candidate, reason = "called by fuzz targets and tests only")]

#[cfg(all(fuzzing, feature = "key-store", feature = "redis"))]
pub use auth_identity::fuzzing::stored_text;
#[cfg(fuzzing)]
pub use auth_identity::fuzzing::ticket_payload;

/// SE10: an encrypted cookie's content.
#[cfg(feature = "encrypted-cookie")]
pub fn encrypted_content(bytes: &[u8]) -> bool {
    crate::EncryptedCookie::fuzz_content(bytes)
}

/// SE3: the value of a session's cookie.
#[cfg(feature = "session")]
pub fn session_secret(text: &[u8]) -> bool {
    crate::SessionIdentity::fuzz_secret(text)
}

/// SE10: what a store says of a session.
#[cfg(feature = "session")]
pub fn session_record(bytes: &[u8]) -> bool {
    crate::SessionIdentity::fuzz_record(bytes)
}

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

    // SE10
    #[cfg(feature = "encrypted-cookie")]
    #[test]
    fn encrypted_contents() {
        replay("encrypted_content", encrypted_content);
    }

    // SE3
    #[cfg(feature = "session")]
    #[test]
    fn session_secrets() {
        replay("session_secret", session_secret);
    }

    // SE10
    #[cfg(feature = "session")]
    #[test]
    fn session_records() {
        replay("session_record", session_record);
    }

    #[cfg(feature = "jwt")]
    #[test]
    fn stored_refreshes() {
        replay("stored_refresh", stored_refresh);
    }
}
