//! Checks calendar days such as `2027-01-31`.

/// Checks that the text is a day of the calendar, written as in RFC 3339.
pub(crate) fn is_day(text: &str) -> Result<(), String> {
    let is_day = text.len() == 10 && humantime::parse_rfc3339(&format!("{text}T00:00:00Z")).is_ok();
    if is_day { Ok(()) } else { Err(format!("`{text}` is not a date; write it as `2027-01-31`")) }
}
