//! How long tickets live, and when they are renewed.

use std::time::Duration;

use crate::{
    clock::UnixTime,
    identity::cookie::MAX_AGE,
    ticket::{Marks, Ticket},
};

#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    pub(super) lifetime: Duration,
    pub(super) renewal: Renewal,
    pub(super) absolute: Duration,
    pub(super) skew: Duration,
    /// The longest that the ring's keys verify what they sign
    pub(super) longest: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Renewal {
    After(Duration),
    AfterHalf,
    Never,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_hours(8),
            renewal: Renewal::AfterHalf,
            absolute: Duration::from_hours(7 * 24),
            skew: Duration::from_mins(1),
            longest: MAX_AGE,
        }
    }
}

impl Schedule {
    /// The default, for keys that are kept so long after they signed.
    pub(super) fn within(kept: Option<Duration>) -> Self {
        Self { longest: kept.unwrap_or(MAX_AGE).min(MAX_AGE), ..Self::default() }
    }

    /// When a ticket that is issued now expires; never later than the absolute limit after the first log-in, nor than the
    /// key that signs it is kept.
    pub(super) fn expiry(&self, now: UnixTime, lifetime: Duration, first_login: UnixTime) -> UnixTime {
        now.plus(lifetime.min(self.longest)).min(first_login.plus(self.absolute))
    }

    /// When the ticket, and each renewal of it that was issued by now, has ended: another instance may have issued one just
    /// now, and its clock may be ahead. A ticket of another format `is_replaced` even where none is renewed.
    pub(super) fn end_of_renewals(&self, ticket: &Ticket, is_replaced: bool, now: UnixTime) -> UnixTime {
        let lifetime = ticket.expires().since(ticket.issued());
        let lifetime = if is_replaced || self.renews() { lifetime.max(self.lifetime) } else { lifetime };
        let renewed = now.plus(self.skew).plus(lifetime);
        ticket.expires().max(renewed).min(ticket.first_login().plus(self.absolute))
    }

    pub(super) const fn renews(&self) -> bool {
        !matches!(self.renewal, Renewal::Never)
    }

    pub(super) fn is_valid(&self, ticket: &Ticket, now: UnixTime) -> bool {
        ticket.check(now, self.skew, self.absolute).is_ok()
    }

    pub(super) fn is_due(&self, ticket: &Ticket, now: UnixTime) -> bool {
        let lifetime = ticket.expires().since(ticket.issued());
        let after = match self.renewal {
            Renewal::After(age) => age,
            // Rounded up, so that the shortest lifetime is not renewed each time.
            Renewal::AfterHalf => Duration::from_secs(lifetime.as_secs().div_ceil(2)),
            Renewal::Never => return false,
        };
        // A ticket that lives up to the absolute limit has nothing to gain.
        let is_at_limit = ticket.expires() >= ticket.first_login().plus(self.absolute);
        !is_at_limit && after < lifetime && now.since(ticket.issued()) >= after
    }

    /// The ticket that replaces a valid one: the first log-in and all that was said at it stay.
    pub(super) fn renewed(&self, ticket: &Ticket, now: UnixTime) -> Ticket {
        let lifetime = if ticket.marks().has(Marks::OWN_LIFETIME) {
            ticket.expires().since(ticket.issued())
        } else {
            self.lifetime
        };
        ticket.clone().with_times(now, self.expiry(now, lifetime, ticket.first_login()))
    }
}
