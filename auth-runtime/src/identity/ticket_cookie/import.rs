//! Tickets of the older format, found in cookies.

use std::{borrow::Cow, net::IpAddr};

use http::HeaderMap;

use crate::{
    clock::UnixTime,
    identity::cookie::{CookieConfig, CookieConfigError, CookieValues, MAX_CANDIDATES},
    ticket::{Marks, Ticket, legacy::LegacyTickets},
};

#[derive(Debug)]
pub(super) struct Import {
    tickets: LegacyTickets,
    /// How the old application's cookie is removed
    pub(super) cookie: CookieConfig,
}

/// What the old cookies held.
pub(super) enum Found {
    Conflict,
    Nothing { presented: bool },
    Ticket(Ticket),
}

impl Import {
    pub(super) fn new(tickets: LegacyTickets) -> Result<Self, CookieConfigError> {
        let cookie = CookieConfig::new().with_name(tickets.cookie_name())?;
        Ok(Self { tickets, cookie })
    }

    pub(super) fn find(
        &self,
        headers: &HeaderMap,
        address: Option<IpAddr>,
        now: UnixTime,
        is_valid: impl Fn(&Ticket) -> bool,
    ) -> Found {
        let mut found: Option<Ticket> = None;
        let mut presented = false;
        for value in CookieValues::new(headers, self.cookie.name()).take(MAX_CANDIDATES) {
            presented = true;
            let Some(ticket) = self.read(value.as_bytes(), address, now).filter(&is_valid) else { continue };
            match &found {
                Some(other) if other.identity() != ticket.identity() => return Found::Conflict,
                Some(_) => {}
                None => found = Some(ticket),
            }
        }
        found.map_or(Found::Nothing { presented }, Found::Ticket)
    }

    fn read(&self, value: &[u8], address: Option<IpAddr>, now: UnixTime) -> Option<Ticket> {
        let text = unquoted(std::str::from_utf8(value).ok()?)?;
        let ticket = self.tickets.open(&text, address).ok()?.with_mark(Marks::IMPORTED, true);
        // Where the old application's lifetime was longer than we were told, the ticket is not from the future.
        let (issued, expires) = (ticket.issued().min(now), ticket.expires());
        Some(ticket.with_first_login(issued).with_times(issued, expires))
    }
}

/// The old application's cookie library puts values with a `/` or a comma between quotes, and a comma becomes `\054`.
fn unquoted(value: &str) -> Option<Cow<'_, str>> {
    let Some(quoted) = value.strip_prefix('"') else { return Some(Cow::Borrowed(value)) };
    let text = quoted.strip_suffix('"')?;
    Some(if text.contains('\\') { Cow::Owned(text.replace("\\054", ",")) } else { Cow::Borrowed(text) })
}
