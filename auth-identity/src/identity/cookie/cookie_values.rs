//! Iterates over the request's cookies of one name: [`CookieValues`].

use std::{fmt, str};

use http::{HeaderMap, HeaderValue, header};

/// A cookie's value as received.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct CookieValue<'a>(&'a [u8]);

impl<'a> CookieValue<'a> {
    /// Returns the value if it has only letters, digits, `.`, `_` and `-`, as all values of this library do.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        let is_plain =
            self.0.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        if is_plain { str::from_utf8(self.0).ok() } else { None }
    }

    /// Returns the raw bytes.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}

impl fmt::Debug for CookieValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieValue([redacted])")
    }
}

/// Iterates over the values of all cookies with exactly this name, in the order of the request.
///
/// It reads every `Cookie` line and does not allocate.
///
/// # Example
///
/// ```
/// use auth_runtime::identity::cookie::CookieValues;
/// use http::{HeaderMap, HeaderValue, header::COOKIE};
///
/// let mut headers = HeaderMap::new();
/// headers.append(COOKIE, HeaderValue::from_static("theme=dark; %73id=other; sid=first"));
/// headers.append(COOKIE, HeaderValue::from_static("sid =other;sid=second"));
///
/// let values: Vec<_> = CookieValues::new(&headers, "sid").filter_map(|value| value.as_str()).collect();
/// assert_eq!(values, ["first", "second"]);
/// ```
pub struct CookieValues<'a> {
    lines: header::ValueIter<'a, HeaderValue>,
    line: &'a [u8],
    name: &'a [u8],
}

impl<'a> CookieValues<'a> {
    /// Creates an iterator over the cookies with this name.
    #[must_use]
    pub fn new(headers: &'a HeaderMap, name: &'a str) -> Self {
        Self { lines: headers.get_all(header::COOKIE).iter(), line: &[], name: name.as_bytes() }
    }
}

impl<'a> Iterator for CookieValues<'a> {
    type Item = CookieValue<'a>;

    fn next(&mut self) -> Option<CookieValue<'a>> {
        loop {
            while !self.line.is_empty() {
                let pair;
                (pair, self.line) = split_at_semicolon(self.line);
                if let Some(value) = value_of(pair, self.name) {
                    return Some(value);
                }
            }
            self.line = self.lines.next()?.as_bytes();
        }
    }
}

fn split_at_semicolon(line: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b';', line).unwrap_or(line.len());
    let (pair, rest) = line.split_at_checked(end).unwrap_or_default();
    (pair, rest.split_first().map_or(&[], |(_, rest)| rest))
}

/// Returns the value of a pair with this name, without surrounding spaces and tabs.
fn value_of<'a>(pair: &'a [u8], name: &[u8]) -> Option<CookieValue<'a>> {
    let mut pair = pair;
    while let [b' ' | b'\t', rest @ ..] = pair {
        pair = rest;
    }
    let mut value = pair.strip_prefix(name)?.strip_prefix(b"=")?;
    while let [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    Some(CookieValue(value))
}

impl fmt::Debug for CookieValues<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieValues")
            .field("name", &self.name.escape_ascii().to_string())
            .finish_non_exhaustive()
    }
}
