//! Renders the default responses: problem details (RFC 9457) or a short page.

use std::fmt::Write as _;

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};

use super::Language;
use crate::{error_kind::AuthErrorKind, identity::StepUp};

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

/// Returns the default response: a page in `language`, or else problem details.
pub(super) fn of(
    kind: AuthErrorKind,
    language: Option<&dyn Language>,
    permission: Option<&str>,
    step_up: StepUp,
) -> Response {
    let (content_type, body) = match (language, permission) {
        (Some(language), _) => (HTML, Body::from(page(kind, language))),
        _ if !kind.step_up().is_none() => (JSON, Body::from(with_step_up(kind.problem(), step_up))),
        (None, None) => (JSON, Body::from(kind.problem())),
        (None, Some(permission)) => (JSON, Body::from(with_permission(kind.problem(), permission))),
    };
    let mut response = Response::new(body);
    *response.status_mut() = kind.status();
    let headers = response.headers_mut();
    // With the headers that every rejection gets, the map would grow once more.
    headers.reserve(8);
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    if let Some(language) = language {
        if let Ok(tag) = HeaderValue::try_from(language.tag()) {
            headers.insert(header::CONTENT_LANGUAGE, tag);
        }
        headers.insert(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    }
    if let Some(seconds) = kind.retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn page(kind: AuthErrorKind, language: &dyn Language) -> String {
    let (title, text) = (escaped(language.title(kind)), escaped(language.text(kind)));
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<h1>{title}</h1>\n\
         <p>{text}</p>\n</html>\n",
        escaped(language.tag())
    )
}

/// Escapes the text of a translation, which may come from a file.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Adds the members `max_age`, in seconds, and `acr_values`, for front ends that handle step-up authentication
/// themselves.
fn with_step_up(plain: &str, step_up: StepUp) -> String {
    let mut text = plain.strip_suffix('}').unwrap_or(plain).to_owned();
    if let Some(max_age) = step_up.max_age() {
        // Writing to a string cannot fail.
        let _ = write!(text, r#","max_age":{}"#, max_age.as_secs());
    }
    // They are checked to have no characters that need escapes.
    for (index, acr) in step_up.acr_values().iter().enumerate() {
        let _ = write!(text, "{}\"{acr}\"", if index == 0 { r#","acr_values":["# } else { "," });
    }
    text.push_str(if step_up.acr_values().is_empty() { "}" } else { "]}" });
    text
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
