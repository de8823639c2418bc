//! Sets `Cache-Control` of the responses that depend on the user (RFC 9111): private by default, never shared
//! with a cookie.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// No cache stores the response, so the back button sends a new request after a log-out.
const PERSONAL: HeaderValue = HeaderValue::from_static("private, no-store");
/// Header fields that override `Cache-Control` for some shared caches. The targeted ones (RFC 9213) share a
/// suffix.
const OF_SOME_CACHES: [&str; 3] = ["edge-control", "surrogate-control", "x-accel-expires"];
const TARGETED: &str = "-cache-control";

/// Prevents caching of a response that depends on the user, unless the handler has set `Cache-Control`
/// itself.
pub(crate) fn set_default(headers: &mut HeaderMap) {
    headers.entry(header::CACHE_CONTROL).or_insert(PERSONAL);
}

/// Prevents shared caching of a response with a credential, which would hand it to other users: the handler's
/// own choice is kept only if it is private.
pub(crate) fn protect_cookie(headers: &mut HeaderMap) {
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
