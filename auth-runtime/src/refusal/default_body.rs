//! The default responses: problem details (RFC 9457) or a short page.

use std::{fmt::Write as _, time::Duration};

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};

use crate::error_kind::AuthErrorKind;

const JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
);

/// A hidden route looks like one that does not exist: axum's own 404 has no body and none of our headers.
///
/// The response of a route to `HEAD` has a content length, but that for a path without a route does not; so
/// neither does this one.
pub(super) fn missing(head: bool) -> Response {
    let body = if head { Body::from_stream(Body::empty().into_data_stream()) } else { Body::empty() };
    let mut response = Response::new(body);
    *response.status_mut() = AuthErrorKind::Hidden.status();
    response
}

pub(super) fn of(kind: AuthErrorKind, html: bool, permission: Option<&str>) -> Response {
    let (content_type, body) = match (html, kind.max_age(), permission) {
        (true, ..) => (HTML, Body::from(kind.page())),
        (false, Some(max_age), _) => (JSON, Body::from(with_max_age(kind.problem(), max_age))),
        (false, None, None) => (JSON, Body::from(kind.problem())),
        (false, None, Some(permission)) => (JSON, Body::from(with_permission(kind.problem(), permission))),
    };
    let mut response = Response::new(body);
    *response.status_mut() = kind.status();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    if html {
        headers.insert(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    }
    if let Some(seconds) = kind.retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Adds the member `max_age`, in seconds, for front ends that handle step-up authentication themselves.
fn with_max_age(plain: &str, max_age: Duration) -> String {
    format!(r#"{},"max_age":{}}}"#, plain.strip_suffix('}').unwrap_or(plain), max_age.as_secs())
}

fn with_permission(plain: &str, permission: &str) -> String {
    let mut text = String::with_capacity(plain.len().saturating_add(permission.len()).saturating_add(32));
    text.push_str(plain.strip_suffix('}').unwrap_or(plain));
    text.push_str(r#","permission":""#);
    for c in permission.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '<') => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
            c => text.push(c),
        }
    }
    text.push_str("\"}");
    text
}
