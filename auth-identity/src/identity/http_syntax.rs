//! Tests syntax elements of HTTP fields: tokens, token68 and quoted strings (RFC 9110, sections 5.6 and
//! 11.2).

/// Returns whether a byte is a token character (RFC 9110, section 5.6.2).
#[must_use]
pub fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Returns whether the text is a token (RFC 9110, section 5.6.2).
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_tchar)
}

/// Returns whether the text is a `token68` (RFC 9110, section 11.2), called `b64token` in RFC 6750, section
/// 2.1.
#[must_use]
pub fn is_token68(mut token: &[u8]) -> bool {
    while let [rest @ .., b'='] = token {
        token = rest;
    }
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    !token.is_empty() && token.iter().all(is_part)
}

/// Returns the text as a quoted string (RFC 9110, section 5.6.4), or `None` if it is not visible ASCII and
/// spaces.
#[must_use]
pub fn quoted(text: &str) -> Option<String> {
    let is_plain = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    is_plain.then(|| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_recognized() {
        assert!(is_token("Bearer") && is_token("!#$%&'*+-.^_`|~09azAZ"));
        for text in
            ["", " ", "a b", "a\t", "a,", "a=", "a/b", "a\"", "é", "\x7f", "(", "a:b", "@", "[]", "{}"]
        {
            assert!(!is_token(text), "{text:?}");
        }
        assert!(is_token68(b"az09AZ-._~+/==") && is_token68(b"a"));
        for token in
            [&b""[..], b"=", b"==", b"a=b", b"=a", b"a b", b"a ", b"a,", b"a\"", b"\xff", b"a_\xc3\xa9"]
        {
            assert!(!is_token68(token), "{}", token.escape_ascii());
        }
    }

    #[test]
    fn what_is_quoted_ends_where_it_ends() {
        assert_eq!(quoted("").unwrap(), r#""""#);
        assert_eq!(quoted(r#"a "b" \c"#).unwrap(), r#""a \"b\" \\c""#);
        for text in ["a\n", "\r", "\t", "\0", "\x7f", "é"] {
            assert_eq!(quoted(text), None, "{text:?}");
        }
    }
}
