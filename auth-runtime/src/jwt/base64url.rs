//! Base64url without padding, in its only canonical form (RFC 7515, section 2).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Decodes; nothing else than what [`encode`] writes is accepted.
///
/// Neither padding, nor white space, nor set bits behind the last byte: exactly one text stands for given bytes.
pub(super) fn decode(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// JW15: every text of up to three letters is refused or is the encoding of what it stands for.
    #[test]
    fn one_text_for_given_bytes() {
        let letters: Vec<u8> = (0..=u8::MAX).collect();
        let mut accepted = 0;
        for a in &letters {
            for b in &letters {
                for text in [vec![*a, *b], vec![b'A', *a, *b]] {
                    if let Some(bytes) = decode(&text) {
                        assert_eq!(encode(bytes).as_bytes(), text);
                        accepted += 1;
                    }
                }
            }
        }
        // One byte in two letters: 256 texts. Two bytes in three letters, the first of which is "A": 4 times 256.
        assert_eq!(accepted, 256 + 1024);
    }
}
