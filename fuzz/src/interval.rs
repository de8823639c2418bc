//! Durations in configurations and attributes.

use auth_runtime::clock::Interval;

#[path = "../../auth-macros/src/duration.rs"]
mod duration;

/// Both parsers agree where both accept, and the formatted result parses again.
pub fn check(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let interval = text.parse::<Interval>();
    if let Ok(interval) = interval {
        assert_eq!(interval.to_string().parse(), Ok(interval));
        assert!(interval.as_secs() > 0);
        assert_eq!(Interval::new(interval.as_duration()), Ok(interval));
    }
    match (duration::seconds(text), interval) {
        (Ok(seconds), Ok(interval)) => assert_eq!(interval.as_secs(), seconds),
        // The attributes accept words and several units as well.
        (Ok(_), Err(_)) => {}
        (Err(message), _) => assert!(!message.is_empty()),
    }
    interval.is_ok()
}
