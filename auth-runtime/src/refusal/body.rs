//! The default answers: problem details (RFC 9457) or a short page.

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

/// What is hidden looks like what does not exist: axum's own 404 has no body and no headers of ours.
///
/// To `HEAD` a route says how long its body would be, but the answer for a path without a route does not; so neither
/// does this.
pub(super) fn missing(head: bool) -> Response {
    let body = if head { Body::from_stream(Body::empty().into_data_stream()) } else { Body::empty() };
    let mut response = Response::new(body);
    *response.status_mut() = AuthErrorKind::Hidden.status();
    response
}

pub(super) fn of(kind: AuthErrorKind, html: bool, permission: Option<&str>) -> Response {
    let (content_type, body) = match (html, kind, permission) {
        (true, ..) => (HTML, Body::from(page(kind))),
        (false, AuthErrorKind::Stale { max_age }, _) => (JSON, Body::from(stale(kind, max_age))),
        (false, _, None) => (JSON, Body::from(problem(kind))),
        (false, _, Some(permission)) => (JSON, Body::from(problem_with(kind, permission))),
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
    if kind == AuthErrorKind::Unavailable {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

macro_rules! texts {
    ($($($kind:ident)|+, $status:literal, $title:literal, $words:literal;)*) => {
        const fn problem(kind: AuthErrorKind) -> &'static str {
            match kind {
                $($(AuthErrorKind::$kind { .. })|+ => concat!(
                    r#"{"type":"about:blank","title":""#, $title, r#"","status":"#, $status, "}"
                ),)*
                _ => problem(AuthErrorKind::Misconfigured),
            }
        }

        const fn page(kind: AuthErrorKind) -> &'static str {
            match kind {
                $($(AuthErrorKind::$kind { .. })|+ => concat!(
                    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n",
                    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>", $title, "</title>\n<h1>",
                    $title, "</h1>\n<p>", $words, "</p>\n</html>\n"
                ),)*
                _ => page(AuthErrorKind::Misconfigured),
            }
        }
    };
}

texts! {
    BadRequest | InvalidIdentity, 400, "Bad Request", "What was sent cannot be used.";
    CrossOrigin, 403, "Forbidden", "This request came from another site, so it was not carried out.";
    Forbidden | InsufficientScope, 403, "Forbidden", "You may not do this.";
    Hidden, 404, "Not Found", "";
    InvalidCredential | Unauthenticated, 401, "Unauthorized", "Please log in first.";
    Misconfigured | TooLarge | ResponseAlreadyStarted, 500, "Internal Server Error",
        "This is a mistake of ours, and it has been noted.";
    Stale, 401, "Unauthorized", "Please log in again.";
    Unavailable, 503, "Service Unavailable", "Please try again in a moment.";
}

/// A front end that asks for another log-in by itself can tell from the member `max_age`, in seconds, that it has to.
fn stale(kind: AuthErrorKind, max_age: Duration) -> String {
    let plain = problem(kind);
    format!(r#"{},"max_age":{}}}"#, plain.strip_suffix('}').unwrap_or(plain), max_age.as_secs())
}

fn problem_with(kind: AuthErrorKind, permission: &str) -> String {
    let plain = problem(kind);
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
