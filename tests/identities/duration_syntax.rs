//! Lengths of time as text: what is taken, and what is refused.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers")]

use std::time::Duration;

use auth_runtime::{
    clock::{Interval, InvalidInterval, UnixTime},
    keys::Rotation,
};
use proptest::prelude::*;

#[test]
fn times_are_moved_by_whole_seconds_and_saturate() {
    let (second, noon) = (Duration::from_secs(1), UnixTime::from_secs(1_700_000_000));
    assert_eq!(noon.minus(second).plus(second), noon);
    assert_eq!(noon.since(noon.minus(second)), second);
    assert_eq!(noon.minus(Duration::from_millis(999)), noon);
    assert_eq!(noon.minus(Duration::MAX), UnixTime::from_secs(0));
    assert_eq!(noon.plus(Duration::MAX), UnixTime::from_secs(u64::MAX));
}

fn seconds(text: &str) -> Result<u64, InvalidInterval> {
    text.parse().map(Interval::as_secs)
}

#[test]
fn seconds_and_decimal_numbers_with_a_unit_are_intervals() {
    for (text, expected) in [
        ("30d", 2_592_000),
        ("1.5h", 5400),
        (".5m", 30),
        ("3600", 3600),
        ("1", 1),
        ("1s", 1),
        ("007", 7),
        ("90m", 5400),
        ("0.25d", 21_600),
        ("1.9s", 1),
        ("1.999999999999999999m", 119),
        ("0.00001157407407408d", 1),
        ("18446744073709551615", u64::MAX),
    ] {
        assert_eq!(seconds(text), Ok(expected), "{text}");
    }
}

#[test]
fn everything_else_is_refused() {
    for text in [
        "",
        " ",
        "d",
        "s",
        ".",
        ".d",
        "1w",
        "1 d",
        " 1d",
        "1d ",
        "1.d",
        "30D",
        "1H",
        "-1s",
        "+1s",
        "-1",
        "1e3",
        "1e3s",
        "0x10",
        "1_000",
        "1,5h",
        "1.5",
        "1.5.5h",
        "inf",
        "infinity",
        "NaN",
        "infd",
        "None",
        "true",
        "1d2h",
        "1h30m",
        "٣d",
        "３d",
        "1ｄ",
        "1d\0",
        "\u{2212}1s",
        "10 minutes",
        "1min",
        "1ms",
        "1µs",
    ] {
        let error = seconds(text).unwrap_err();
        assert!(error.to_string().contains("such as `30d`"), "{text}: {error}");
    }
    for text in ["0", "0s", "0d", ".0h", "0.5s", ".9s", "0.0001m", "0.00001157407d", "000"] {
        let error = seconds(text).unwrap_err();
        assert!(error.to_string().contains("shorter than a second"), "{text}: {error}");
    }
    for text in
        ["18446744073709551616", "213503982334602d", "1.0000000000000000000s", "99999999999999999999d"]
    {
        let error = seconds(text).unwrap_err();
        assert!(error.to_string().contains("too many digits"), "{text}: {error}");
    }
    seconds(&"1".repeat(1_000_000)).unwrap_err();
}

#[test]
fn durations_and_texts_serve_where_an_interval_is_wanted() {
    let week = Duration::from_hours(7 * 24);
    for rotation in [
        Rotation::every("7d").unwrap(),
        Rotation::every(week).unwrap(),
        Rotation::every(Interval::new(week).unwrap()).unwrap(),
    ] {
        assert_eq!(rotation.interval().as_duration(), week);
    }
    let rotation = Rotation::every("7d").unwrap();
    assert!(Rotation::every(Duration::from_millis(999)).is_err());
    assert!(rotation.with_credential_lifetime("0s").is_err());
    assert!(rotation.with_activation_delay("soon").is_err());
    assert_eq!(rotation.with_credential_lifetime(week).unwrap().credential_lifetime(), week);
}

proptest! {
    #[test]
    fn what_is_shown_is_read_again(seconds in 1_u64..) {
        let interval = Interval::new(Duration::from_secs(seconds)).unwrap();
        prop_assert_eq!(interval.to_string().parse(), Ok(interval));
    }

    /// A second opinion: the same number as a fraction.
    #[test]
    fn fractions_are_cut_off_and_never_rounded_up(whole in 0_u64..1000, places in "[0-9]{1,9}", unit in 0_usize..4) {
        let (name, length) = [("d", 86_400_u128), ("h", 3600), ("m", 60), ("s", 1)][unit];
        let scale = 10_u128.pow(u32::try_from(places.len()).unwrap());
        let expected = (u128::from(whole) * scale + places.parse::<u128>().unwrap()) * length / scale;
        let read = seconds(&format!("{whole}.{places}{name}"));
        prop_assert_eq!(read.ok().map(u128::from), (expected > 0).then_some(expected));
    }

    #[test]
    fn no_text_is_a_panic(text in "\\PC*", number in "[0-9.eE+dhms-]{0,12}") {
        let _ = seconds(&text);
        let _ = seconds(&number);
    }
}
