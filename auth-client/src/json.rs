//! JSON from outside.

use serde::Deserialize;

/// Reads an object. A list of an object's values in the right order, which `serde` would take for one, is an error.
pub(crate) fn object<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> serde_json::Result<T> {
    if bytes.trim_ascii_start().first() == Some(&b'{') {
        return serde_json::from_slice(bytes);
    }
    Err(serde::de::Error::custom("expected an object"))
}
