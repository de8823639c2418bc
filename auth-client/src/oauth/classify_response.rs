//! Classifies responses of the authorization server by status: success, denial, temporary failure, or
//! protocol violation.

use std::time::SystemTime;

use http::StatusCode;
use oauth2::HttpResponse;
use serde_json::Value;

use crate::{Denial, Error, retry_after};

/// Accepts 200 without an `error` (RFC 6749 section 5.2). The status takes precedence over the body: a server
/// that is out of order or rate-limits has not denied the request, regardless of the body.
pub(super) fn check(answer: &HttpResponse, now: SystemTime) -> Result<(), Error> {
    match answer.status() {
        StatusCode::OK => success(answer, now),
        status => Err(failure(answer, status, now)),
    }
}

/// Accepts every 2xx without an `error`, for endpoints whose response has no content, such as revocation (RFC
/// 7009).
pub(super) fn check_any_success(answer: &HttpResponse, now: SystemTime) -> Result<(), Error> {
    match answer.status() {
        status if status.is_success() => success(answer, now),
        status => Err(failure(answer, status, now)),
    }
}

/// Returns whether the server demands a nonce in the proof of the client's key (RFC 9449, section 8).
pub(super) fn demands_nonce(answer: &HttpResponse) -> bool {
    answer.status().is_client_error()
        && standard(answer.body()).is_some_and(|denial| denial.code() == "use_dpop_nonce")
}

/// Some servers deny with 200.
fn success(answer: &HttpResponse, now: SystemTime) -> Result<(), Error> {
    match standard(answer.body()) {
        Some(denial) => Err(with_wait(Error::denied(denial), answer, now)),
        None => Ok(()),
    }
}

fn failure(answer: &HttpResponse, status: StatusCode, now: SystemTime) -> Error {
    let says = |more: &str| format!("the provider answers {status}{more}");
    if is_outage(status) {
        let error = Error::transport(says(""));
        let words = standard(answer.body()).or_else(|| informal(answer.body(), status));
        return with_wait(error.with_words(words), answer, now);
    }
    if status.is_redirection() {
        return Error::protocol(says("; redirects are not followed")).with_status(status);
    }
    let denial = standard(answer.body()).or_else(|| informal(answer.body(), status));
    match denial.filter(|_| status.is_client_error()) {
        Some(denial) => with_wait(Error::denied(denial), answer, now),
        None => Error::protocol(says("")).with_status(status),
    }
}

/// Returns whether a status is temporary.
fn is_outage(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
        )
}

fn with_wait(error: Error, answer: &HttpResponse, now: SystemTime) -> Error {
    error.with_status(answer.status()).with_retry_after(retry_after::read(answer.headers(), now))
}

/// Parses an error as defined in RFC 6749 section 5.2.
fn standard(body: &[u8]) -> Option<Denial> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let code = text(&value, &["error"])?;
    let (description, uri) = (text(&value, &["error_description"]), text(&value, &["error_uri"]));
    Some(Denial::new(&code, description.as_deref(), uri.as_deref()))
}

/// Parses non-standard errors: a code, a message, or both, at the top level or in the member `error`. Without
/// a code, the status is used.
fn informal(body: &[u8], status: StatusCode) -> Option<Denial> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let value = answer.get("error").filter(|error| error.is_object()).unwrap_or(&answer);
    let code = text(value, &["error_code", "code", "errcode"]);
    let message = text(value, &["message", "msg", "error_message", "errmsg", "error_description", "detail"]);
    if code.is_none() && message.is_none() {
        return None;
    }
    Some(Denial::new(&code.unwrap_or_else(|| status.as_str().to_owned()), message.as_deref(), None))
}

/// Parses an error with a number in a response with status 200, as WeChat sends it.
pub(super) fn numbered(body: &[u8]) -> Option<Denial> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let code = text(&value, &["errcode", "error_code"])?;
    Some(Denial::new(&code, text(&value, &["errmsg", "error_message", "error_msg"]).as_deref(), None))
}

