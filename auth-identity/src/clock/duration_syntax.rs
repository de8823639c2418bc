//! Parses durations in configuration syntax: [`Interval`].

use std::{convert::Infallible, error::Error, fmt, num::NonZeroU64, str::FromStr, time::Duration};

use super::UnixTime;

/// More decimal places do not change the result.
const MAX_PLACES: usize = 18;
/// The maximum length of the text.
const MAX_TEXT: usize = 40;

/// A duration of at least a second, in whole seconds.
///
/// As text it is a number of seconds (`3600`), or a decimal number with a unit: `d`, `h`, `m` or `s` for
/// days, hours, minutes and seconds. Fractions of a second are truncated.
///
/// # Example
///
/// ```
/// use auth_runtime::clock::Interval;
/// use std::time::Duration;
///
/// for (text, seconds) in [("30d", 2_592_000), ("1.5h", 5400), (".5m", 30), ("3600", 3600)] {
///     assert_eq!(text.parse::<Interval>()?, Interval::new(Duration::from_secs(seconds))?);
/// }
/// for text in ["", "d", "1w", "1 d", "1.d", "30D", "-1s", "1e3", "0.5s", "1.5"] {
///     assert!(text.parse::<Interval>().is_err());
/// }
/// # Ok::<(), auth_runtime::clock::InvalidInterval>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Interval(NonZeroU64);

impl Interval {
    /// Converts a duration, truncated to seconds.
    ///
    /// # Errors
    ///
    /// Fails for less than a second.
    pub const fn new(duration: Duration) -> Result<Self, InvalidInterval> {
        match NonZeroU64::new(duration.as_secs()) {
            Some(seconds) => Ok(Self(seconds)),
            None => Err(InvalidInterval(Reason::Zero)),
        }
    }

    /// Returns the duration in seconds, which is not zero.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0.get()
    }

    /// Returns how many whole intervals have passed since 1970.
    pub(crate) fn count_until(self, time: UnixTime) -> u64 {
        time.as_secs() / self.0
    }

    /// Returns the duration.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_secs(self.as_secs())
    }
}

impl FromStr for Interval {
    type Err = InvalidInterval;

    fn from_str(text: &str) -> Result<Self, InvalidInterval> {
        if text.len() > MAX_TEXT {
            return Err(InvalidInterval(Reason::Form));
        }
        let (number, unit) = match text.as_bytes().last() {
            Some(b'd') => (text.strip_suffix('d'), 86_400),
            Some(b'h') => (text.strip_suffix('h'), 3600),
            Some(b'm') => (text.strip_suffix('m'), 60),
            Some(b's') => (text.strip_suffix('s'), 1),
            // A plain number is in seconds; a fraction needs a unit.
            _ => (Some(text).filter(|text| !text.contains('.')), 1),
        };
        let form = InvalidInterval(Reason::Form);
        let number = number.ok_or(form)?;
        let (whole, places) = match number.split_once('.') {
            Some((whole, places)) if is_digits(places) && (whole.is_empty() || is_digits(whole)) => {
                (whole, places)
            }
            None if is_digits(number) => (number, ""),
            _ => return Err(form),
        };
        let seconds = seconds(whole, places, unit).ok_or(InvalidInterval(Reason::Long))?;
        Self::new(Duration::from_secs(seconds))
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Computes with integers only, so that nothing is rounded; `None` if there are too many digits.
fn seconds(whole: &str, places: &str, unit: u64) -> Option<u64> {
    let number = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<u64>().ok() };
    if places.len() > MAX_PLACES {
        return None;
    }
    let scale = 10_u128.checked_pow(u32::try_from(places.len()).ok()?)?;
    let fraction = u128::from(number(places)?).checked_mul(u128::from(unit))?.checked_div(scale)?;
    number(whole)?.checked_mul(unit)?.checked_add(u64::try_from(fraction).ok()?)
}

impl fmt::Display for Interval {
    /// Writes the longest unit of which it is a multiple; the result can be parsed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, name) in [(86_400, 'd'), (3600, 'h'), (60, 'm')] {
            let count = self.as_secs().checked_div(unit).filter(|_| self.as_secs().is_multiple_of(unit));
            if let Some(count) = count {
                return write!(f, "{count}{name}");
            }
        }
        write!(f, "{}s", self.as_secs())
    }
}

impl TryFrom<&str> for Interval {
    type Error = InvalidInterval;

    fn try_from(text: &str) -> Result<Self, InvalidInterval> {
        text.parse()
    }
}

impl TryFrom<Duration> for Interval {
    type Error = InvalidInterval;

    fn try_from(duration: Duration) -> Result<Self, InvalidInterval> {
        Self::new(duration)
    }
}

/// A text or duration is not a valid [`Interval`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidInterval(Reason);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reason {
    Form,
    Long,
    Zero,
}

impl fmt::Display for InvalidInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Reason::Form => {
                "not an interval; write seconds as `3600`, or a number with `d`, `h`, `m` or `s`, such as `30d`, `1.5h` or `90s`"
            }
            Reason::Long => "the interval has too many digits; `30d` or `1.5h` would do",
            Reason::Zero => "the interval is shorter than a second; write `1s` or more",
        })
    }
}

impl Error for InvalidInterval {}

/// Lets options accept an [`Interval`] as well as texts and durations.
impl From<Infallible> for InvalidInterval {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
