//! Parses the header `Retry-After` (RFC 9110 section 10.2.3).

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

/// Parses `Retry-After` in both of its forms. An invalid value counts as absent, a date in the past as zero.
pub(crate) fn read(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that does not fit is longer than any wait.
        return Some(text.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// An accepted wait is a number of seconds, or the time until a date.
#[cfg(any(fuzzing, test))]
pub(crate) fn fuzz(bytes: &[u8]) -> bool {
    let Ok(value) = http::HeaderValue::from_bytes(bytes) else { return false };
    let now = SystemTime::UNIX_EPOCH
        .checked_add(Duration::from_secs(784_111_777))
        .unwrap_or(SystemTime::UNIX_EPOCH);
    let headers = HeaderMap::from_iter([(header::RETRY_AFTER, value)]);
    let wait = read(&headers, now);
    let text = String::from_utf8_lossy(bytes);
    if !bytes.is_ascii() {
        assert_eq!(wait, None);
        return false;
    }
    let text = text.trim();
    match (text.parse::<u64>(), wait) {
        (Ok(seconds), Some(wait)) => assert_eq!(wait, Duration::from_secs(seconds)),
        (Ok(_), None) => assert!(text.starts_with('+')),
        (Err(_), Some(wait)) => {
            let is_long = text.len() >= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
            let date = httpdate::parse_http_date(text).ok();
            let until = date.map(|date| date.duration_since(now).unwrap_or_default());
            assert_eq!(wait, if is_long { Duration::MAX } else { until.unwrap_or(Duration::MAX) });
            assert!(is_long || until.is_some());
        }
        (Err(_), None) => {}
    }
    wait.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, value.parse().unwrap());
        let now = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(784_111_777)).unwrap();
        super::read(&headers, now)
    }

    #[test]
    fn retry_after_has_two_forms() {
        for (value, expected) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sunday, 06-Nov-94 08:49:47 GMT", Some(10)),
            ("Sun Nov  6 08:49:47 1994", Some(10)),
            ("Tue, 06 Nov 1990 08:49:37 GMT", Some(0)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(read(value), expected.map(Duration::from_secs), "{value:?}");
        }
        assert_eq!(read("99999999999999999999999"), Some(Duration::MAX));
        assert_eq!(super::read(&HeaderMap::new(), SystemTime::UNIX_EPOCH), None);
    }
}