/// Returns the first of these members that is a non-empty text or a number.
fn text(value: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match value.get(name)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) if *name != "error" => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ErrorKind;

    fn answer(status: u16, body: &str) -> HttpResponse {
        http::Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap()
    }

    fn judge(answer: &HttpResponse) -> Option<Error> {
        check(answer, SystemTime::UNIX_EPOCH).err()
    }

    #[test]
    fn answers_are_sorted() {
        let denied = r#"{"error":"invalid_grant","error_description":"gone"}"#;
        for (status, body, expected) in [
            (200, "{}", None),
            (200, r#"{"error":""}"#, None),
            (201, "{}", Some(ErrorKind::Protocol)),
            (200, denied, Some(ErrorKind::Denied)),
            (400, denied, Some(ErrorKind::Denied)),
            (500, r#"{"error":"server_error"}"#, Some(ErrorKind::Transport)),
            (503, r#"{"error":"temporarily_unavailable"}"#, Some(ErrorKind::Transport)),
            (400, r#"{"error":"temporarily_unavailable"}"#, Some(ErrorKind::Transport)),
            (500, denied, Some(ErrorKind::Transport)),
            (502, denied, Some(ErrorKind::Transport)),
            (408, denied, Some(ErrorKind::Transport)),
            (425, denied, Some(ErrorKind::Transport)),
            (429, denied, Some(ErrorKind::Transport)),
            (302, denied, Some(ErrorKind::Protocol)),
            (400, "<html>", Some(ErrorKind::Protocol)),
            (400, r#"{"error":""}"#, Some(ErrorKind::Protocol)),
            (404, "", Some(ErrorKind::Protocol)),
            (302, "", Some(ErrorKind::Protocol)),
            (204, "", Some(ErrorKind::Protocol)),
            (429, "", Some(ErrorKind::Transport)),
            (502, "<html>", Some(ErrorKind::Transport)),
        ] {
            let error = judge(&answer(status, body));
            assert_eq!(error.as_ref().map(Error::kind), expected, "{status} {body}");
            assert!(error.is_none_or(|error| error.status().unwrap().as_u16() == status));
        }
    }

    #[test]
    fn an_error_of_another_form_keeps_its_code_and_message() {
        for (status, body, expected) in [
            (
                400,
                r#"{"code":400,"error_code":"refresh_token_not_found","msg":"Invalid Refresh Token"}"#,
                "refused with refresh_token_not_found: Invalid Refresh Token",
            ),
            (401, r#"{"message":"Unauthorized"}"#, "refused with 401: Unauthorized"),
            (403, r#"{"error":{"code":7,"message":"no"}}"#, "refused with 7: no"),
            (400, r#"{"error":"","message":"no"}"#, "refused with 400: no"),
            (400, "{}", "the provider answers 400 Bad Request"),
            (
                429,
                r#"{"error":"slow_down","error_description":"later"}"#,
                "the provider answers 429 Too Many Requests: slow_down: later",
            ),
            (503, r#"{"message":"upgrade"}"#, "the provider answers 503 Service Unavailable: 503: upgrade"),
        ] {
            assert_eq!(judge(&answer(status, body)).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn the_wait_is_kept() {
        let mut limited = answer(429, "");
        limited.headers_mut().insert("retry-after", "7".parse().unwrap());
        assert_eq!(judge(&limited).unwrap().retry_after(), Some(Duration::from_secs(7)));
        assert_eq!(judge(&answer(429, "")).unwrap().retry_after(), None);
    }

    #[test]
    fn answers_without_content_are_a_success_where_none_is_wanted() {
        let ok = |status, body| check_any_success(&answer(status, body), SystemTime::UNIX_EPOCH).is_ok();
        assert!(ok(200, "") && ok(202, "") && ok(204, ""));
        assert!(!ok(200, r#"{"error":"invalid_client"}"#) && !ok(302, "") && !ok(400, "") && !ok(503, ""));
    }
}
