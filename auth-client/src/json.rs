//! JSON from outside.

use serde::Deserialize;

/// Reads an object. A list of an object's values in the right order, which `serde` would take for one, is an error.
pub(crate) fn object<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> serde_json::Result<T> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(serde::de::Error::custom("expected an object"));
    }
    // As text: in bytes, whatever is skipped would not have to be UTF-8.
    serde_json::from_str(str::from_utf8(bytes).map_err(serde::de::Error::custom)?)
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::*;

    #[test]
    fn only_whole_objects_of_text_are_read() {
        let read = |bytes: &[u8]| object::<IgnoredAny>(bytes).is_ok();
        assert!(read(b" {\"a\":\"\xc3\xa9\"} "));
        for bytes in [&b"[]"[..], b"", b"{", b"{}{}", b"{} x", b"{\"a\":\"\xe9\"}", b"{\"\xff\":1}"] {
            assert!(!read(bytes), "{}", bytes.escape_ascii());
        }
    }
}
