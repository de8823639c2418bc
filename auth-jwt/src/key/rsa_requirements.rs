//! Checks the requirements of RSA keys (RFC 7518, section 6.3.1, and RFC 8725, section 3.2).

use super::{JwtKeyError, JwtKeyErrorKind};

/// The minimum and maximum modulus, in bits. Longer ones only cost time.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// Larger exponents have no use, and the backend accepts at most 33 bits.
const MAX_EXPONENT: u64 = (1 << 33) - 1;
/// The generator of the primes of the Infineon library (ROCA, CVE-2017-15361).
const ROCA_GENERATOR: u32 = 65_537;
/// The odd primes in the product behind those primes, for every key length.
const SMALL_PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Validates modulus and exponent, in minimal length, most significant byte first.
pub(super) fn check(modulus: &[u8], exponent: &[u8]) -> Result<(), JwtKeyError> {
    let weak = |message| Err(JwtKeyError::new(JwtKeyErrorKind::Weak, message));
    let (Some(first), Some(last)) = (modulus.first(), modulus.last()) else {
        return Err(JwtKeyError::malformed("the RSA key has no modulus"));
    };
    if *first == 0 || exponent.first().is_none_or(|first| *first == 0) {
        return Err(JwtKeyError::malformed("a number of the RSA key is empty or begins with zeros"));
    }
    let leading_zeros = usize::try_from(first.leading_zeros()).unwrap_or(0);
    let bits = modulus.len().saturating_mul(8).saturating_sub(leading_zeros);
    if bits < *MODULUS_BITS.start() {
        return Err(JwtKeyError::new(JwtKeyErrorKind::TooShort, "the RSA key has fewer than 2,048 bits"));
    }
    if bits > *MODULUS_BITS.end() {
        return weak("the RSA key has more than 8,192 bits");
    }
    if last & 1 == 0 || SMALL_PRIMES.iter().any(|prime| remainder(modulus, *prime) == 0) {
        return weak("the RSA modulus has a small factor");
    }
    let value = exponent.iter().try_fold(0_u64, |value, byte| {
        value.checked_mul(256).and_then(|value| value.checked_add(u64::from(*byte)))
    });
    match value {
        Some(value) if (3..=MAX_EXPONENT).contains(&value) && value % 2 == 1 => {}
        _ => return weak("the RSA exponent is even, smaller than 3 or larger than 33 bits"),
    }
    if is_roca(modulus) {
        return weak("the RSA key has the fingerprint of a broken generator (CVE-2017-15361)");
    }
    Ok(())
}

/// Detects keys of that generator (ROCA): modulo every small prime, their modulus is a power of 65,537.
///
/// Fewer than one in a hundred million other keys match.
fn is_roca(modulus: &[u8]) -> bool {
    SMALL_PRIMES.iter().all(|prime| is_power_of_generator(remainder(modulus, *prime), *prime))
}

fn is_power_of_generator(value: u32, prime: u32) -> bool {
    let mut power = 1;
    loop {
        if power == value {
            return true;
        }
        power = reduce(u64::from(power).saturating_mul(u64::from(ROCA_GENERATOR)), prime);
        if power <= 1 {
            return false;
        }
    }
}

/// Returns a long number modulo a small one.
fn remainder(number: &[u8], prime: u32) -> u32 {
    number.iter().fold(0, |value, byte| {
        reduce(u64::from(value).saturating_mul(256).saturating_add(u64::from(*byte)), prime)
    })
}

