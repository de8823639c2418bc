//! Parses times in constants: [`time_of_day`] and [`instant`], of RFC 3339.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "the numbers are of a few digits, and each is compared with its limit"
)]

use super::condition_constructors::quoted;
use crate::const_message::complain;

/// The seconds of a day.
pub(super) const DAY: u64 = 86_400;

/// Returns the seconds since midnight of a time such as `07:30`.
///
/// # Panics
///
/// Panics if it is not valid; called in constants only.
#[track_caller]
pub(super) const fn time_of_day(text: &str) -> u32 {
    match minutes(text.as_bytes()) {
        Some(minutes) => minutes * 60,
        None => complain(&quoted(text).push(" is not a time of day; write for example `07:30`, in UTC")),
    }
}

/// Returns the seconds since 1970-01-01 00:00:00 UTC of a time such as `2027-01-31T18:00:00Z`.
///
/// # Panics
///
/// Panics if it is not valid; called in constants only.
#[track_caller]
pub(super) const fn instant(text: &str) -> u64 {
    match seconds(text.as_bytes()) {
        Some(seconds) => seconds,
        None => {
            complain(&quoted(text).push(" is not a time; write for example `2027-01-31T18:00:00Z`, in UTC"))
        }
    }
}

const fn minutes(text: &[u8]) -> Option<u32> {
    let [h1, h2, b':', m1, m2] = text else { return None };
    match (number(&[*h1, *h2]), number(&[*m1, *m2])) {
        (Some(hours), Some(minutes)) if hours < 24 && minutes < 60 => Some(hours * 60 + minutes),
        _ => None,
    }
}

const fn seconds(text: &[u8]) -> Option<u64> {
    let [date @ .., b'T', h1, h2, b':', m1, m2, b':', s1, s2, b'Z'] = text else { return None };
    match (days(date), minutes(&[*h1, *h2, b':', *m1, *m2]), number(&[*s1, *s2])) {
        (Some(days), Some(minutes), Some(seconds)) if seconds < 60 => {
            Some(days as u64 * DAY + minutes as u64 * 60 + seconds as u64)
        }
        _ => None,
    }
}

/// Returns the days from 1970-01-01 to a date such as `2027-01-31`.
const fn days(date: &[u8]) -> Option<u32> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else { return None };
    let (Some(year), Some(month), Some(day)) =
        (number(&[*y1, *y2, *y3, *y4]), number(&[*m1, *m2]), number(&[*d1, *d2]))
    else {
        return None;
    };
    if year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of(month, year) {
        return None;
    }
    let before = year - 1;
    // Leap years up to the year before, less those up to 1969.
    let leap_days = before / 4 - before / 100 + before / 400 - 477;
    let mut days = (year - 1970) * 365 + leap_days + day - 1;
    let mut earlier = 1;
    while earlier < month {
        days += days_of(earlier, year);
        earlier += 1;
    }
    Some(days)
}

const fn days_of(month: u32, year: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const fn number(digits: &[u8]) -> Option<u32> {
    let mut number = 0;
    let mut rest = digits;
    while let [digit, others @ ..] = rest {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = number * 10 + (*digit - b'0') as u32;
        rest = others;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn each_day_follows_the_one_before() {
        let mut expected = 0;
        for year in 1970..2500_u32 {
            for month in 1..=12 {
                for day in 1..=31 {
                    let date = format!("{year:04}-{month:02}-{day:02}");
                    if day > days_of(month, year) {
                        assert_eq!(days(date.as_bytes()), None, "{date}");
                        continue;
                    }
                    assert_eq!(days(date.as_bytes()), Some(expected), "{date}");
                    expected += 1;
                }
            }
        }
    }

    #[test]
    fn times_are_seconds_in_utc() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2027-01-31T18:00:00Z", 1_801_418_400),
        ] {
            assert_eq!(seconds(text.as_bytes()), Some(expected), "{text}");
        }
        for text in [
            "",
            "2027-01-31",
            "2027-01-31T18:00Z",
            "2027-01-31T18:00:00",
            "2027-01-31T18:00:00+01:00",
            "2027-02-29T00:00:00Z",
            "2027-13-01T00:00:00Z",
            "1969-12-31T00:00:00Z",
            "2027-01-31T24:00:00Z",
            "2027-01-31T18:60:00Z",
            "2027-01-31T18:00:60Z",
            "2027-1-31T18:00:00Z",
            "+027-01-31T18:00:00Z",
        ] {
            assert_eq!(seconds(text.as_bytes()), None, "{text}");
        }
        assert_eq!((minutes(b"07:30"), minutes(b"23:59")), (Some(450), Some(1439)));
        for text in ["", "7:30", "24:00", "07:60", "07:30:00", "07-30", "0a:00"] {
            assert_eq!(minutes(text.as_bytes()), None, "{text}");
        }
    }
}
