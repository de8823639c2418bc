//! Represents calendar days: [`Day`].

use std::{error::Error, fmt, str::FromStr};

use cookie::time::{Date, OffsetDateTime};

use super::UnixTime;

/// A day in UTC.
///
/// # Example
///
/// ```
/// use auth_runtime::clock::{Day, UnixTime};
///
/// assert_eq!(Day::of(UnixTime::from_secs(1_800_000_000)), "2027-01-15".parse()?);
/// # Ok::<(), auth_runtime::access::InvalidDay>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Day(Date);

/// The text is not a day such as `2027-01-31`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidDay(());

impl fmt::Display for InvalidDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a day is written as `2027-01-31`")
    }
}

impl Error for InvalidDay {}

impl Day {
    /// Returns the day of a time; times after the year 9999 become its last day.
    #[must_use]
    pub fn of(time: UnixTime) -> Self {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        Self(OffsetDateTime::from_unix_timestamp(seconds).map_or(Date::MAX, OffsetDateTime::date))
    }
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let is_day = text.len() == 10;
        let midnight = humantime::parse_rfc3339(&format!("{text}T00:00:00Z")).ok().filter(|_| is_day);
        midnight.map(|time| Self::of(time.into())).ok_or(InvalidDay(()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
