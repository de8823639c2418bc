//! The parser of `Cookie` headers.

use auth_runtime::identity::cookie::CookieValues;
use axum::http::{HeaderMap, HeaderValue, header::COOKIE};

use super::request_parts::parts;

const NAME: &str = "sid";

/// The result equals that of a parser that splits each pair at its first `=`; other cookies change nothing.
pub fn check(bytes: &[u8]) -> bool {
    let headers = parts(&COOKIE, bytes).headers;
    let found = values(&headers);
    assert_eq!(found, reference(&headers));

    let lines: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    let mut joined = HeaderMap::new();
    let line =
        [b"theme=dark; SID=1; sid =2;=3;sid;".to_vec(), lines.join(&b"; "[..]), b";\t%73id=4".to_vec()]
            .concat();
    joined.append(COOKIE, HeaderValue::from_bytes(&line).unwrap());
    assert_eq!(values(&joined), found);
    !found.is_empty()
}

fn values(headers: &HeaderMap) -> Vec<Vec<u8>> {
    CookieValues::new(headers, NAME)
        .map(|value| {
            let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
            assert_eq!(value.as_str().is_some(), value.as_bytes().iter().all(is_plain));
            value.as_bytes().to_vec()
        })
        .collect()
}

fn reference(headers: &HeaderMap) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for line in headers.get_all(COOKIE) {
        for pair in line.as_bytes().split(|byte| *byte == b';') {
            let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
            let start = pair.iter().position(|byte| !is_blank(byte)).unwrap_or(pair.len());
            let end = pair.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
            let pair = &pair[start..end];
            if let Some(middle) = pair.iter().position(|byte| *byte == b'=')
                && &pair[..middle] == NAME.as_bytes()
            {
                found.push(pair[middle + 1..].to_vec());
            }
        }
    }
    found
}
