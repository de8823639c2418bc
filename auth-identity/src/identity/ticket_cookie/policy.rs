//! Implements [`IdentityPolicy`] for signed cookies.

use async_trait::async_trait;
use http::{HeaderValue, header::SET_COOKIE};

use super::{
    TicketCookie,
    find_ticket::NO_ADDRESS,
    ticket_data::{Circumstances, TicketData},
};
use crate::{
    Identity,
    answer_future::Answer,
    clock::UnixTime,
    identity::{
        ChangeContext, Effects, Identification, Identified, IdentityError, IdentityPolicy, Incoming,
        Lifetime, LoginOptions, cookie::insecure_on_loopback,
    },
    ticket::{Marks, Ticket},
};

#[async_trait]
impl IdentityPolicy for TicketCookie {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        Answer::Now(Ok(self.find(request)))
    }

    async fn remember(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        options: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        self.issue(context, identity, options)
    }

    async fn forget(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        self.end(context.identified())
    }

    async fn renew(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        self.reissue(context)
    }

    fn challenge(&self) -> HeaderValue {
        self.challenge.clone()
    }
}

impl TicketCookie {
    fn issue(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        options: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        let on = self.kept_circumstances(context)?;
        if let Some(first_login) = options.authenticated_at() {
            return self.replace(context, identity, options, first_login);
        }
        let (lifetime, mark) = match options.lifetime() {
            Lifetime::Configured => (self.schedule.lifetime, None),
            Lifetime::For(lifetime) => (lifetime, Some(Marks::OWN_LIFETIME)),
            Lifetime::BrowserSession => (self.schedule.lifetime, Some(Marks::BROWSER_SESSION)),
        };
        let now = context.now();
        let expires = self.schedule.expiry(now, lifetime, now);
        if expires <= now {
            return Err(IdentityError::misconfigured("a ticket must live for a second or longer"));
        }
        let mut ticket = Ticket::new(identity.clone(), now, expires)
            .with_tokens(options.tokens())
            .with_public_data(options.public_data())
            .with_authentication(options.authentication().clone());
        if let Some(mark) = mark {
            ticket = ticket.with_mark(mark, true);
        }
        if let Some(actor) = options.actor() {
            ticket = ticket.with_actor(actor.clone());
        }
        let effects = self.alone(self.written(&ticket, on, now)?, context)?;
        Ok(match options.actor() {
            Some(_) => effects.with_identified(self.known(ticket, on, now)),
            None => effects,
        })
    }

    /// Issues a ticket that replaces the request's own and does not outlive it.
    fn replace(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        options: &LoginOptions,
        first_login: UnixTime,
    ) -> Result<Effects, IdentityError> {
        let (on, now) = (self.kept_circumstances(context)?, context.now());
        let earlier = context.current().memo::<TicketData>().map(|data| data.ticket.clone());
        let known = earlier.as_ref().map_or(now, Ticket::first_login);
        let first_login = first_login.min(known).min(now);
        let marks = earlier.as_ref().map(Ticket::marks).unwrap_or_default();
        let is_own = marks.has(Marks::OWN_LIFETIME);
        let lifetime = match &earlier {
            Some(ticket) if is_own => ticket.expires().since(ticket.issued()),
            _ => self.schedule.lifetime,
        };
        // Without renewal, tickets end one lifetime after the log-in.
        let from = if self.schedule.renews() { now } else { first_login };
        let expires = self.schedule.expiry(from, lifetime, first_login);
        if expires <= now {
            return Err(IdentityError::refuse("the log-in that this would go back to is over"));
        }
        let mut ticket = Ticket::new(identity.clone(), now, expires)
            .with_first_login(first_login)
            .with_tokens(options.tokens())
            .with_public_data(options.public_data())
            .with_authentication(options.authentication().clone())
            .with_mark(Marks::OWN_LIFETIME, is_own)
            .with_mark(Marks::BROWSER_SESSION, marks.has(Marks::BROWSER_SESSION))
            .with_mark(Marks::IMPORTED, marks.has(Marks::IMPORTED));
        if let Some(actor) = options.actor() {
            ticket = ticket.with_actor(actor.clone());
        }
        let effects = self.alone(self.written(&ticket, on, now)?, context)?;
        Ok(effects.with_identified(self.known(ticket, on, now)))
    }

    fn reissue(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        let now = context.now();
        let Some(data) = context.identified().memo::<TicketData>() else { return Ok(Effects::none()) };
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

    /// Returns the request's state; without it no ticket may be set.
    fn kept_circumstances(&self, context: &ChangeContext<'_>) -> Result<Circumstances, IdentityError> {
        if !self.depends_on_circumstances() {
            return Ok(Circumstances::default());
        }
        let unknown = if self.cookie.is_secure() { NO_ADDRESS } else { insecure_on_loopback::NOT_LOOPBACK };
        let on = Circumstances::of(context.identified()).ok_or(IdentityError::misconfigured(unknown))?;
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

    /// Removes the other cookies of the request, which would contradict a log-in.
    fn alone(&self, effects: Effects, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        let several = context.identified().several;
        self.and_remove_import(self.cookie.and_remove_variants(effects, several)?)
    }

    /// Removes every cookie of the request, as far as their attributes are known.
    fn end(&self, carried: &Identified) -> Result<Effects, IdentityError> {
        match carried.several.filter(|several| several.is_import) {
            None => self.and_remove_import(self.cookie.remove_all(carried.several)?),
            Some(several) => {
                let own = self.cookie.remove()?.headers().count();
                let effects = self.and_remove_import(self.cookie.remove()?)?;
                let lines = effects.headers().count().saturating_sub(own);
                Ok(several.left_by(lines, effects))
            }
        }
    }

    /// Removes the old application's cookie, which must not outlive a log-in or a log-out.
    fn and_remove_import(&self, mut effects: Effects) -> Result<Effects, IdentityError> {
        for cookie in self.import.iter().flat_map(|import| &import.cookies) {
            // The header that sets or removes our cookie is already there.
            if !cookie.is_same_as(&self.cookie) {
                effects = effects.and_header(SET_COOKIE, cookie.as_secure_as(&self.cookie).removal()?);
            }
        }
        Ok(effects)
    }
}
