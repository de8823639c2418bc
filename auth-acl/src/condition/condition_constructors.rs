//! Constructs conditions, and stops the build if their data are not valid.

use super::{Condition, ConditionKind, network::Network, parse_times};
use crate::{Name, const_message::Message, const_message::complain};

impl Condition {
    /// Declares a condition that the application answers: `AuthLayer::with_condition` binds it.
    ///
    /// # Panics
    ///
    /// Panics if the name is not one or more ASCII letters, digits, `-`, `_`, `.` or `:`. In a constant that is a
    /// compile error.
    #[must_use]
    #[track_caller]
    pub const fn custom(name: &'static str) -> Self {
        Self::new(name, ConditionKind::Custom)
    }

    /// Declares the condition that the time is at least `from` and before `until`, both in UTC such as
    /// `2027-01-31T18:00:00Z` (RFC 3339).
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Acl, Condition, acl};
    ///
    /// const ELECTION: Condition =
    ///     Condition::between("election", "2027-09-26T06:00:00Z", "2027-09-26T16:00:00Z");
    ///
    /// const POLLS: Acl = acl![(Deny, Everyone, ["publish"], if ELECTION), (Allow, Group("press"), ["publish"])];
    /// # let _ = POLLS;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics as [`custom`](Self::custom) does, and if one of the times is not valid or `until` is not after `from`. In
    /// a constant that is a compile error.
    #[must_use]
    #[track_caller]
    pub const fn between(name: &'static str, from: &'static str, until: &'static str) -> Self {
        let (start, end) = (parse_times::instant(from), parse_times::instant(until));
        if start >= end {
            complain(
                &quoted(until)
                    .push(" is not after ")
                    .push_name(Name::Text(from))
                    .push("; exchange the times"),
            );
        }
        Self::new(name, ConditionKind::Period(start, end))
    }

    /// Declares the condition that the time of day in UTC is at least `from` and before `until`, such as `07:00` and
    /// `17:00`. If `from` is later, the period includes midnight.
    ///
    /// # Panics
    ///
    /// Panics as [`custom`](Self::custom) does, and if one of the times is not valid or both are the same. In a constant
    /// that is a compile error.
    #[must_use]
    #[track_caller]
    pub const fn daily(name: &'static str, from: &'static str, until: &'static str) -> Self {
        let (start, end) = (parse_times::time_of_day(from), parse_times::time_of_day(until));
        if start == end {
            complain(&quoted(until).push(" is the begin of this period, too; write a later time"));
        }
        Self::new(name, ConditionKind::Daily(start, end))
    }

    /// Declares the condition that the client's address is in one of these networks, such as `10.0.0.0/8`,
    /// `2001:db8::/32` or a single address.
    ///
    /// The client's address is that of the connection, or the one that trusted proxies send:
    /// `AuthLayer::with_client_address`.
    ///
    /// # Panics
    ///
    /// Panics as [`custom`](Self::custom) does, and if there is no network, or one is not valid. In a constant that is a
    /// compile error.
    #[must_use]
    #[track_caller]
    pub const fn network(name: &'static str, networks: &'static [&'static str]) -> Self {
        let mut rest = networks;
        if rest.is_empty() {
            complain(
                &Message::new().push("this condition has no network; write for example `[\"10.0.0.0/8\"]`"),
            );
        }
        while let [text, others @ ..] = rest {
            if Network::parse(text).is_none() {
                complain(&quoted(text).push(
                    " is not a network; write an address such as `10.0.0.0/8` or `2001:db8::/32`, without bits \
                     beyond the prefix",
                ));
            }
            rest = others;
        }
        Self::new(name, ConditionKind::Network(networks))
    }

    /// Declares the condition that the request's access token has this scope (RFC 6749, section 3.3).
    ///
    /// # Panics
    ///
    /// Panics as [`custom`](Self::custom) does, and if the scope is not valid. In a constant that is a compile error.
    #[must_use]
    #[track_caller]
    pub const fn scope(name: &'static str, scope: &'static str) -> Self {
        let mut rest = scope.as_bytes();
        let mut is_scope = !rest.is_empty();
        while let [byte, others @ ..] = rest {
            is_scope = is_scope && matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            rest = others;
        }
        if !is_scope {
            complain(&quoted(scope).push(" is not a scope; write visible ASCII characters without spaces"));
        }
        Self::new(name, ConditionKind::Scope(scope))
    }

    /// Declares the condition that the user has authenticated at most so many seconds ago (step-up authentication).
    ///
    /// The option `fresh` of a guard asks the user to log in again; this condition does not.
    ///
    /// # Panics
    ///
    /// Panics as [`custom`](Self::custom) does. In a constant that is a compile error.
    #[must_use]
    #[track_caller]
    pub const fn max_age(name: &'static str, seconds: u64) -> Self {
        Self::new(name, ConditionKind::MaxAge(seconds))
    }

    /// Declares the condition that the user has authenticated in one of these contexts (`acr`, step-up authentication).
    ///
    /// The option `acr` of a guard asks the user to log in again; this condition does not.
    ///
    /// # Panics
    ///
    /// Panics as [`custom`](Self::custom) does, and if there is no context. In a constant that is a compile error.
    #[must_use]
    #[track_caller]
    pub const fn acr(name: &'static str, contexts: &'static [&'static str]) -> Self {
        if contexts.is_empty() {
            complain(&Message::new().push("this condition has no context; write for example `[\"phr\"]`"));
        }
        Self::new(name, ConditionKind::Acr(contexts))
    }

    #[track_caller]
    const fn new(name: &'static str, kind: ConditionKind) -> Self {
        let mut rest = name.as_bytes();
        let mut is_name = !rest.is_empty();
        while let [byte, others @ ..] = rest {
            is_name = is_name && (byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':'));
            rest = others;
        }
        if !is_name {
            complain(&quoted(name).push(" is not a name of a condition; write for example `office-hours`"));
        }
        Self { name, kind }
    }
}

pub(super) const fn quoted(text: &str) -> Message {
    Message::new().push_name(Name::Text(text))
}