fn reduce(value: u64, prime: u32) -> u32 {
    value.checked_rem(u64::from(prime)).and_then(|value| u32::try_from(value).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(modulus: &[u8], exponent: &[u8]) -> Option<JwtKeyErrorKind> {
        check(modulus, exponent).err().map(|error| error.kind())
    }

    /// 2,048 bits without small factors: the smallest such number above 2^2047 of the form 2^2047 + k.
    fn modulus(bytes: usize) -> Vec<u8> {
        let mut modulus = vec![0; bytes];
        modulus[0] = 0x80;
        for low in (1..=u8::MAX).step_by(2) {
            *modulus.last_mut().unwrap() = low;
            if SMALL_PRIMES.iter().all(|prime| remainder(&modulus, *prime) != 0) && !is_roca(&modulus) {
                return modulus;
            }
        }
        panic!("every odd number has a small factor");
    }

    #[test]
    fn sizes_have_bounds() {
        let exponent = [1, 0, 1];
        assert_eq!(kind(&modulus(256), &exponent), None);
        assert_eq!(kind(&modulus(1024), &exponent), None);
        assert_eq!(kind(&modulus(255), &exponent), Some(JwtKeyErrorKind::TooShort));
        assert_eq!(kind(&modulus(1025), &exponent), Some(JwtKeyErrorKind::Weak));
        let mut one_bit_less = modulus(256);
        one_bit_less[0] = 0x7f;
        assert_eq!(kind(&one_bit_less, &exponent), Some(JwtKeyErrorKind::TooShort));
        assert_eq!(kind(&[], &exponent), Some(JwtKeyErrorKind::Malformed));
        assert_eq!(
            kind(&[&[0], modulus(256).as_slice()].concat(), &exponent),
            Some(JwtKeyErrorKind::Malformed)
        );
    }

    #[test]
    fn exponents_are_odd_and_neither_small_nor_large() {
        let modulus = modulus(256);
        for good in [&[3][..], &[17], &[1, 0, 1], &[1, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(kind(&modulus, good), None, "{good:?}");
        }
        for weak in
            [&[1][..], &[2], &[4], &[1, 0, 0], &[2, 0, 0, 0, 1], &[1, 0, 0, 0, 0, 0, 0, 0, 1], &[0xff; 256]]
        {
            assert_eq!(kind(&modulus, weak), Some(JwtKeyErrorKind::Weak), "{weak:?}");
        }
        for malformed in [&[][..], &[0], &[0, 3], &[0, 1, 0, 1]] {
            assert_eq!(kind(&modulus, malformed), Some(JwtKeyErrorKind::Malformed), "{malformed:?}");
        }
    }

    #[test]
    fn small_factors_are_found() {
        let mut even = modulus(256);
        *even.last_mut().unwrap() &= 0xfe;
        assert_eq!(kind(&even, &[1, 0, 1]), Some(JwtKeyErrorKind::Weak));
        for prime in SMALL_PRIMES {
            let mut divisible = modulus(256);
            // Incremented by two until the prime divides it, which takes at most twice the prime.
            for _ in 0..prime {
                let low = u16::from_be_bytes([divisible[254], divisible[255]]).wrapping_add(2);
                divisible[254..].copy_from_slice(&low.to_be_bytes());
                if remainder(&divisible, prime) == 0 {
                    break;
                }
            }
            assert_eq!(kind(&divisible, &[1, 0, 1]), Some(JwtKeyErrorKind::Weak), "{prime}");
        }
    }

    /// Powers of the generator have the fingerprint, and their neighbours do not.
    #[test]
    fn the_fingerprint_is_that_of_powers() {
        // 65,537^k without reduction.
        let mut power = vec![1_u8];
        for _ in 0..130 {
            let shifted = [power.as_slice(), &[0, 0]].concat();
            let mut sum = [&[0, 0], power.as_slice()].concat();
            let mut carry = 0_u16;
            for (digit, other) in sum.iter_mut().zip(&shifted).rev() {
                let digits = u16::from(*digit) + u16::from(*other) + carry;
                *digit = u8::try_from(digits & 0xff).unwrap();
                carry = digits >> 8;
            }
            power = sum.into_iter().skip_while(|digit| *digit == 0).collect();
            assert!(is_roca(&power));
        }
        assert!(power.len() > 256);
        assert_eq!(kind(&power, &[1, 0, 1]), Some(JwtKeyErrorKind::Weak));
        let mut neighbour = power;
        *neighbour.last_mut().unwrap() ^= 2;
        assert!(!is_roca(&neighbour));
    }
}
