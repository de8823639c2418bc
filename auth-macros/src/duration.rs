//! Parses durations such as `10m` or `1h 30m`.

/// The longest duration, in seconds: a hundred years of 365 days.
const LONGEST: u64 = 36_500 * 24 * 3600;

/// Returns the seconds of a duration, or the error message.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    if text.trim().is_empty() {
        return Err("the duration is empty; write for example `10m`".to_owned());
    }
    if !text.contains(|c: char| !c.is_ascii_digit()) {
        return Err(format!("`{text}` has no unit; write `{text}s`, `{text}m`, `{text}h` or `{text}d`"));
    }
    // `M` is a month, and a slip for `m`.
    let duration = humantime::parse_duration(text).ok().filter(|_| !text.contains('M'));
    let Some(duration) = duration else {
        return Err(format!(
            "`{text}` is not a duration; write numbers with `s`, `m`, `h` or `d`, as in `10m`"
        ));
    };
    match duration.as_secs() {
        _ if duration.subsec_nanos() != 0 => {
            Err(format!("`{text}` is not a whole number of seconds; write for example `10m`"))
        }
        0 => Err(format!("`{text}` is zero; write at least `1s`")),
        seconds if seconds <= LONGEST => Ok(seconds),
        _ => Err(format!("`{text}` is too long; write at most `36500d`")),
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn durations_are_read() {
        for (text, expected) in [
            ("1s", 1),
            ("30s", 30),
            ("10m", 600),
            ("010m", 600),
            ("1h30m", 5400),
            ("1h 30m", 5400),
            ("1.5h", 5400),
            ("10 minutes", 600),
            (" 10m ", 600),
            ("1week", 604_800),
            ("2d", 172_800),
            ("36500d", 3_153_600_000),
        ] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn mistakes_are_answered_with_what_to_write() {
        for (text, message) in [
            ("", "the duration is empty; write for example `10m`"),
            ("  ", "the duration is empty; write for example `10m`"),
            ("10", "`10` has no unit; write `10s`, `10m`, `10h` or `10d`"),
            ("0m", "`0m` is zero; write at least `1s`"),
            ("500ms", "`500ms` is not a whole number of seconds; write for example `10m`"),
            ("1s 1ns", "`1s 1ns` is not a whole number of seconds; write for example `10m`"),
            ("36501d", "`36501d` is too long; write at most `36500d`"),
        ] {
            assert_eq!(seconds(text), Err(message.to_owned()), "{text}");
        }
        let strange =
            ["10M", "ten", "-1m", "- 1m", "1.m", ".5h", "1e3s", "-10", "１０m", "99999999999999999999d", "m"];
        for text in strange {
            let message =
                format!("`{text}` is not a duration; write numbers with `s`, `m`, `h` or `d`, as in `10m`");
            assert_eq!(seconds(text), Err(message), "{text}");
        }
    }
}
