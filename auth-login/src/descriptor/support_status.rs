//! States whether a provider is supported, and the day of its facts: [`Status`] and [`Date`].

use std::fmt;

/// Whether a provider can be used. The sentences are shown to operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// In use.
    Alive,
    /// May not work, for this reason.
    Doubtful(&'static str),
    /// Gone: configuring it is an error with this sentence, which names the successor.
    Dead(&'static str),
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Returns the day.
    ///
    /// # Panics
    ///
    /// Panics if the month is not 1 to 12 or the day not 1 to 31; in a constant, that is a compile error.
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8) -> Self {
        assert!(
            month >= 1 && month <= 12 && day >= 1 && day <= 31,
            "the date does not exist; write year, month, day"
        );
        Self { year, month, day }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}
