//! Imports tickets of the older format from cookies.

use std::{borrow::Cow, net::IpAddr};

use http::HeaderMap;

use super::combine_tickets::{Count, who};
use crate::{
    clock::UnixTime,
    identity::cookie::{CookieConfig, CookieConfigError, CookieValues, MAX_READ},
    ticket::{Marks, Ticket, legacy::LegacyTickets},
};

#[derive(Debug)]
pub(super) struct Import {
    tickets: LegacyTickets,
    /// The cookies in which the old application may have set them
    pub(super) cookies: Vec<CookieConfig>,
}

/// The contents of the old cookies.
#[derive(Default)]
pub(super) struct Found {
    pub(super) tickets: Vec<Ticket>,
    pub(super) count: Count,
}

impl Import {
    pub(super) fn new(tickets: LegacyTickets) -> Result<Self, CookieConfigError> {
        let mut cookie =
            CookieConfig::new().with_name(tickets.cookie_name())?.with_path(tickets.cookie_path())?;
        if let Some(domain) = tickets.cookie_domain() {
            cookie = cookie.with_domain(domain)?;
        }
        Ok(Self { tickets, cookies: cookie.variants() })
    }

    /// Returns the earliest time of the log-in; renewals of the replacing ticket keep it.
    pub(super) fn first_login(&self, ticket: &Ticket) -> UnixTime {
        ticket.expires().minus(self.tickets.max_age())
    }

    /// Returns the expiry of the old ticket that this one may have replaced.
    pub(super) fn last_expiry(&self, ticket: &Ticket) -> UnixTime {
        ticket.first_login().plus(self.tickets.max_age())
    }

    pub(super) fn find(
        &self,
        headers: &HeaderMap,
        address: Option<IpAddr>,
        now: UnixTime,
        is_valid: impl Fn(&Ticket) -> bool,
    ) -> Found {
        let mut found = Found::default();
        for value in CookieValues::new(headers, self.tickets.cookie_name()) {
            found.count.candidates = found.count.candidates.saturating_add(1);
            if found.count.candidates > MAX_READ {
                break;
            }
            let Some(ticket) = self.read(value.as_bytes(), address, now).filter(&is_valid) else { continue };
            let first = found.tickets.first();
            found.count.is_contradictory |= first.is_some_and(|first| who(first) != who(&ticket));
            found.count.valid = found.count.valid.saturating_add(1);
            found.tickets.push(ticket);
        }
        found
    }

    fn read(&self, value: &[u8], address: Option<IpAddr>, now: UnixTime) -> Option<Ticket> {
        let text = unquoted(std::str::from_utf8(value).ok()?)?;
        let ticket = self.tickets.open(&text, address).ok()?.with_mark(Marks::IMPORTED, true);
        // If the old application's lifetime was longer than configured, the ticket is not from the future.
        let (issued, expires) = (ticket.issued().min(now), ticket.expires());
        Some(ticket.with_first_login(issued).with_times(issued, expires))
    }
}

/// The old application's cookie library quotes values with a `/` or a comma, and encodes a comma as `\054`.
fn unquoted(value: &str) -> Option<Cow<'_, str>> {
    let Some(quoted) = value.strip_prefix('"') else { return Some(Cow::Borrowed(value)) };
    let text = quoted.strip_suffix('"')?;
    Some(if text.contains('\\') { Cow::Owned(text.replace("\\054", ",")) } else { Cow::Borrowed(text) })
}
