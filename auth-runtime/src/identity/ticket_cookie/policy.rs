//! Finding, remembering and forgetting.

use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderValue, header::SET_COOKIE};

use super::{
    TicketCookie,
    data::{Circumstances, TicketData},
    import::Found,
};
use crate::{
    Identity,
    clock::UnixTime,
    events,
    identity::{
        Effects, Identified, IdentityError, IdentityPolicy, Incoming, Lifetime, Occasion, Remember,
        cookie::{CookieValues, MAX_CANDIDATES, loopback},
    },
    ticket::{Marks, Ticket},
};

const NO_ADDRESS: &str = "the client's address is not known, but tickets are bound to it; \
    serve with connect info and name the proxies";

#[async_trait]
impl IdentityPolicy for TicketCookie {
    async fn identify(&self, request: &Incoming<'_>) -> Result<Identified, IdentityError> {
        Ok(self.find(request))
    }

    fn identify_now(&self, request: &Incoming<'_>) -> Option<Result<Identified, IdentityError>> {
        Some(Ok(self.find(request)))
    }

    async fn remember(
        &self,
        occasion: &Occasion<'_>,
        identity: &Identity,
        options: &Remember,
    ) -> Result<Effects, IdentityError> {
        self.issue(occasion, identity, options)
    }

    async fn forget(&self, _: &Occasion<'_>) -> Result<Effects, IdentityError> {
        self.and_remove_import(self.cookie.remove()?)
    }

    async fn renew(&self, occasion: &Occasion<'_>) -> Result<Effects, IdentityError> {
        self.reissue(occasion)
    }

    fn challenge(&self) -> HeaderValue {
        self.challenge.clone()
    }
}

impl TicketCookie {
    fn find(&self, request: &Incoming<'_>) -> Identified {
        let circumstances = self.circumstances(request);
        let identified = self.identified(request, circumstances);
        // Only what `remember` will need is kept: the common request allocates nothing.
        let is_kept = self.depends_on_circumstances() && identified.identity().is_none();
        if is_kept { identified.with_memo(Arc::new(circumstances)) } else { identified }
    }

    const fn depends_on_circumstances(&self) -> bool {
        self.address.is_some() || !self.cookie.is_secure()
    }

    fn circumstances(&self, request: &Incoming<'_>) -> Circumstances {
        let mut circumstances = Circumstances::default();
        if !self.cookie.is_secure() && !loopback::is_loopback(request) {
            circumstances.obstacle = Some(loopback::NOT_LOOPBACK);
        } else if let Some(address) = &self.address {
            circumstances.address = address.bound(request);
            circumstances.obstacle = circumstances.address.is_none().then_some(NO_ADDRESS);
        }
        circumstances
    }

