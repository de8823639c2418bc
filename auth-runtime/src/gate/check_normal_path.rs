//! Tests whether a path is in normal form: each has only one spelling, so patterns cannot be bypassed (path
//! confusion).

use http::Uri;
use percent_encoding::percent_decode;

/// Returns whether the target of a request is a path in normal form.
///
/// Scheme and host may precede the path: HTTP/2 and later always send them, and a server must accept them in
/// HTTP/1, too (absolute-form; RFC 9112, section 3.2.2).
pub(super) fn is_normal(target: &Uri) -> bool {
    is_normal_path(target.path().as_bytes())
}

pub(super) fn is_normal_path(path: &[u8]) -> bool {
    let Some(path) = path.strip_prefix(b"/") else { return false };
    let mut segments = path.split(|byte| *byte == b'/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if matches!(segment, b"." | b"..") || (segment.is_empty() && !is_last) || !is_normal_segment(segment)
        {
            return false;
        }
    }
    true
}

fn is_normal_segment(segment: &[u8]) -> bool {
    let mut rest = segment;
    let mut has_escapes = false;
    loop {
        rest = match rest {
            [] => break,
            [b'%', high, low, rest @ ..] => {
                if !(high.is_ascii_hexdigit() && low.is_ascii_hexdigit()) {
                    return false;
                }
                has_escapes = true;
                rest
            }
            [byte, rest @ ..] if byte.is_ascii_graphic() && !matches!(byte, b'%' | b'\\' | b'#' | b';') => {
                rest
            }
            _ => return false,
        };
    }
    !has_escapes || are_normal_escapes(segment)
}

/// An escape must decode to text, and be necessary: an escaped letter equals the letter after decoding, but
/// not in a comparison of bytes.
fn are_normal_escapes(segment: &[u8]) -> bool {
    let Ok(text) = percent_decode(segment).decode_utf8() else { return false };
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return false;
    }
    segment.windows(3).filter(|window| window.first() == Some(&b'%')).all(|escape| {
        percent_decode(escape).all(|byte| !is_plain(byte) && !matches!(byte, b'/' | b'\\' | b'%' | b';'))
    })
}

/// Returns whether the byte is unreserved (RFC 3986, section 2.3).
pub(super) const fn is_plain(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_way_to_write_a_path_is_taken() {
        for path in [
            "/",
            "/a",
            "/a/",
            "/a/b.c",
            "/.well-known/x",
            "/...",
            "/a..",
            "/A",
            "/~bob",
            "/a%20b",
            "/caf%C3%A9",
            "/caf%c3%a9",
            "/bob%40example.com",
            "/a+b,c=d&e:@!$'()*",
            "/a%3Fb",
            "/a%23b",
            "/a|b",
            "/%E2%82%AC",
            "/%F0%9F%A6%80",
        ] {
            assert!(is_normal_path(path.as_bytes()), "{path}");
        }
        for path in [
            "",
            "*",
            "a",
            "a/b",
            "//",
            "//a",
            "/a//b",
            "/a//",
            "/.",
            "/..",
            "/./a",
            "/../a",
            "/a/.",
            "/a/..",
            "/a/./b",
            "/a/../b",
            "/%2e",
            "/%2E%2e/a",
            "/.%2e/a",
            "/a%2eb",
            "/a%2Fb",
            "/a%2fb",
            "/%2f",
            "/a%5cb",
            "/a%5Cb",
            "/a\\b",
            "/\\a",
            "/%61dmin",
            "/a%2Db",
            "/%7Ebob",
            "/%5Fa",
            "/%30",
            "/a;b",
            "/a;",
            "/;/a",
            "/a%3Bb",
            "/a%3bb",
            "/a%00",
            "/%0d%0a",
            "/a%1F",
            "/a%7f",
            "/a%09b",
            "/a%25b",
            "/a%252e",
            "/a%2",
            "/a%",
            "/a%zz",
            "/a%u0041",
            "/%C0%AE",
            "/%c0%af",
            "/%E0%80%AF",
            "/%F0%80%80%AF",
            "/%FF",
            "/%ED%A0%80",
            "/%C3",
            "/%C2%85",
            "/%E2%80%A8",
            "/a\u{7f}",
            "/a b",
            "/a#b",
            "/caf\u{e9}",
        ] {
            assert!(!is_normal_path(path.as_bytes()), "{path}");
        }
    }

    #[test]
    fn the_path_of_a_whole_address_is_judged_like_any_other() {
        for (target, expected) in [
            ("/a", true),
            ("http://example.com/a", true),
            ("https://example.com/a?b=//", true),
            ("http://example.com", true),
            ("http://example.com//a", false),
            ("http://example.com/../a", false),
            ("http://example.com/%61", false),
            ("example.com:80", false),
            ("*", false),
        ] {
            assert_eq!(is_normal(&target.parse().unwrap()), expected, "{target}");
        }
    }
}
