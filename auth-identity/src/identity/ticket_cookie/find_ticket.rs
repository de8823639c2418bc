//! Finds the valid ticket among the cookies of a request.

use std::sync::Arc;

use super::{
    TicketCookie,
    combine_tickets::{Count, who},
    ticket_data::{Circumstances, TicketData},
};
use crate::{
    clock::UnixTime,
    events,
    identity::{
        Identified, Incoming,
        cookie::{CookieValues, MAX_CANDIDATES, MAX_READ, insecure_on_loopback},
        presented_credentials::Several,
    },
    ticket::{Marks, Ticket},
};

pub(super) const NO_ADDRESS: &str = "the client's address is not known, but tickets are bound to it; \
    serve with connect info and name the proxies";

impl TicketCookie {
    pub(super) fn find(&self, request: &Incoming<'_>) -> Identified {
        let circumstances = self.circumstances(request);
        let identified = self.identified(request, circumstances);
        // Attach only what `remember` needs: the common request does not allocate.
        let is_kept = self.depends_on_circumstances() && identified.identity().is_none();
        if is_kept { identified.with_memo(Arc::new(circumstances)) } else { identified }
    }

    pub(super) const fn depends_on_circumstances(&self) -> bool {
        self.address.is_some() || !self.cookie.is_secure()
    }

    fn circumstances(&self, request: &Incoming<'_>) -> Circumstances {
        let mut circumstances = Circumstances::default();
        if !self.cookie.is_secure() {
            circumstances.obstacle = insecure_on_loopback::obstacle(request);
        }
        if circumstances.obstacle.is_some() {
            return circumstances;
        }
        if let Some(address) = &self.address {
            circumstances.address = address.bound(request);
            circumstances.obstacle = circumstances.address.is_none().then_some(NO_ADDRESS);
        }
        circumstances
    }

    fn identified(&self, request: &Incoming<'_>, on: Circumstances) -> Identified {
        let now = request.now();
        let mut newest: Option<Ticket> = None;
        let mut others: Vec<Ticket> = Vec::new();
        let mut count = Count::default();
        for value in CookieValues::new(request.headers(), self.cookie.name()) {
            count.candidates = count.candidates.saturating_add(1);
            if on.obstacle.is_some() {
                return Identified::bad_credential();
            }
            // Browsers do not send so many cookies; do not spend work on them (denial of service).
            if count.candidates > MAX_READ {
                break;
            }
            let Some(ticket) = self.open(value.as_bytes(), on, now) else { continue };
            count.valid = count.valid.saturating_add(1);
            newest = Some(match newest {
                None => ticket,
                Some(other) => {
                    count.is_contradictory |= who(&other) != who(&ticket);
                    let is_older = other.issued() >= ticket.issued();
                    let (newer, older) = if is_older { (other, ticket) } else { (ticket, other) };
                    // Tickets of one log-in are revoked together.
                    if who(&older) != who(&newer) || older.first_login() != newer.first_login() {
                        others.push(older);
                    }
                    newer
                }
            });
        }
        match newest {
            Some(ticket) if count.candidates == 1 => self.known(ticket, on, now),
            None if count.candidates <= MAX_CANDIDATES => self.imported(request, on, count.candidates),
            newest => {
                let known = |ticket| self.known(ticket, on, now);
                count.several(newest.map(known), others.into_iter().map(known).collect(), false)
            }
        }
    }

    fn open(&self, text: &[u8], on: Circumstances, now: UnixTime) -> Option<Ticket> {
        let opened = self.sealer.open_at(now, text, on.address.as_ref());
        let checked = opened.and_then(|opened| {
            let ticket = opened.into_ticket();
            ticket.check(now, self.schedule.skew, self.schedule.absolute).map(|()| ticket)
        });
        checked.inspect_err(|error| events::ticket_refused(&error.kind())).ok()
    }

    fn imported(&self, request: &Incoming<'_>, on: Circumstances, candidates: usize) -> Identified {
        let none = if candidates > 0 { Identified::bad_credential() } else { Identified::anonymous() };
        let none = if candidates > 1 { none.with_several(Several::default(), Vec::new()) } else { none };
        let Some(import) = self.import.as_ref().filter(|_| on.obstacle.is_none()) else { return none };
        let address = match &self.address {
            Some(address) => address.find(request),
            None => request.peer().map(|peer| peer.ip().to_canonical()),
        };
        let now = request.now();
        let found =
            import.find(request.headers(), address, now, |ticket| self.schedule.is_valid(ticket, now));
        let on = Circumstances { is_import: true, ..on };
        let mut tickets = found.tickets.into_iter().map(|ticket| self.known(ticket, on, now));
        match (tickets.next(), found.count.candidates) {
            (None, 0) => none,
            (None, 1) => Identified::bad_credential(),
            (Some(ticket), 1) => ticket,
            (first, _) => found.count.several(first, tickets.collect(), true),
        }
    }

    pub(super) fn known(&self, ticket: Ticket, on: Circumstances, now: UnixTime) -> Identified {
        let is_due = on.is_import || self.schedule.is_due(&ticket, now);
        let is_kept = is_due
            || self.depends_on_circumstances()
            || !ticket.tokens().is_empty()
            || !ticket.public_data().is_empty()
            // A replacement must not outlive this ticket.
            || ticket.marks() != Marks::default();
        let mut identified = Identified::known(ticket.identity().clone())
            .with_renewal_due(is_due)
            .with_expires(self.end_of_log_in(&ticket, on, now));
        // The authentication time of an imported ticket is unknown. It has the same id as its replacement, so
        // that both are revoked together.
        identified = match &self.import {
            Some(import) if on.is_import => identified.with_login_named_by(import.first_login(&ticket)),
            _ if ticket.marks().has(Marks::IMPORTED) => identified.with_login_named_by(ticket.first_login()),
            _ => identified.with_authenticated_at(ticket.first_login()),
        };
        identified = identified.with_authentication(ticket.authentication().clone());
        if let Some(actor) = ticket.actor() {
            identified = identified.with_actor(actor.clone());
        }
        if is_kept {
            identified = identified.with_memo(Arc::new(TicketData { ticket, circumstances: on }));
        }
        identified
    }

    /// Returns when every ticket with the same id on a denylist has expired.
    fn end_of_log_in(&self, ticket: &Ticket, on: Circumstances, now: UnixTime) -> UnixTime {
        let end = self.schedule.end_of_renewals(ticket, on.is_import, now);
        match &self.import {
            Some(import) if ticket.marks().has(Marks::IMPORTED) => end.max(import.last_expiry(ticket)),
            _ => end,
        }
    }
}
