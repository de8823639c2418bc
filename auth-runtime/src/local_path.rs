//! Validates post-login redirect targets (open-redirect protection): [`LocalPath`].

use std::{borrow::Cow, error::Error, fmt, str::FromStr};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The maximum length of a path, in bytes.
const MAX_BYTES: usize = 2048;
/// The unreserved characters of RFC 3986, section 2.3, which stay as they are in a query value.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path on this site, with or without a query: a safe target for a redirect after a log-in.
///
/// # Example
///
/// ```
/// use auth_runtime::LocalPath;
///
/// let next = LocalPath::parse("/articles/7?page=2")?;
/// assert_eq!(next.as_str(), "/articles/7?page=2");
///
/// for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "/a/../b", "javascript:alert(1)"] {
///     assert_eq!(LocalPath::parse_or(Some(elsewhere), LocalPath::root()), LocalPath::root());
/// }
/// # Ok::<(), auth_runtime::local_path::InvalidLocalPath>(())
/// ```
///
/// # Security
///
/// It protects against open redirects (OWASP, CWE-601). Exactly the validated bytes are kept; nothing is
/// decoded, normalized or repaired. They are a local path if
///
/// 1. there are at most 2,048, all of them visible ASCII (0x21 to 0x7E), none `\` and none `#`,
/// 2. the first is `/`, and there is no `//` before the query,
/// 3. no segment of the path is `.` or `..`, also when its dots are escaped,
/// 4. each `%` in the path is followed by two hexadecimal digits that stand for neither a control character nor `/`,
///    `\` or `%`.
///
/// A fragment never reaches a server, so a path with one was not captured from a request and is rejected.
///
/// A local path is not necessarily safe to visit: a page that changes state on `GET` can still be the target.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct LocalPath(Cow<'static, str>);

impl LocalPath {
    /// Validates a text.
    ///
    /// # Errors
    ///
    /// Fails if it is not a path on this site.
    pub fn parse(text: &str) -> Result<Self, InvalidLocalPath> {
        check(text.as_bytes())?;
        Ok(Self(Cow::Owned(text.to_owned())))
    }

    /// Returns `value` if it is a path on this site, and `default` otherwise.
    #[must_use]
    pub fn parse_or(value: Option<&str>, default: Self) -> Self {
        value.and_then(|text| Self::parse(text).ok()).unwrap_or(default)
    }

    /// Creates a path from a constant.
    ///
    /// ```
    /// use auth_runtime::LocalPath;
    ///
    /// const LOGIN: LocalPath = LocalPath::from_static("/login");
    /// # assert_eq!(LOGIN.as_str(), "/login");
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if it is not a path on this site; for a constant, that is a compile error.
    #[must_use]
    #[track_caller]
    #[expect(clippy::panic, reason = "documented; in a constant it stops the build")]
    pub const fn from_static(text: &'static str) -> Self {
        match check(text.as_bytes()) {
            Ok(()) => Self(Cow::Borrowed(text)),
            Err(InvalidLocalPath(flaw)) => panic!("{}", flaw.message()),
        }
    }

    /// Returns `/`.
    #[must_use]
    pub const fn root() -> Self {
        Self(Cow::Borrowed("/"))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text up to its query.
    pub(crate) fn path(&self) -> &str {
        self.0.split('?').next().unwrap_or_default()
    }

    /// Returns the text as the value of a query parameter, such as `%2Farticles%2F7`.
    #[must_use]
    pub fn to_query_value(&self) -> String {
        query_value(&self.0)
    }
}

/// Encodes a text as the value of a query parameter.
pub(crate) fn query_value(text: &str) -> String {
    utf8_percent_encode(text, QUERY_VALUE).to_string()
}

impl Default for LocalPath {
    fn default() -> Self {
        Self::root()
    }
}

impl AsRef<str> for LocalPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LocalPath {
    type Err = InvalidLocalPath;

    fn from_str(text: &str) -> Result<Self, InvalidLocalPath> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for LocalPath {
    type Error = InvalidLocalPath;

    fn try_from(text: &str) -> Result<Self, InvalidLocalPath> {
        Self::parse(text)
    }
}

impl TryFrom<String> for LocalPath {
    type Error = InvalidLocalPath;