    fn identified(&self, request: &Incoming<'_>, on: Circumstances) -> Identified {
        let now = request.now();
        let mut newest: Option<Ticket> = None;
        let mut candidates: usize = 0;
        for value in CookieValues::new(request.headers(), self.cookie.name()) {
            candidates = candidates.saturating_add(1);
            // No browser sends that many; somebody wants us to work.
            if candidates > MAX_CANDIDATES || on.obstacle.is_some() {
                return Identified::bad_credential();
            }
            let Some(ticket) = self.open(value.as_bytes(), on, now) else { continue };
            match &newest {
                Some(other) if (other.identity(), other.actor()) != (ticket.identity(), ticket.actor()) => {
                    return Identified::contradictory();
                }
                Some(other) if other.issued() >= ticket.issued() => {}
                _ => newest = Some(ticket),
            }
        }
        match newest {
            Some(ticket) => self.known(ticket, on, now),
            None => self.imported(request, on, candidates > 0),
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

    fn imported(&self, request: &Incoming<'_>, on: Circumstances, presented: bool) -> Identified {
        let none = if presented { Identified::bad_credential() } else { Identified::anonymous() };
        let Some(import) = self.import.as_ref().filter(|_| on.obstacle.is_none()) else { return none };
        let address = match &self.address {
            Some(address) => address.find(request),
            None => request.peer().map(|peer| peer.ip().to_canonical()),
        };
        let now = request.now();
        match import.find(request.headers(), address, now, |ticket| self.schedule.is_valid(ticket, now)) {
            Found::Conflict => Identified::contradictory(),
            Found::Nothing { presented: true } => Identified::bad_credential(),
            Found::Nothing { presented: false } => none,
            Found::Ticket(ticket) => self.known(ticket, Circumstances { is_import: true, ..on }, now),
        }
    }

    fn known(&self, ticket: Ticket, on: Circumstances, now: UnixTime) -> Identified {
        let is_due = on.is_import || self.schedule.is_due(&ticket, now);
        let is_kept = is_due
            || self.depends_on_circumstances()
            || !ticket.tokens().is_empty()
            || !ticket.public_data().is_empty()
            // Whoever takes this ticket's place must not live longer.
            || ticket.marks() != Marks::default();
        let mut identified = Identified::known(ticket.identity().clone())
            .with_renewal_due(is_due)
            .with_expires(self.schedule.end_of_renewals(&ticket, now));
        // Of a ticket from elsewhere nobody knows whether its user has just proved anything.
        if !ticket.marks().has(Marks::IMPORTED) {
            identified = identified.with_authenticated_at(ticket.first_login());
        }
        if let Some(actor) = ticket.actor() {
            identified = identified.with_actor(actor.clone());
        }
        if is_kept {
            identified = identified.with_memo(Arc::new(TicketData { ticket, circumstances: on }));
        }
        identified
    }

    fn issue(
        &self,
        occasion: &Occasion<'_>,
        identity: &Identity,
        options: &Remember,
    ) -> Result<Effects, IdentityError> {
        let on = self.kept_circumstances(occasion)?;
        if let Some(first_login) = options.authenticated_at() {
            return self.replace(occasion, identity, options, first_login);
        }
        let (lifetime, mark) = match options.lifetime() {
            Lifetime::Configured => (self.schedule.lifetime, None),
            Lifetime::For(lifetime) => (lifetime, Some(Marks::OWN_LIFETIME)),
            Lifetime::BrowserSession => (self.schedule.lifetime, Some(Marks::BROWSER_SESSION)),
        };
        let now = occasion.now();
        let expires = self.schedule.expiry(now, lifetime, now);
        if expires <= now {
            return Err(IdentityError::misconfigured("a ticket must live for a second or longer"));
        }
        let mut ticket = Ticket::new(identity.clone(), now, expires)
            .with_tokens(options.tokens())
            .with_public_data(options.public_data());
        if let Some(mark) = mark {
            ticket = ticket.with_mark(mark, true);
        }
        if let Some(actor) = options.actor() {
            ticket = ticket.with_actor(actor.clone());
        }
        let effects = self.and_remove_import(self.written(&ticket, on, now)?)?;
        Ok(match options.actor() {
            Some(_) => effects.with_identified(self.known(ticket, on, now)),
            None => effects,
        })
    }

    /// Issues a ticket that takes the place of the request's own, with no more time than that one had before it.
    fn replace(
        &self,
        occasion: &Occasion<'_>,
        identity: &Identity,
        options: &Remember,
        first_login: UnixTime,
    ) -> Result<Effects, IdentityError> {
        let (on, now) = (self.kept_circumstances(occasion)?, occasion.now());
        let earlier = occasion.current().memo::<TicketData>().map(|data| data.ticket.clone());
        let known = earlier.as_ref().map_or(now, Ticket::first_login);
        let first_login = first_login.min(known).min(now);
        let marks = earlier.as_ref().map(Ticket::marks).unwrap_or_default();
        let is_own = marks.has(Marks::OWN_LIFETIME);
        let lifetime = match &earlier {
            Some(ticket) if is_own => ticket.expires().since(ticket.issued()),
            _ => self.schedule.lifetime,
        };
        // Without renewal, nothing reaches further than one lifetime after the log-in.
        let from = if self.schedule.renews() { now } else { first_login };
        let expires = self.schedule.expiry(from, lifetime, first_login);
        if expires <= now {
            return Err(IdentityError::refuse("the log-in that this would go back to is over"));
        }
        let mut ticket = Ticket::new(identity.clone(), now, expires)
            .with_first_login(first_login)
            .with_tokens(options.tokens())
            .with_public_data(options.public_data())
            .with_mark(Marks::OWN_LIFETIME, is_own)
            .with_mark(Marks::BROWSER_SESSION, marks.has(Marks::BROWSER_SESSION))
            .with_mark(Marks::IMPORTED, marks.has(Marks::IMPORTED));
        if let Some(actor) = options.actor() {
            ticket = ticket.with_actor(actor.clone());
        }
        let effects = self.and_remove_import(self.written(&ticket, on, now)?)?;
        Ok(effects.with_identified(self.known(ticket, on, now)))
    }

    fn reissue(&self, occasion: &Occasion<'_>) -> Result<Effects, IdentityError> {
        let now = occasion.now();
        let Some(data) = occasion.identified().memo::<TicketData>() else { return Ok(Effects::none()) };
        let on = data.circumstances;
        // The handler may have taken long.
        let is_due = on.is_import || self.schedule.is_due(&data.ticket, now);
        if !is_due || !self.schedule.is_valid(&data.ticket, now) {
            return Ok(Effects::none());
        }
        let renewed = self.schedule.renewed(&data.ticket, now);
        if renewed.expires() <= now {
            return Ok(Effects::none());
        }
        let effects = self.written(&renewed, on, now)?;
        if on.is_import { self.and_remove_import(effects) } else { Ok(effects) }
    }

    /// What was found out about the request, where that matters; without it nothing may be remembered.
    fn kept_circumstances(&self, occasion: &Occasion<'_>) -> Result<Circumstances, IdentityError> {
        if !self.depends_on_circumstances() {
            return Ok(Circumstances::default());
        }
        let unknown = if self.cookie.is_secure() { NO_ADDRESS } else { loopback::NOT_LOOPBACK };
        let on = Circumstances::of(occasion.identified()).ok_or(IdentityError::misconfigured(unknown))?;
        on.obstacle.map_or(Ok(on), |obstacle| Err(IdentityError::misconfigured(obstacle)))
    }

    fn written(&self, ticket: &Ticket, on: Circumstances, now: UnixTime) -> Result<Effects, IdentityError> {
        let text = self
            .sealer
            .seal_at(now, ticket, on.address.as_ref())
            .map_err(|_| IdentityError::too_large("identity, tokens and data are too long for a cookie"))?;
        let is_session = ticket.marks().has(Marks::BROWSER_SESSION);
        self.cookie.set(&text, (!is_session).then(|| ticket.expires().since(now)))
    }

    /// The old application's cookie must not outlive a log-in or a log-out.
    fn and_remove_import(&self, effects: Effects) -> Result<Effects, IdentityError> {
        match &self.import {
            Some(import) if import.cookie.name() != self.cookie.name() => {
                Ok(effects.and_header(SET_COOKIE, import.cookie.removal()?))
            }
            _ => Ok(effects),
        }
    }
}
