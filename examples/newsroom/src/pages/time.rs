//! Times in pages.

use std::time::{Duration, UNIX_EPOCH};

use auth_runtime::clock::UnixTime;
use maud::{Markup, html};

/// Returns a time for people and programs, in UTC.
pub(crate) fn time(at: UnixTime) -> Markup {
    let text = rfc3339(at);
    let (day, minute) = (text.get(..10).unwrap_or_default(), text.get(11..16).unwrap_or_default());
    html! { time datetime=(text) { (day) ", " (minute) " UTC" } }
}

/// Returns a time of the database.
pub(crate) fn from_row(seconds: i64) -> UnixTime {
    UnixTime::from_secs(u64::try_from(seconds).unwrap_or_default())
}

/// Returns a time for the database.
pub(crate) fn to_row(at: UnixTime) -> i64 {
    i64::try_from(at.as_secs()).unwrap_or(i64::MAX)
}

/// Returns a time as the value of a field of type `datetime-local`.
pub(crate) fn to_field(at: UnixTime) -> String {
    rfc3339(at).get(..16).unwrap_or_default().to_owned()
}

/// Reads the value of a field of type `datetime-local`, in UTC.
pub(crate) fn from_field(text: &str) -> Option<UnixTime> {
    humantime::parse_rfc3339(&format!("{text}:00Z")).ok().map(UnixTime::from)
}

/// Reads a time of a program (RFC 3339).
pub(crate) fn from_rfc3339(text: &str) -> Option<UnixTime> {
    humantime::parse_rfc3339(text).ok().map(UnixTime::from)
}

/// Returns a time for programs, in UTC (RFC 3339).
pub(crate) fn rfc3339(at: UnixTime) -> String {
    UNIX_EPOCH
        .checked_add(Duration::from_secs(at.as_secs()))
        .map(|time| humantime::format_rfc3339_seconds(time).to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_they_are_written() {
        let at = from_field("2026-11-30T20:15").unwrap();
        assert_eq!(to_field(at), "2026-11-30T20:15");
        assert!(time(at).into_string().contains("2026-11-30, 20:15 UTC"));
        for text in ["", "2026-11-30", "2026-13-30T20:15", "tomorrow", "2026-11-30T20:15:00"] {
            assert_eq!(from_field(text), None, "{text}");
        }
    }
}
