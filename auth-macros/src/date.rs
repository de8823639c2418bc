//! Checks days in the form `2027-01-31`.

/// Returns whether the text is an existing day in that form.
pub(crate) fn is_day(text: &str) -> bool {
    let shape =
        text.char_indices().all(|(at, c)| if matches!(at, 4 | 7) { c == '-' } else { c.is_ascii_digit() });
    let number = |range| text.get(range).and_then(|digits: &str| digits.parse::<u32>().ok());
    match (number(0..4), number(5..7), number(8..10)) {
        (Some(year), Some(month), Some(day)) if shape && text.len() == 10 => {
            (1..=days(year, month)).contains(&day)
        }
        _ => false,
    }
}

/// Returns the number of days in a month, or 0 for a month that does not exist.
const fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::is_day;

    #[test]
    fn days_of_the_calendar() {
        for day in ["2027-01-01", "2027-12-31", "2028-02-29", "2000-02-29", "2027-04-30"] {
            assert!(is_day(day), "{day}");
        }
    }

    #[test]
    fn no_days() {
        for text in [
            "",
            "2027",
            "2027-02-29",
            "2027-02-30",
            "2100-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-01-00",
            "2027-04-31",
            "2027-1-1",
            "27-01-01",
            "2027/01/01",
            "01-01-2027",
            "2027-01-01 ",
            "+027-01-01",
            "2027-01-1é",
            "２０２７-01-01",
        ] {
            assert!(!is_day(text), "{text}");
        }
    }
}
