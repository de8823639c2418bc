//! Parses and restricts the header of a token.

use serde_json::{Map, Value};

use super::{Algorithm, JwtError, JwtErrorKind};

/// The maximum length of a key id, in bytes.
const MAX_KID_BYTES: usize = 256;

/// Rejected members besides `jwk`: those that bring a key or its address (RFC 7515, section 4.1), that must be understood
/// but are not (`crit`, `b64`, `cty`), and those of encrypted tokens (RFC 7516, section 4.1).
const REFUSED: [&str; 13] =
    ["jku", "x5u", "x5c", "crit", "b64", "cty", "enc", "zip", "epk", "apu", "apv", "p2c", "p2s"];

/// The relevant members of a token's header.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
    pub(super) typ: Option<String>,
}

impl Header {
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, JwtError> {
        if members.contains_key("jwk") {
            return Err(JwtError::because(JwtErrorKind::Header, "`jwk` is not accepted"));
        }
        Self::read_with_key(members)
    }

    /// Reads the header of a proof, which brings the key that it proves possession of (RFC 9449, section 4.2).
    pub(super) fn read_with_key(members: &Map<String, Value>) -> Result<Self, JwtError> {
        if let Some(name) = REFUSED.iter().find(|name| members.contains_key(**name)) {
            return Err(JwtError::because(JwtErrorKind::Header, format!("`{name}` is not accepted")));
        }
        let algorithm = text(members, "alg")?
            .ok_or_else(|| JwtError::because(JwtErrorKind::Algorithm, "`alg` is missing"))?;
        let kid = text(members, "kid")?;
        if kid.is_some_and(|kid| kid.is_empty() || kid.len() > MAX_KID_BYTES) {
            let wrong = "`kid` is empty or longer than 256 bytes";
            return Err(JwtError::because(JwtErrorKind::Key, wrong));
        }
        let unknown = |_| JwtError::because(JwtErrorKind::Algorithm, format!("`alg` is `{algorithm}`"));
        Ok(Self {
            algorithm: algorithm.parse().map_err(unknown)?,
            kid: kid.map(str::to_owned),
            typ: text(members, "typ")?.map(str::to_owned),
        })
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, JwtError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwtError::because(JwtErrorKind::Header, format!("`{name}` is not text"))),
    }
}

/// Compares media types; `application/` may be omitted (RFC 7515, section 4.1.9).
pub(super) fn is_same_type(left: &str, right: &str) -> bool {
    short(left).eq_ignore_ascii_case(short(right))
}

fn short(name: &str) -> &str {
    const PREFIX: &str = "application/";
    match name.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => rest,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_compared_as_media_types() {
        for (left, right, same) in [
            ("at+jwt", "at+jwt", true),
            ("AT+JWT", "at+jwt", true),
            ("application/at+jwt", "at+jwt", true),
            ("at+jwt", "Application/AT+jwt", true),
            ("at+jwt", "jwt", false),
            ("application/x/at+jwt", "at+jwt", false),
            ("x/at+jwt", "at+jwt", false),
            (" at+jwt", "at+jwt", false),
            ("application/", "", true),
        ] {
            assert_eq!(is_same_type(left, right), same, "{left} {right}");
        }
    }
}
