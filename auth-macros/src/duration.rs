//! Parses durations such as `10m`.

/// The maximum, in seconds: a hundred years of 365 days.
const LONGEST: u64 = 36_500 * 24 * 3600;

/// Returns the seconds of a duration, or the message about the text.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    if text.trim().is_empty() {
        return Err("the duration is empty; write for example `10m`".to_owned());
    }
    let (sign, rest) = match text.trim().strip_prefix('-') {
        Some(rest) => ("-", rest.trim_start()),
        None => ("", text.trim()),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, unit) = rest.split_at(end);
    let Some(number) = Number::parse(number) else { return Err(unknown(text)) };
    if unit.is_empty() && sign.is_empty() {
        return Err(format!("`{text}` has no unit; write `{rest}s`, `{rest}m`, `{rest}h` or `{rest}d`"));
    }
    let Some((letter, factor)) = unit_of(unit.trim()) else { return Err(unknown(text)) };
    let plain = if unit.trim().to_lowercase().starts_with('w') {
        number.times(7).map(|days| format!("{days}d"))
    } else {
        Some(format!("{}{letter}", number.text))
    };
    let Some(plain) = plain else { return Err(unknown(text)) };
    if sign == "-" {
        return Err(format!("`{text}` is negative; write `{plain}`"));
    }
    if plain != text {
        return Err(format!("`{text}` is not a duration; write `{plain}`"));
    }
    match number.times(factor) {
        Some(0) => Err(format!("`{text}` is zero; write at least `1s`")),
        Some(seconds) if seconds <= LONGEST => Ok(seconds),
        None if number.is_small() => {
            Err(format!("`{text}` is not a whole number of seconds; write for example `10m`"))
        }
        Some(_) | None => Err(format!("`{text}` is too long; write at most `36500d`")),
    }
}

fn unknown(text: &str) -> String {
    format!("`{text}` is not a duration; write a number and `s`, `m`, `h` or `d`, as in `10m`")
}

/// Returns the unit that a word means, and its length in seconds.
fn unit_of(word: &str) -> Option<(char, u64)> {
    match word.to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => Some(('s', 1)),
        "m" | "min" | "mins" | "minute" | "minutes" => Some(('m', 60)),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some(('h', 3600)),
        "d" | "day" | "days" | "w" | "week" | "weeks" => Some(('d', 24 * 3600)),
        _ => None,
    }
}

/// An exact decimal number.
struct Number<'a> {
    text: &'a str,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Number<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        (digits(whole) && digits(fraction)).then_some(Self { text, whole, fraction })
    }

    /// Returns the product if it is an integer and fits.
    fn times(&self, factor: u64) -> Option<u64> {
        let fraction = self.fraction.trim_end_matches('0');
        let places = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let parts =
            if fraction.is_empty() { 0 } else { fraction.parse::<u64>().ok()?.checked_mul(factor)? };
        let whole = self.whole.parse::<u64>().ok()?.checked_mul(factor)?;
        parts
            .is_multiple_of(places)
            .then(|| parts.checked_div(places))?
            .and_then(|part| whole.checked_add(part))
    }

    /// Returns whether the number is small enough that a failed product is not an overflow.
    fn is_small(&self) -> bool {
        self.whole.parse::<u32>().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn spans_of_time() {
        for (text, expected) in [
            ("1s", 1),
            ("30s", 30),
            ("10m", 600),
            ("010m", 600),
            ("1.5h", 5400),
            ("0.5m", 30),
            ("1.50h", 5400),
            ("0.25d", 21_600),
            ("2d", 172_800),
            ("36500d", 3_153_600_000),
        ] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_told_what_to_write() {
        for (text, message) in [
            ("", "the duration is empty; write for example `10m`"),
            ("  ", "the duration is empty; write for example `10m`"),
            ("10", "`10` has no unit; write `10s`, `10m`, `10h` or `10d`"),
            ("10 minutes", "`10 minutes` is not a duration; write `10m`"),
            ("10 m", "`10 m` is not a duration; write `10m`"),
            (" 10m", "` 10m` is not a duration; write `10m`"),
            ("10M", "`10M` is not a duration; write `10m`"),
            ("1hour", "`1hour` is not a duration; write `1h`"),
            ("1w", "`1w` is not a duration; write `7d`"),
            ("2 weeks", "`2 weeks` is not a duration; write `14d`"),
            ("0m", "`0m` is zero; write at least `1s`"),
            ("0.0h", "`0.0h` is zero; write at least `1s`"),
            ("-1m", "`-1m` is negative; write `1m`"),
            ("-1 minute", "`-1 minute` is negative; write `1m`"),
            ("1.5s", "`1.5s` is not a whole number of seconds; write for example `10m`"),
            ("0.0001m", "`0.0001m` is not a whole number of seconds; write for example `10m`"),
            ("36501d", "`36501d` is too long; write at most `36500d`"),
            ("99999999999999999999d", "`99999999999999999999d` is too long; write at most `36500d`"),
            ("ten", "`ten` is not a duration; write a number and `s`, `m`, `h` or `d`, as in `10m`"),
            ("500ms", "`500ms` is not a duration; write a number and `s`, `m`, `h` or `d`, as in `10m`"),
            ("1h30m", "`1h30m` is not a duration; write a number and `s`, `m`, `h` or `d`, as in `10m`"),
            ("1.m", "`1.m` is not a duration; write a number and `s`, `m`, `h` or `d`, as in `10m`"),
            (".5h", "`.5h` is not a duration; write a number and `s`, `m`, `h` or `d`, as in `10m`"),
            ("1e3s", "`1e3s` is not a duration; write a number and `s`, `m`, `h` or `d`, as in `10m`"),
            ("-10", "`-10` is not a duration; write a number and `s`, `m`, `h` or `d`, as in `10m`"),
            ("１０m", "`１０m` is not a duration; write a number and `s`, `m`, `h` or `d`, as in `10m`"),
        ] {
            assert_eq!(seconds(text), Err(message.to_owned()), "{text}");
        }
    }
}
