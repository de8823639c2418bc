//! Hashes names cheaply in constants: the compiler evaluates them step by step, and a call takes it longer
//! than a multiplication. At run time, [`fingerprint`](super::name_fingerprint::of_text) is cheaper.

use super::Name;

/// A factor with which neither product overflows.
const FACTOR: u64 = 0x9e37_79b1;

pub(super) const fn hash_name(name: Name<'_>, seed: u64) -> u64 {
    match name {
        Name::Number(number) => step(seed, number.cast_unsigned() & 0xffff_ffff),
        Name::Text(text) => hash(text.as_bytes(), seed),
    }
}

/// Returns a number below 2^32 that differs for almost all different texts and seeds.
pub(super) const fn hash(mut bytes: &[u8], seed: u64) -> u64 {
    let mut hash = seed;
    while let [a, b, c, d, rest @ ..] = bytes {
        hash = step(hash, *a as u64 | (*b as u64) << 8 | (*c as u64) << 16 | (*d as u64) << 24);
        bytes = rest;
    }
    while let [a, rest @ ..] = bytes {
        hash = step(hash, *a as u64 | 0x100);
        bytes = rest;
    }
    hash
}

#[expect(clippy::arithmetic_side_effects, reason = "both factors are below 2^32")]
const fn step(hash: u64, word: u64) -> u64 {
    let product = (hash ^ word) * FACTOR;
    (product ^ product >> 32) & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use alloc::{collections::BTreeSet, format, string::String, vec::Vec};

    use super::{hash, hash_name};
    use crate::Name;

    #[test]
    fn texts_that_differ_little_have_different_hashes() {
        let texts: Vec<String> = (0..10_000)
            .map(|n| format!("permission_{n}_of_many"))
            .chain((0..10_000).map(|n| format!("p{n}")))
            .collect();
        for seed in [0, 4, 5, u64::from(u32::MAX)] {
            let low: BTreeSet<u64> =
                texts.iter().map(|text| hash(text.as_bytes(), seed) & 0xf_ffff).collect();
            assert!(low.len() > 19_700, "{}", low.len());
        }
        let numbers: BTreeSet<u64> =
            (-5_000..5_000).map(|n| hash_name(Name::Number(n), 5) & 0xf_ffff).collect();
        assert!(numbers.len() > 9_900, "{}", numbers.len());
    }

    #[test]
    fn hashes_stay_small_enough_to_be_seeds() {
        assert!(u32::try_from(hash(&[0xff; 64], u64::from(u32::MAX))).is_ok());
        assert!(u32::try_from(hash_name(Name::Number(i64::MIN), u64::from(u32::MAX))).is_ok());
    }
}
