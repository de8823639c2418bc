//! Encodes and decodes percent encoding on bytes (RFC 5849 section 3.6).

use std::fmt::Write as _;

/// Encodes all bytes but unreserved ones, in upper-case hexadecimal; a space becomes `%20`.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(*byte));
        } else {
            // Writing into a text cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// Decodes one name or value of a form or query (section 3.4.1.3.1): `+` is a space. What is not an escape is
/// kept.
pub(super) fn decode_form(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, others @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(digit(*high) << 4 | digit(*low));
                rest = others;
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(*byte),
        }
    }
    bytes
}

fn digit(byte: u8) -> u8 {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or_default()
}

/// Splits a form or query into decoded names and values; empty pairs are left out.
pub(super) fn pairs(text: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode_form(name), decode_form(value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_are_kept() {
        assert_eq!(encode(b"azAZ09-._~"), "azAZ09-._~");
        assert_eq!(encode("☃ +%&=*\u{7f}".as_bytes()), "%E2%98%83%20%2B%25%26%3D%2A%7F");
    }

    #[test]
    fn forms_are_decoded_once() {
        assert_eq!(decode_form("2+q%2520%3D%zz%"), b"2 q%20=%zz%");
        assert_eq!(
            pairs("c2&a3=2+q&&=x&b=%FF"),
            [
                (b"c2".to_vec(), Vec::new()),
                (b"a3".to_vec(), b"2 q".to_vec()),
                (Vec::new(), b"x".to_vec()),
                (b"b".to_vec(), vec![0xff]),
            ]
        );
    }
}
