//! Answers the conditions that are about the time or the client's network, and finds when an answer changes.

use core::net::IpAddr;

use super::{Condition, ConditionAnswer, ConditionKind, network::Network, parse_times::DAY};

#[expect(clippy::arithmetic_side_effects, reason = "times of a day are below its length")]
impl Condition {
    /// Answers at a time, in seconds since 1970-01-01 00:00:00 UTC; unknown if it is not about the time.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Condition, acl::ConditionAnswer};
    ///
    /// const NIGHT: Condition = Condition::daily("night", "22:00", "06:00");
    /// assert_eq!(NIGHT.at(23 * 3600), ConditionAnswer::Holds);
    /// assert_eq!(NIGHT.at(6 * 3600), ConditionAnswer::Fails);
    /// ```
    #[must_use]
    pub const fn at(&self, seconds: u64) -> ConditionAnswer {
        match self.kind {
            ConditionKind::Period(from, until) => ConditionAnswer::of(from <= seconds && seconds < until),
            ConditionKind::Daily(from, until) => {
                let (time, from, until) = (seconds % DAY, from as u64, until as u64);
                ConditionAnswer::of(if from < until {
                    from <= time && time < until
                } else {
                    from <= time || time < until
                })
            }
            _ => ConditionAnswer::Unknown,
        }
    }

    /// Returns in how many seconds the answer changes by itself, or `None` if it does not.
    #[doc(hidden)]
    #[must_use]
    pub const fn changes_in(&self, seconds: u64) -> Option<u64> {
        match self.kind {
            ConditionKind::Period(from, until) => {
                match (from.checked_sub(seconds), until.checked_sub(seconds)) {
                    (None | Some(0), None | Some(0)) => None,
                    (None | Some(0), left) | (left, _) => left,
                }
            }
            ConditionKind::Daily(from, until) => {
                let time = seconds % DAY;
                // The clock may be anywhere in the day, so the next of both may be tomorrow.
                let begins = (from as u64 + DAY - time - 1) % DAY + 1;
                let ends = (until as u64 + DAY - time - 1) % DAY + 1;
                Some(if begins < ends { begins } else { ends })
            }
            _ => None,
        }
    }

    /// Answers for a client's address; unknown if it is not about networks.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Condition, acl::ConditionAnswer};
    ///
    /// const OFFICE: Condition = Condition::network("office", &["10.0.0.0/8", "2001:db8::/32"]);
    /// assert_eq!(OFFICE.for_address("10.1.2.3".parse().unwrap()), ConditionAnswer::Holds);
    /// assert_eq!(OFFICE.for_address("192.0.2.1".parse().unwrap()), ConditionAnswer::Fails);
    /// ```
    #[must_use]
    pub fn for_address(&self, address: IpAddr) -> ConditionAnswer {
        match self.kind {
            ConditionKind::Network(networks) => {
                let mut networks = networks.iter().filter_map(|text| Network::parse(text));
                ConditionAnswer::of(networks.any(|network| network.contains(address)))
            }
            _ => ConditionAnswer::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_change_is_where_the_answer_changes_next() {
        let conditions = [
            Condition::daily("day", "08:00", "18:00"),
            Condition::daily("night", "22:00", "06:00"),
            Condition::daily("morning", "00:00", "12:00"),
            Condition::daily("evening", "12:00", "00:00"),
            Condition::between("period", "1970-01-02T00:00:00Z", "1970-01-03T12:00:00Z"),
        ];
        for condition in conditions {
            for start in (0..4 * DAY).step_by(1_800) {
                let now = condition.at(start);
                let next = (1..=5 * DAY / 1_800).map(|steps| steps * 1_800);
                let expected = next.clone().find(|later| condition.at(start + later) != now);
                assert_eq!(condition.changes_in(start), expected, "{condition:?} {start}");
                assert_ne!(now, ConditionAnswer::Unknown);
            }
        }
        assert_eq!(Condition::custom("own").changes_in(0), None);
        assert_eq!(Condition::custom("own").at(0), ConditionAnswer::Unknown);
    }

    #[test]
    fn periods_include_their_begin_and_not_their_end() {
        let period = Condition::between("period", "2027-01-31T18:00:00Z", "2027-01-31T19:00:00Z");
        let begin = 1_801_418_400;
        for (time, holds) in
            [(begin - 1, false), (begin, true), (begin + 3_599, true), (begin + 3_600, false)]
        {
            assert_eq!(period.at(time), ConditionAnswer::of(holds), "{time}");
        }
    }
}