    fn try_from(text: String) -> Result<Self, InvalidLocalPath> {
        check(text.as_bytes())?;
        Ok(Self(Cow::Owned(text)))
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for LocalPath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
    }
}

/// The text is not a path on this site.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidLocalPath(Flaw);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Flaw {
    BasePath,
    Byte,
    DotSegment,
    DoubleSlash,
    Escape,
    NotAbsolute,
    TooLong,
}

impl InvalidLocalPath {
    /// The error of a local path that cannot be a base path.
    pub(crate) const fn of_base_path() -> Self {
        Self(Flaw::BasePath)
    }
}

impl Flaw {
    const fn message(self) -> &'static str {
        match self {
            Self::BasePath => "a base path must not hold a query, and must not end with `/`",
            Self::Byte => "a local path must be visible ASCII without `\\` and `#`",
            Self::DotSegment => "a local path must not hold the segments `.` and `..`",
            Self::DoubleSlash => "a local path must not hold `//`",
            Self::Escape => {
                "a local path must not hold broken escapes, or escaped controls, `/`, `\\` or `%`"
            }
            Self::NotAbsolute => "a local path must start with `/`",
            Self::TooLong => "a local path must not be longer than 2,048 bytes",
        }
    }
}

impl fmt::Display for InvalidLocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.message())
    }
}

impl Error for InvalidLocalPath {}

/// The content of the current segment so far.
#[derive(Clone, Copy)]
enum Segment {
    Empty,
    Dot,
    DotDot,
    Other,
}

impl Segment {
    const fn and(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Empty, b'.') => Self::Dot,
            (Self::Dot, b'.') => Self::DotDot,
            _ => Self::Other,
        }
    }

    const fn is_dots(self) -> bool {
        matches!(self, Self::Dot | Self::DotDot)
    }
}

const fn check(text: &[u8]) -> Result<(), InvalidLocalPath> {
    if text.len() > MAX_BYTES {
        return Err(InvalidLocalPath(Flaw::TooLong));
    }
    let [b'/', rest @ ..] = text else { return Err(InvalidLocalPath(Flaw::NotAbsolute)) };
    let (mut rest, mut segment) = (rest, Segment::Empty);
    loop {
        (segment, rest) = match rest {
            [] | [b'?', ..] => break,
            [b'/', rest @ ..] => match segment {
                Segment::Empty => return Err(InvalidLocalPath(Flaw::DoubleSlash)),
                Segment::Dot | Segment::DotDot => return Err(InvalidLocalPath(Flaw::DotSegment)),
                Segment::Other => (Segment::Empty, rest),
            },
            [b'%', escape @ ..] => match escaped(escape) {
                Some((byte, rest)) => (segment.and(byte), rest),
                None => return Err(InvalidLocalPath(Flaw::Escape)),
            },
            [byte, rest @ ..] if is_allowed(*byte) => (segment.and(*byte), rest),
            _ => return Err(InvalidLocalPath(Flaw::Byte)),
        };
    }
    if segment.is_dots() {
        return Err(InvalidLocalPath(Flaw::DotSegment));
    }
    check_query(rest)
}

const fn check_query(query: &[u8]) -> Result<(), InvalidLocalPath> {
    let mut query = query;
    while let [byte, rest @ ..] = query {
        if !is_allowed(*byte) {
            return Err(InvalidLocalPath(Flaw::Byte));
        }
        query = rest;
    }
    Ok(())
}

const fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#')
}

/// Returns the byte of an escape, unless it is ambiguous after decoding.
const fn escaped(digits: &[u8]) -> Option<(u8, &[u8])> {
    let [high, low, rest @ ..] = digits else { return None };
    let (Some(high), Some(low)) = (hex(*high), hex(*low)) else { return None };
    match high << 4 | low {
        0..=0x1f | 0x7f | b'/' | b'\\' | b'%' => None,
        byte => Some((byte, rest)),
    }
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => digit.checked_sub(b'0'),
        b'a'..=b'f' => digit.checked_sub(b'a' - 10),
        b'A'..=b'F' => digit.checked_sub(b'A' - 10),
        _ => None,
    }
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use serde::{
        Deserialize,
        de::{
            IntoDeserializer,
            value::{Error, StrDeserializer},
        },
    };

    use super::*;

    #[test]
    fn only_paths_on_this_site_are_deserialized() {
        let read = |text: &'static str| {
            let from: StrDeserializer<'_, Error> = text.into_deserializer();
            LocalPath::deserialize(from)
        };
        assert_eq!(read("/a?b").unwrap().as_str(), "/a?b");
        assert_eq!(read("//a").unwrap_err().to_string(), "a local path must not hold `//`");
    }
}
