//! A day of the calendar.

use std::{error::Error, fmt, str::FromStr};

use cookie::time::{Date, Month, OffsetDateTime};

use crate::clock::UnixTime;

/// A day in UTC.
///
/// # Example
///
/// ```
/// use auth_runtime::{access::Day, clock::UnixTime};
///
/// assert_eq!(Day::of(UnixTime::from_secs(1_800_000_000)), "2027-01-15".parse()?);
/// # Ok::<(), auth_runtime::access::InvalidDay>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Day(Date);

/// The text is no day such as `2027-01-31`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidDay(());

impl fmt::Display for InvalidDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a day is written as `2027-01-31`")
    }
}

impl Error for InvalidDay {}

impl Day {
    /// Returns the day on which the time lies; the last day of the year 9999 for what lies after it.
    #[must_use]
    pub fn of(time: UnixTime) -> Self {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        Self(OffsetDateTime::from_unix_timestamp(seconds).map_or(Date::MAX, OffsetDateTime::date))
    }
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let number =
            |range| text.get(range).filter(|part: &&str| part.bytes().all(|byte| byte.is_ascii_digit()));
        let [year, month, day] = [0..4, 5..7, 8..10].map(number);
        let dashes = [4..5, 7..8].map(|range| text.get(range)) == [Some("-"); 2];
        let date = || {
            let month = Month::try_from(month?.parse::<u8>().ok()?).ok()?;
            Date::from_calendar_date(year?.parse().ok()?, month, day?.parse().ok()?).ok()
        };
        date().filter(|_| dashes && text.len() == 10).map(Self).ok_or(InvalidDay(()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
