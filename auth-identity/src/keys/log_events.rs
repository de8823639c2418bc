//! Logs events of key rings, and counts them as metrics with the feature `metrics`.
//!
//! Neither contains data of users, and labels are constants, so their number does not grow. With several
//! rings in one process, the gauge is that of the ring that changed last.

use super::{KeyId, KeyState, key_ring::Entry};
use crate::clock::UnixTime;

/// The target of all events.
const TARGET: &str = "auth";

/// Logs a change of the signing key.
pub(super) fn rotated(from: KeyId, to: KeyId) {
    tracing::info!(target: TARGET, from = %from, to = %to, "key rotated");
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_key_rotations_total").increment(1);
}

pub(crate) fn revoked(id: KeyId) {
    tracing::info!(target: TARGET, key = %id, "key revoked");
}

/// Logs a rollback: a store returned an older document of shared keys, which is not accepted.
#[cfg(feature = "key-store")]
pub(crate) fn went_back(seen: u64, now: u64) {
    tracing::warn!(target: TARGET, seen, now, "key document went back");
}

/// Logs a clock that was set back; keys are chosen by its new time.
pub(super) fn clock_went_back(seen: UnixTime, now: UnixTime) {
    tracing::warn!(target: TARGET, seen = seen.as_secs(), now = now.as_secs(), "clock went back");
}

/// Logs a failed rotation; the present key continues to sign.
pub(super) fn not_rotated(error: &dyn std::error::Error) {
    tracing::error!(target: TARGET, operation = "rotate keys", error = %error, "failed");
}

/// Sets the gauge of a ring's keys.
pub(super) fn holds(entries: &[Entry]) {
    #[cfg(feature = "metrics")]
    for state in [KeyState::Active, KeyState::Pending, KeyState::VerifyOnly] {
        let count = entries.iter().filter(|entry| entry.state == state).count();
        // No ring has more keys than a float can count.
        let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        metrics::gauge!("auth_keys", "state" => word(state)).set(count);
    }
    #[cfg(not(feature = "metrics"))]
    let _ = entries;
}

/// Counts a verification by the state of its key, or with an unknown key.
pub fn checked(state: Option<KeyState>, valid: bool) {
    #[cfg(feature = "metrics")]
    {
        // Literals, so that requests do not allocate.
        macro_rules! count {
            ($state:literal, $result:literal) => {
                metrics::counter!("auth_key_verifications_total", "state" => $state, "result" => $result)
            };
        }
        let counter = match (state, valid) {
            (Some(KeyState::Active), true) => count!("active", "valid"),
            (Some(KeyState::Active), false) => count!("active", "invalid"),
            (Some(KeyState::Pending), true) => count!("pending", "valid"),
            (Some(KeyState::Pending), false) => count!("pending", "invalid"),
            (Some(KeyState::VerifyOnly), true) => count!("verify_only", "valid"),
            (Some(KeyState::VerifyOnly), false) => count!("verify_only", "invalid"),
            (None, _) => count!("unknown", "invalid"),
        };
        counter.increment(1);
    }
    #[cfg(not(feature = "metrics"))]
    let _ = (state, valid);
}

#[cfg(feature = "metrics")]
const fn word(state: KeyState) -> &'static str {
    match state {
        KeyState::Active => "active",
        KeyState::Pending => "pending",
        KeyState::VerifyOnly => "verify_only",
    }
}

#[cfg(all(test, feature = "metrics"))]
mod tests {
    use crate::{
        KeyRing,
        clock::UnixTime,
        keys::{KeyId, MacKeys, Purpose, Rotation, test_metrics::Numbers},
    };

    #[cfg(feature = "encrypted-cookie")]
    #[test]
    fn checks_of_encrypted_texts_are_counted() {
        let numbers = Numbers::default();
        metrics::with_local_recorder(&numbers, || {
            let now = UnixTime::from_secs(1_700_000_000);
            let keys = crate::keys::AeadKeys::new(KeyRing::random(), Purpose::new(1, "test", "", ""));
            let mut sealed = keys.seal(now, zeroize::Zeroizing::new(b"text".to_vec())).unwrap();
            assert!(keys.open(now, &sealed).is_some());
            *sealed.last_mut().unwrap() ^= 1;
            assert!(keys.open(now, &sealed).is_none());
            *sealed.first_mut().unwrap() ^= 1;
            assert!(keys.open(now, &sealed).is_none());
        });
        let of = |state, result| (format!("auth_key_verifications_total state={state} result={result}"), 1);
        let expected = [of("active", "invalid"), of("active", "valid"), of("unknown", "invalid")];
        assert_eq!(numbers.verifications(), expected);
    }

    #[test]
    fn rotations_and_checks_are_counted_and_keys_are_gauged() {
        let numbers = Numbers::default();
        metrics::with_local_recorder(&numbers, || {
            let now = UnixTime::from_secs(1_700_000_000);
            let ring = KeyRing::rotating(Rotation::every("30d").unwrap(), now).unwrap();
            let keys = MacKeys::new(ring.clone(), Purpose::new(1, "test", "", ""));
            let (old, tag) = keys.sign(None, [b"text", b""]);
            assert!(keys.verify(None, old, b"text", b"", &tag).is_some());
            ring.rotate(now).unwrap();
            ring.rotate(now).unwrap();
            assert!(keys.verify(None, old, b"text", b"", &tag).is_some());
            assert!(keys.verify(None, old, b"other", b"", &tag).is_none());
            // Values from clients are in no label, so the number of labels is bounded.
            for seed in 0..1000_u64 {
                assert!(
                    keys.verify(None, KeyId::from_bytes(seed.to_be_bytes()), b"text", b"", &tag).is_none()
                );
            }
        });
        // A gauge stores the bits of a float.
        let (one, two) = (1_f64.to_bits(), 2_f64.to_bits());
        let expected = [
            ("auth_key_rotations_total", 2),
            ("auth_key_verifications_total state=active result=valid", 1),
            ("auth_key_verifications_total state=unknown result=invalid", 1000),
            ("auth_key_verifications_total state=verify_only result=invalid", 1),
            ("auth_key_verifications_total state=verify_only result=valid", 1),
            ("auth_keys state=active", one),
            ("auth_keys state=pending", 0),
            ("auth_keys state=verify_only", two),
        ];
        assert_eq!(numbers.all(), expected.map(|(name, number)| (name.to_owned(), number)));
    }
}
