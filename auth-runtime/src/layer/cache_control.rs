//! `Cache-Control` of the responses that depend on the user (RFC 9111): private by default, never shared with
//! a cookie.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// No cache stores the response, so the back button sends a new request after a log-out.
const PERSONAL: HeaderValue = HeaderValue::from_static("private, no-store");
/// Header fields that override `Cache-Control` for some shared caches. The targeted ones (RFC 9213) share a
/// suffix.
const OF_SOME_CACHES: [&str; 3] = ["edge-control", "surrogate-control", "x-accel-expires"];
const TARGETED: &str = "-cache-control";

/// Prevents caching of a response that depends on the user, unless the handler has set `Cache-Control`
/// itself.
pub(super) fn set_default(headers: &mut HeaderMap) {
    headers.entry(header::CACHE_CONTROL).or_insert(PERSONAL);
}

/// Prevents shared caching of a response with a credential, which would hand it to other users: the handler's
/// own choice is kept only if it is private.
pub(super) fn protect_cookie(headers: &mut HeaderMap) {
    remove_targeted(headers);
    if !is_private(headers) {
        headers.insert(header::CACHE_CONTROL, PERSONAL);
    }
}

/// Removes the fields that would override `Cache-Control`.
pub(crate) fn remove_targeted(headers: &mut HeaderMap) {
    let is_targeted =
        |name: &&HeaderName| OF_SOME_CACHES.contains(&name.as_str()) || name.as_str().ends_with(TARGETED);
    let targeted: Vec<HeaderName> = headers.keys().filter(is_targeted).cloned().collect();
    for name in targeted {
        headers.remove(name);
    }
}

/// Returns whether no shared cache stores the response. `private` with a list of field names, as in
/// `private="set-cookie"`, leaves the rest shared and is hard to parse, so it counts as shared.
fn is_private(headers: &HeaderMap) -> bool {
    let lines = || headers.get_all(header::CACHE_CONTROL).iter().map(HeaderValue::as_bytes);
    let mut is_private = false;
    for directive in lines().flat_map(|line| line.split(|byte| *byte == b',')) {
        let name = directive.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
        let is_bare = name.len() == directive.trim_ascii().len();
        if [&b"public"[..], b"s-maxage"].iter().any(|shared| name.eq_ignore_ascii_case(shared)) {
            return false;
        }
        let is_kept_apart =
            [&b"private"[..], b"no-store"].iter().any(|private| name.eq_ignore_ascii_case(private));
        is_private |= is_bare && is_kept_apart;
    }
    is_private && !lines().any(|line| line.contains(&b'"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_cookie_leaves_a_private_choice_and_no_other() {
        for (own, stays) in [
            ("private", true),
            ("PRIVATE, max-age=60", true),
            ("no-store", true),
            ("no-cache, private", true),
            ("private, must-revalidate", true),
            ("public, max-age=60", false),
            ("max-age=60", false),
            ("s-maxage=60, private", false),
            ("private, public", false),
            ("no-store, s-maxage=1", false),
            ("no-cache", false),
            ("no-cache=\"set-cookie\"", false),
            ("private=\"set-cookie\", max-age=60", false),
            ("no-cache=\"x, private, y\"", false),
            ("private=x", false),
            ("must-revalidate", false),
            ("privately", false),
            ("", false),
            (",", false),
        ] {
            let mut headers = of(&[("cache-control", own)]);
            protect_cookie(&mut headers);
            let expected = if stays { own } else { "private, no-store" };
            assert_eq!(headers.get("cache-control").unwrap(), expected, "{own}");
            assert_eq!(headers.get_all("cache-control").iter().count(), 1);
        }
    }

    #[test]
    fn all_lines_count_and_so_do_those_for_some_caches() {
        let mut headers = of(&[("cache-control", "private"), ("cache-control", "s-maxage=9")]);
        protect_cookie(&mut headers);
        assert_eq!(headers.get_all("cache-control").iter().collect::<Vec<_>>(), ["private, no-store"]);
        let mut headers = of(&[
            ("cache-control", "private"),
            ("cdn-cache-control", "max-age=60"),
            ("vendor-cdn-cache-control", "max-age=60"),
            ("x-accel-expires", "60"),
            ("surrogate-control", "max-age=60"),
            ("expires", "Thu, 01 Dec 2044 16:00:00 GMT"),
        ]);
        protect_cookie(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["cache-control", "expires"]);
        let mut headers = of(&[("cdn-cache-control", "max-age=60")]);
        set_default(&mut headers);
        assert_eq!(headers.get("cache-control").unwrap(), "private, no-store");
    }
}
