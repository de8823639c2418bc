//! Holds the random secret of a session's cookie, and rotates it: [`SessionSecret`].

use std::fmt;

use auth_identity::identity::IdentityError;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// The length of each half, in bytes.
const HALF: usize = 16;
/// The length of a secret, in bytes.
const BYTES: usize = 2 * HALF;
/// The length of its text.
const TEXT: usize = 43;

/// The value of a session's cookie: 128 random bits that identify the session, and 128 that change with each
/// rotation. Stores never see them.
#[derive(Clone)]
pub(super) struct SessionSecret(Zeroizing<[u8; BYTES]>);

impl SessionSecret {
    pub(super) fn random() -> Result<Self, IdentityError> {
        Self::random_from(getrandom::fill)
    }

    fn random_from<E>(fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, IdentityError> {
        let mut secret = Zeroizing::new([0; BYTES]);
        fill(secret.as_mut_slice())
            .map_err(|_| IdentityError::unavailable("the operating system gives no random bytes"))?;
        Ok(Self(secret))
    }

    /// Returns a new value for the same session.
    pub(super) fn rotated(&self) -> Result<Self, IdentityError> {
        let mut rotated = Self::random()?;
        for (byte, kept) in rotated.0.iter_mut().zip(self.lasting()) {
            *byte = *kept;
        }
        Ok(rotated)
    }

    /// Parses exactly the text that [`text`](Self::text) returns.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        if text.len() != TEXT {
            return None;
        }
        let mut secret = Zeroizing::new([0; BYTES]);
        let length = URL_SAFE_NO_PAD.decode_slice(text, secret.as_mut_slice()).ok()?;
        (length == BYTES).then_some(Self(secret))
    }

    pub(super) fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Returns the half that stays the same when the secret is rotated.
    pub(super) fn lasting(&self) -> &[u8] {
        self.0.get(..HALF).unwrap_or_default()
    }
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_random_generator_makes_no_secret() {
        assert!(SessionSecret::random_from(|_| Err("broken")).is_err());
    }

    // 10^7 samples, each half separately. Of two halves 128 bits each are compared: the probability of an
    // accidental collision is below 2^-80. No byte value and no bit is more frequent than chance allows.
    #[test]
    #[ignore = "takes a minute and 320 MB"]
    fn ten_million_secrets_are_different_and_even() {
        const DRAWS: u32 = 10_000_000;
        let mut halves = [Vec::new(), Vec::new()];
        let mut counts = [0_u64; 256];
        for half in &mut halves {
            half.reserve_exact(DRAWS as usize);
        }
        for _ in 0..DRAWS {
            let secret = SessionSecret::random().unwrap();
            for (half, bytes) in halves.iter_mut().zip(secret.0.as_chunks::<HALF>().0) {
                let start = *bytes.first_chunk::<16>().unwrap();
                half.push(u128::from_le_bytes(start));
                for byte in start {
                    counts[usize::from(byte)] += 1;
                }
            }
        }
        for mut half in halves {
            half.sort_unstable();
            assert!(half.windows(2).all(|pair| pair[0] != pair[1]));
        }
        let (all, ones) = counts.iter().zip(0..=u8::MAX).fold((0, 0), |(all, ones), (count, byte)| {
            (all + count, ones + count * u64::from(byte.count_ones()))
        });
        assert_eq!(all, u64::from(DRAWS) * 32);
        // Seven standard deviations; half the root of as many bits is one.
        #[expect(clippy::cast_precision_loss, reason = "these numbers are exact")]
        let (all, ones, counts) = (all as f64, ones as f64, counts.map(|count| count as f64));
        assert!((ones - all * 4.0).abs() < 7.0 * (all * 8.0).sqrt() / 2.0, "{ones} ones");
        // 255 degrees of freedom: the mean is 255, the standard deviation 22.6.
        let expected = all / 256.0;
        let chi: f64 = counts.iter().map(|count| (count - expected).powi(2) / expected).sum();
        assert!((97.0..=413.0).contains(&chi), "{chi}");
    }

    #[test]
    fn debug_output_does_not_show_the_secret() {
        let secret = SessionSecret(Zeroizing::new([7; BYTES]));
        assert_eq!(format!("{secret:?}"), "SessionSecret([redacted])");
    }

    #[test]
    fn only_the_text_of_a_secret_is_one() {
        let text = SessionSecret(Zeroizing::new([0xff; BYTES])).text();
        assert_eq!(*SessionSecret::parse(text.as_bytes()).unwrap().0, [0xff; BYTES]);
        for wrong in
            ["", "a", &text[1..], &format!("{}=", &text[1..]), &format!("{}9", &text[..42]), &"*".repeat(43)]
        {
            assert!(SessionSecret::parse(wrong.as_bytes()).is_none(), "{wrong}");
        }
        assert!(SessionSecret::parse(&[0xff; 43]).is_none());
        assert!(SessionSecret::parse(&[b'a'; 44]).is_none());
    }
}
