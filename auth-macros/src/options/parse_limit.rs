//! Parses limits of requests such as `30/1m`.

use crate::duration;

/// The longest time, in seconds: 30 days.
const LONGEST: u64 = 30 * 24 * 3600;

/// Returns the requests and the seconds of a limit, or the error message.
pub(super) fn parse(text: &str) -> Result<(u32, u64), String> {
    let Some((requests, time)) = text.split_once('/') else {
        return Err(format!("`{text}` is not a limit; write the requests and the time, as in `30/1m`"));
    };
    let is_number = !requests.is_empty() && requests.bytes().all(|byte| byte.is_ascii_digit());
    let requests = match requests.parse::<u32>() {
        Ok(0) => return Err(format!("`{text}` allows no request; write at least `1/{time}`")),
        Ok(requests) if is_number => requests,
        _ => return Err(format!("`{requests}` is not a number of requests; write for example `30/1m`")),
    };
    let seconds = duration::seconds(time)?;
    if seconds > LONGEST {
        return Err(format!("`{time}` is too long for a limit; write at most `30d`"));
    }
    if u64::from(requests) > seconds.saturating_mul(1000) {
        return Err(format!("`{text}` allows more than one request in a millisecond; write fewer"));
    }
    Ok((requests, seconds))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn limits_are_read() {
        for (text, expected) in [
            ("30/1m", (30, 60)),
            ("1/1s", (1, 1)),
            ("1000/1s", (1000, 1)),
            ("100/1h 30m", (100, 5400)),
            ("5/30d", (5, 2_592_000)),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn mistakes_are_answered_with_what_to_write() {
        for (text, message) in [
            ("", "`` is not a limit; write the requests and the time, as in `30/1m`"),
            ("30", "`30` is not a limit; write the requests and the time, as in `30/1m`"),
            ("0/1m", "`0/1m` allows no request; write at least `1/1m`"),
            ("/1m", "`` is not a number of requests; write for example `30/1m`"),
            ("+3/1m", "`+3` is not a number of requests; write for example `30/1m`"),
            ("9999999999/1m", "`9999999999` is not a number of requests; write for example `30/1m`"),
            ("30/60", "`60` has no unit; write `60s`, `60m`, `60h` or `60d`"),
            ("30/m", "`m` is not a duration; write numbers with `s`, `m`, `h` or `d`, as in `10m`"),
            ("30/31d", "`31d` is too long for a limit; write at most `30d`"),
            ("1001/1s", "`1001/1s` allows more than one request in a millisecond; write fewer"),
        ] {
            assert_eq!(parse(text), Err(message.to_owned()), "{text}");
        }
    }
}
