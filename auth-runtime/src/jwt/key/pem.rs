//! PEM (RFC 7468): one block of base64 between two lines.

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::JwtKeyError;

/// Reads the only block of a text; what it says it is must be `label`.
pub(in crate::jwt) fn decode(text: &[u8], label: &str) -> Result<Zeroizing<Vec<u8>>, JwtKeyError> {
    let wrong = JwtKeyError::malformed("not a single PEM block of the expected kind");
    let text = std::str::from_utf8(text).map_err(|_| wrong)?.trim();
    let body = text
        .strip_prefix("-----BEGIN ")
        .and_then(|rest| rest.strip_prefix(label))
        .and_then(|rest| rest.strip_prefix("-----"))
        .and_then(|rest| rest.strip_suffix("-----"))
        .and_then(|rest| rest.strip_suffix(label))
        .and_then(|rest| rest.strip_suffix("-----END "))
        .ok_or(wrong)?;
    let mut letters = Zeroizing::new(Vec::with_capacity(body.len()));
    letters.extend(body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    STANDARD.decode(letters.as_slice()).map(Zeroizing::new).map_err(|_| wrong)
}

/// Writes a private key.
pub(super) fn encode_private(der: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(STANDARD.encode(der));
    Zeroizing::new(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", body.as_str()))
}
