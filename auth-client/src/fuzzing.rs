//! Doors for `fuzz/`: readers that cannot be reached from outside, each with what must hold of whatever it reads.
//!
//! They panic when it does not hold, and tell whether the input was taken. Compiled by cargo-fuzz and for the tests of
//! this crate only.

#![expect(clippy::must_use_candidate, reason = "called by fuzz targets and tests only")]

/// F18, F19: what a browser, or anything else on this machine, sends to the listener.
pub fn loopback_request(bytes: &[u8]) -> bool {
    crate::LoopbackListener::fuzz_request(bytes)
}

/// F17: a file of tokens.
pub fn token_file(bytes: &[u8]) -> bool {
    crate::FileStore::fuzz_record(bytes)
}

/// OA7: the claims of an `id_token`.
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

    // F18, F19, LB4
    #[test]
    fn loopback_requests() {
        replay("loopback_request", loopback_request);
    }

    // F17
    #[test]
    fn token_files() {
        replay("token_file", token_file);
    }

    // OA7
    #[test]
    fn id_tokens() {
        replay("id_token", id_token);
    }

    // C-D27
    #[test]
    fn waits() {
        replay("retry_after", retry_after);
    }
}
