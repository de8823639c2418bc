//! Parses tokens in compact form (RFC 7515, section 7.1), once and strictly.

use std::{error::Error, fmt};

use super::{
    base64url,
    strict_json::{self, Object},
};

/// The maximum length of a token, in bytes.
pub(crate) const MAX_BYTES: usize = 8 * 1024;

/// A parsed but unverified token.
pub(crate) struct Compact<'a> {
    /// The signed bytes: header and payload as received.
    pub(crate) signing_input: &'a [u8],
    /// The header as received.
    header: &'a str,
    /// The bytes of the payload.
    pub(crate) payload: Vec<u8>,
    /// The bytes of the signature; never empty.
    pub(crate) signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// Parses a token.
    ///
    /// Accepts exactly three parts in canonical base64url with a non-empty signature. White space, padding,
    /// the JSON serializations and encrypted tokens (five parts) are errors. The [header](Self::header) is
    /// not parsed yet.
    pub(crate) fn parse(token: &'a str) -> Result<Self, CompactError> {
        if token.len() > MAX_BYTES {
            return Err(CompactError::TooLong);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(CompactError::Parts)?;
        let (header, payload) = signing_input.split_once('.').ok_or(CompactError::Parts)?;
        if header.is_empty() || signature.is_empty() || payload.contains('.') {
            return Err(CompactError::Parts);
        }
        let decode = |part: &str| base64url::decode(part).ok_or(CompactError::Base64);
        Ok(Self {
            signing_input: signing_input.as_bytes(),
            header,
            payload: decode(payload)?,
            signature: decode(signature)?,
        })
    }

    /// Returns the header as received; equal texts have equal content.
    pub(crate) const fn header_text(&self) -> &'a str {
        self.header
    }

    /// Parses the header: a strict JSON object.
    pub(crate) fn header(&self) -> Result<Object, CompactError> {
        let bytes = base64url::decode(self.header).ok_or(CompactError::Base64)?;
        strict_json::parse_object(&bytes).map_err(|_| CompactError::Header)
    }

    /// Parses the claims: a strict JSON object. Call it only after the signature has been verified.
    pub(crate) fn claims(&self) -> Result<Object, CompactError> {
        strict_json::parse_object(&self.payload).map_err(|_| CompactError::Claims)
    }
}

/// An error in the form of a token; for logs, never for the client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CompactError {
    /// A part is not canonical base64url.
    Base64,
    /// The payload is not a strict JSON object.
    Claims,
    /// The header is not a strict JSON object.
    Header,
    /// There are not exactly three parts, or a part is empty.
    Parts,
    /// The token is longer than [`MAX_BYTES`].
    TooLong,
}

impl fmt::Display for CompactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Base64 => "a part of the token is not canonical base64url",
            Self::Claims => "the claims are not one JSON object without repeated members",
            Self::Header => "the token's header is not one JSON object without repeated members",
            Self::Parts => "the token has not three parts",
            Self::TooLong => "the token is longer than 8 KiB",
        })
    }
}

impl Error for CompactError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515, appendix A.1.
    const TOKEN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    /// Parses a token and its header.
    fn parse(token: &str) -> Result<Compact<'_>, CompactError> {
        let token = Compact::parse(token)?;
        token.header().map(|_| token)
    }

    #[test]
    fn a_token_is_taken_apart() {
        let token = parse(TOKEN).unwrap();
        assert_eq!(token.header().unwrap()["alg"], "HS256");
        assert_eq!(token.claims().unwrap()["exp"], 1_300_819_380);
        assert_eq!(token.signature.len(), 32);
        assert_eq!(token.signing_input, TOKEN.rsplit_once('.').unwrap().0.as_bytes());
        // An empty payload is valid here, but has no claims.
        let empty = parse("e30..AA").unwrap();
        assert_eq!((empty.payload.len(), empty.claims()), (0, Err(CompactError::Claims)));
    }

    #[test]
    fn three_canonical_parts() {
        let [header, payload, signature] = TOKEN.split('.').collect::<Vec<_>>()[..] else {
            panic!("three parts")
        };
        let refused = |token: String| parse(&token).err().unwrap_or_else(|| panic!("{token}"));
        for token in [
            String::new(),
            ".".into(),
            "..".into(),
            "...".into(),
            header.into(),
            format!("{header}.{payload}"),
            format!("{header}.{payload}."),
            format!(".{payload}.{signature}"),
            format!("{header}.{payload}.{signature}."),
            format!(".{header}.{payload}.{signature}"),
            format!("{header}.{payload}.{signature}.{signature}"),
            format!("{header}.{payload}.{signature}.{signature}.{signature}"),
            format!("{header}..{payload}.{signature}"),
        ] {
            assert_eq!(refused(token), CompactError::Parts);
        }
        for (place, text) in [header, payload, signature].into_iter().enumerate() {
            for wrong in [
                format!("{text}="),
                format!("{text}=="),
                format!(" {text}"),
                format!("{text} "),
                format!("{text}\n"),
                format!("{text}\u{0}"),
                format!("{text}é"),
                format!("{}+/", &text[2..]),
                format!("{}?", &text[1..]),
                format!("{text}A"),
                format!("%{text}"),
            ] {
                // Rejected, or a different token: the same one never has another text.
                let mut parts = [header, payload, signature].map(str::to_owned);
                parts[place] = wrong;
                let wrong = parts.join(".");
                let parsed = |token: &str| {
                    parse(token).ok().map(|token| (token.signing_input.to_vec(), token.signature))
                };
                assert_ne!(parsed(&wrong), parsed(TOKEN), "{wrong}");
            }
        }
        // The JSON serializations (RFC 7515, section 7.2), flattened and general.
        let flattened =
            format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#);
        assert_eq!(refused(flattened), CompactError::Parts);
        for inner in ["", "{}", r#"{"alg":1"#, "[]", r#""HS256""#, "null", r#"{"alg":"HS256","alg":"HS256"}"#]
        {
            let token = format!("{}.e30.AA", base64url::encode(inner));
            let expected = if inner.is_empty() {
                Some(CompactError::Parts)
            } else if inner == "{}" {
                None
            } else {
                Some(CompactError::Header)
            };
            assert_eq!(parse(&token).err(), expected, "{inner}");
        }
    }

    /// No other last character of the signature encodes the same bytes.
    #[test]
    fn a_signature_has_one_text() {
        let signature = parse(TOKEN).unwrap().signature;
        for letter in (0x21_u8..0x7f).map(char::from).filter(|letter| *letter != 'k') {
            let token = format!("{}{letter}", &TOKEN[..TOKEN.len() - 1]);
            assert!(parse(&token).map_or(true, |other| other.signature != signature), "{letter}");
        }
    }

    #[test]
    fn long_tokens_are_not_read() {
        let of_length = |length: usize| format!("e30.{}.AAAA", "A".repeat(length - 9));
        assert!(parse(&of_length(MAX_BYTES)).is_ok());
        assert_eq!(parse(&of_length(MAX_BYTES + 4)).err(), Some(CompactError::TooLong));
        assert_eq!(parse(&"A".repeat(1 << 20)).err(), Some(CompactError::TooLong));
        assert_eq!(parse(&".".repeat(1_000_000)).err(), Some(CompactError::TooLong));
        assert_eq!(parse(&".".repeat(MAX_BYTES)).err(), Some(CompactError::Parts));
    }
}
