//! Lets fuzz targets call private parsers, each with its invariants.
//!
//! They panic if an invariant is violated, and return whether the input was accepted. Compiled by cargo-fuzz and for the
//! tests of this crate only.

#![expect(clippy::must_use_candidate, reason = "called by fuzz targets and tests only")]

/// Reads what a store returns of refresh tokens.
pub fn stored_refresh(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    [crate::RefreshToken::fuzz(text), crate::RefreshFamily::fuzz_record(text)].contains(&true)
}

#[cfg(test)]
#[path = "../../fuzz/src/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_refreshes() {
        replay::replay(
            concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus"),
            "stored_refresh",
            stored_refresh,
        );
    }
}
