//! Schedules the lifetimes and renewals of tickets: [`RenewalSchedule`].

use std::time::Duration;

use crate::{
    clock::UnixTime,
    identity::cookie::MAX_AGE,
    ticket::{Marks, Ticket},
};

#[derive(Clone, Copy, Debug)]
pub(super) struct RenewalSchedule {
    pub(super) lifetime: Duration,
    pub(super) renewal: Renewal,
    pub(super) absolute: Duration,
    pub(super) skew: Duration,
    /// How long the ring's keys verify
    pub(super) longest: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Renewal {
    After(Duration),
    AfterHalf,
    Never,
}

impl Default for RenewalSchedule {
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

impl RenewalSchedule {
    /// The default, limited to how long the keys verify.
    pub(super) fn within(kept: Option<Duration>) -> Self {
        Self { longest: kept.unwrap_or(MAX_AGE).min(MAX_AGE), ..Self::default() }
    }

    /// Returns the expiry of a ticket that is issued now; at most the absolute timeout after the log-in, and
    /// the lifetime of its key.
    pub(super) fn expiry(&self, now: UnixTime, lifetime: Duration, first_login: UnixTime) -> UnixTime {
        now.plus(lifetime.min(self.longest)).min(first_login.plus(self.absolute))
    }

    /// Returns when the ticket and each of its renewals have expired: another instance may have issued one
    /// just now, and its clock may be ahead. A ticket of another format `is_replaced` even without renewal.
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
        // A ticket that lives until the absolute timeout need not be renewed.
        let is_at_limit = ticket.expires() >= ticket.first_login().plus(self.absolute);
        !is_at_limit && after < lifetime && now.since(ticket.issued()) >= after
    }

    /// Returns the renewal of a valid ticket; the log-in time and its contents stay.
    pub(super) fn renewed(&self, ticket: &Ticket, now: UnixTime) -> Ticket {
        let lifetime = if ticket.marks().has(Marks::OWN_LIFETIME) {
            ticket.expires().since(ticket.issued())
        } else {
            self.lifetime
        };
        ticket.clone().with_times(now, self.expiry(now, lifetime, ticket.first_login()))
    }
}
