//! Parses the header `Authorization` for all policies.

use http::{HeaderMap, header};

use super::{
    IdentityError,
    http_syntax::{is_tchar, is_token68},
};

/// Returns the credentials after this scheme in the request's `Authorization` header (RFC 9110, section
/// 11.6.2). Returns `None` if there is no such header, or it has another scheme.
///
/// # Errors
///
/// Fails if the header is repeated, or if the scheme is not followed by a single token68.
pub(super) fn token68<'a>(headers: &'a HeaderMap, scheme: &str) -> Result<Option<&'a str>, IdentityError> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(IdentityError::refuse("there is more than one `Authorization` header"));
    }
    let Some(credentials) = credentials(line.as_bytes(), scheme) else { return Ok(None) };
    match sole_token68(credentials) {
        Some(token) => Ok(Some(token)),
        None => Err(IdentityError::refuse("the `Authorization` header is malformed")),
    }
}

/// Returns the part of a line after this scheme, ignoring case; `None` for another scheme.
#[must_use]
pub fn credentials<'a>(line: &'a [u8], scheme: &str) -> Option<&'a [u8]> {
    let end = line.iter().position(|byte| !is_tchar(*byte)).unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(end)?;
    name.eq_ignore_ascii_case(scheme.as_bytes()).then_some(rest)
}

/// Parses at least one space and a single token68.
#[must_use]
pub fn sole_token68(credentials: &[u8]) -> Option<&str> {
    let mut token = credentials.strip_prefix(b" ")?;
    while let [b' ', rest @ ..] = token {
        token = rest;
    }
    if is_token68(token) { std::str::from_utf8(token).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(lines: &[&[u8]]) -> Result<Option<String>, ()> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::AUTHORIZATION, HeaderValue::from_bytes(line).unwrap());
        }
        token68(&headers, "Basic").map(|token| token.map(str::to_owned)).map_err(|_| ())
    }

    #[test]
    fn exactly_one_header_in_exactly_one_form_is_read() {
        let token = Ok(Some("YWxpY2U6eA==".to_owned()));
        for line in ["Basic YWxpY2U6eA==", "basic YWxpY2U6eA==", "BASIC YWxpY2U6eA==", "Basic   YWxpY2U6eA=="]
        {
            assert_eq!(read(&[line.as_bytes()]), token, "{line}");
        }
        let none: &[&[u8]] = &[
            b"",
            b" ",
            b"Bearer YWxpY2U6eA==",
            b"BasicYWxpY2U6eA==",
            b"Basics x",
            b"Digest a=b",
            b"\xff",
            b" Basic x",
        ];
        for line in none {
            assert_eq!(read(&[line]), Ok(None), "{}", line.escape_ascii());
        }
        let refused: &[&[u8]] = &[
            b"Basic",
            b"Basic ",
            b"Basic  ",
            b"Basic\tYQ==",
            b"Basic \tYQ==",
            b"Basic YQ== ",
            b"Basic YQ==\t",
            b"Basic YQ== YQ==",
            b"Basic YQ==, Basic YQ==",
            b"Basic YQ==,",
            b"Basic, YQ==",
            b"Basic=YQ==",
            b"Basic:YQ==",
            b"Basic \"YQ==\"",
            b"Basic Y=Q==",
            b"Basic ==",
            b"Basic \xc3\xa9",
            b"Basic \xff",
            b"Basic realm=\"x\"",
        ];
        for line in refused {
            assert_eq!(read(&[line]), Err(()), "{}", line.escape_ascii());
        }
        for lines in [[&b"Basic YQ=="[..], b"Basic YQ=="], [b"Basic YQ==", b"Bearer x"], [b"Bearer x", b""]] {
            assert_eq!(read(&lines), Err(()));
        }
        assert_eq!(read(&[]), Ok(None));
    }
}
