//! Encodes and decodes canonical base64url without padding (RFC 7515, section 2).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Decodes exactly what [`encode`] writes.
///
/// Padding, white space and unused bits that are set are errors, so each value has one text.
pub(super) fn decode(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text of up to three characters is rejected or is the encoding of its value.
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
        // One byte in two characters: 256 texts. Two bytes in three characters, the first of which is "A": 4
        // times 256.
        assert_eq!(accepted, 256 + 1024);
    }
}
