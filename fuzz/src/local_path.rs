//! Post-login redirect targets (open redirect).

use auth_runtime::LocalPath;
use axum::http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use url::{Url, form_urlencoded};

/// An accepted path stays on the site according to the `url` crate, decoded once, twice or not at all, and is
/// emitted byte for byte. Plain paths are accepted.
pub fn check(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let path = LocalPath::parse(text);
    let is_plain =
        |segment: &str| !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if text.len() <= 2048 && text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_plain)) {
        assert!(path.is_ok());
    }
    let Ok(path) = path else { return false };
    assert_eq!(path.as_str(), text);
    assert_eq!(LocalPath::parse(path.as_str()).as_ref(), Ok(&path));

    let once = percent_decode_str(text).decode_utf8_lossy().into_owned();
    let twice = percent_decode_str(&once).decode_utf8_lossy().into_owned();
    for base in
        ["https://site.example", "https://site.example/login?next=/", "http://127.0.0.1:4000/a/b/../c#d"]
    {
        let base = Url::parse(base).unwrap();
        for target in [text, &once, &twice] {
            let there = base.join(target).unwrap();
            assert_eq!(there.origin(), base.origin(), "{target}");
            assert!(there.username().is_empty() && there.password().is_none());
        }
        let there = base.join(text).unwrap();
        // No dot segment was resolved: there are as many segments as slashes.
        let slashes = text.split('?').next().unwrap().bytes().filter(|byte| *byte == b'/').count();
        assert_eq!(there.path_segments().unwrap().count(), slashes);
        assert_eq!(there.fragment(), None);
    }
    assert_eq!(HeaderValue::from_str(text).unwrap().as_bytes(), bytes);
    if let Ok(uri) = text.parse::<Uri>() {
        assert!(uri.host().is_none() && uri.scheme().is_none());
    }
    let query = format!("next={}", path.to_query_value());
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    assert!(matches!(pairs.as_slice(), [(name, value)] if name == "next" && value == text));
    true
}
