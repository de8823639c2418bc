//! Hashes names to fingerprints, for tables that are computed in constants.

/// Keeps fingerprints of numbers apart from those of texts.
const NUMBER: u64 = 0x6e75_6d62;

/// A number that differs for almost all different numbers.
pub(crate) const fn of_number(number: i64, seed: u64) -> u64 {
    mix(number.cast_unsigned() ^ ODD[0], seed ^ NUMBER ^ ODD[1])
}

/// A number that differs for almost all different texts; on a match the texts are compared in full.
///
/// Every bit depends on every byte of the text, since tables use the low bits as the index.
pub(crate) const fn of_text(bytes: &[u8], seed: u64) -> u64 {
    let mut state = seed ^ bytes.len() as u64;
    let mut rest = bytes;
    while rest.len() > 16
        && let Some((block, after)) = rest.split_first_chunk::<8>()
    {
        state = mix(state ^ u64::from_le_bytes(*block), ODD[0]);
        rest = after;
    }
    // The last sixteen bytes or fewer: two words, which overlap if the text is short.
    let (head, tail) = match (rest.first_chunk::<8>(), rest.last_chunk::<8>()) {
        (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
        _ => match (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
            (Some(head), Some(tail)) => (u32::from_le_bytes(*head) as u64, u32::from_le_bytes(*tail) as u64),
            _ => match rest {
                [a, middle @ .., z] => {
                    let b = match middle {
                        [b, ..] => *b,
                        [] => *a,
                    };
                    ((*a as u64) << 8 | b as u64, *z as u64)
                }
                [a] => (*a as u64, 0),
                [] => (0, 0),
            },
        },
    };
    mix(head ^ ODD[0], tail ^ state ^ ODD[1])
}

/// Constants without a pattern, so that texts with one do not collide.
const ODD: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];

/// Multiplies, and folds the upper half of the product into the lower one.
#[expect(clippy::cast_possible_truncation, reason = "each half is taken")]
const fn mix(a: u64, b: u64) -> u64 {
    let product = (a as u128).wrapping_mul(b as u128);
    product as u64 ^ (product >> 64) as u64
}
