//! Lets fuzz targets call private parsers, each with the property that must hold for all input.
//!
//! They panic if the property does not hold, and return whether the input was accepted. Compiled only by
//! cargo-fuzz and for the tests of this crate.

#![expect(clippy::must_use_candidate, reason = "called by fuzz targets and tests only")]

/// Requests to the loopback listener, from a browser or any other local program.
pub fn loopback_request(bytes: &[u8]) -> bool {
    crate::LoopbackListener::fuzz_request(bytes)
}

/// Token files.
pub fn token_file(bytes: &[u8]) -> bool {
    crate::FileStore::fuzz_record(bytes)
}

/// Claims of an `id_token`.
pub fn id_token(claims: &[u8]) -> bool {
    crate::AuthorizationCode::fuzz_id_token(claims)
}

/// The header `Retry-After`.
pub fn retry_after(value: &[u8]) -> bool {
    crate::retry_after::fuzz(value)
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

    #[test]
    fn loopback_requests() {
        replay("loopback_request", loopback_request);
    }

    #[test]
    fn token_files() {
        replay("token_file", token_file);
    }

    #[test]
    fn id_tokens() {
        replay("id_token", id_token);
    }

    #[test]
    fn waits() {
        replay("retry_after", retry_after);
    }
}
