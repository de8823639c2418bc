//! Lets fuzz targets call private parsers, each with its invariants.
//!
//! They panic if an invariant is violated, and return whether the input was accepted. Compiled by cargo-fuzz and for
//! the tests of this crate only.

#![expect(clippy::must_use_candidate, reason = "called by fuzz targets and tests only")]

use crate::{
    Key, KeyRing,
    ticket::{BoundAddress, TicketScope, TicketSealer},
};

/// A ticket's bytes equal their serialization, signed or not, bound or not: no malleability.
#[expect(clippy::expect_used, reason = "the bytes of the key are those of a good one")]
pub fn ticket_payload(payload: &[u8]) -> bool {
    let key = Key::from_bytes((0..32).collect::<Vec<u8>>()).expect("32 different bytes are a key");
    let scope = TicketScope { purpose: "identity", application: "", name: "__Host-auth" };
    let sealer = TicketSealer::new(KeyRing::new(key), &scope);
    let address = BoundAddress::new([192, 0, 2, 1].into(), 32, 128);
    let opens = |address: Option<&BoundAddress>, other: Option<&BoundAddress>| {
        let text = sealer.fuzz_seal(payload, address);
        assert!(sealer.open(&text, other).is_err(), "bound is not unbound");
        let Ok(opened) = sealer.open(&text, address) else { return false };
        assert_eq!(sealer.seal(opened.ticket(), address).ok(), Some(text));
        true
    };
    let (bound, unbound) = (opens(Some(&address), None), opens(None, Some(&address)));
    assert!(!(bound && unbound));
    bound || unbound
}

/// What stores and other instances say of keys and revocations.
#[cfg(all(feature = "key-store", feature = "redis"))]
pub fn stored_text(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let taken = [
        crate::key_store::StoredKeys::fuzz_document(text),
        crate::revocation::RedisRevocation::fuzz_message(text),
    ];
    taken.contains(&true)
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
    fn ticket_payloads() {
        replay("ticket_payload", ticket_payload);
    }

    #[cfg(all(feature = "key-store", feature = "redis"))]
    #[test]
    fn stored_texts() {
        replay("stored_text", stored_text);
    }
}
