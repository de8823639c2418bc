//! Protects sessions against tampering with the store, by a signed ticket in each: [`SessionTicket`].

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use auth_identity::__private::credential_lifetime;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderValue;
use sha2::{Digest as _, Sha256};

use super::{
    SessionDetails, SessionIdentity, derived_ids::DerivedIds, stored_records::SessionIdentityRecord,
};
use auth_identity::{
    Identity, KeyRing,
    clock::UnixTime,
    identity::{
        ChangeContext, Data, DataEdits, Effects, Identification, Identified, IdentityError, IdentityPolicy,
        Incoming, LoginOptions,
    },
    ticket::{Ticket, TicketScope, TicketSealer},
};

/// Adds a signed ticket to each session, under the name of the cookie: a session without a valid ticket has
/// no identity.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, KeyRing, SessionIdentity, identity::session::SessionTicket};
///
/// let policy = SessionTicket::new(SessionIdentity::memory(), KeyRing::random());
/// let app: axum::Router = axum::Router::new().layer(AuthLayer::new(policy));
/// # let _ = app;
/// ```
///
/// # Security
///
/// An attacker who can write to the store, but has no key of the ring, cannot become another user. The ticket
/// is bound to its session, to the impersonator, and to the tokens and public data of the log-in, so it is
/// not valid in another session, and a session cannot gain tokens. It ends with the session; retiring a key
/// ends all sessions that it has signed.
///
/// The ticket does not cover mutable or descriptive parts: the data, the last use and the label.
pub struct SessionTicket {
    sessions: SessionIdentity,
    sealer: TicketSealer,
}

impl SessionTicket {
    /// Signs the sessions of this policy; call its [`sessions`](SessionIdentity::sessions) first.
    #[must_use]
    pub fn new(mut sessions: SessionIdentity, ring: KeyRing) -> Self {
        // A ticket must not outlive its key.
        if let Some(kept) = credential_lifetime(&ring) {
            sessions.limits.absolute = sessions.limits.absolute.min(kept);
        }
        let scope = TicketScope {
            purpose: "session",
            application: &sessions.application,
            name: sessions.cookie.name(),
        };
        Self { sealer: TicketSealer::new(ring, &scope), sessions }
    }

    fn key(&self) -> &str {
        self.sessions.cookie.name()
    }

    fn seal(
        &self,
        now: UnixTime,
        identity: &Identity,
        core: &SessionIdentityRecord,
        ids: &DerivedIds,
        data: Data,
    ) -> Result<Data, IdentityError> {
        let mut ticket =
            Ticket::new(identity.clone(), core.created(), core.expires()).with_tokens(signed(core, ids));
        if let Some(actor) = core.actor() {
            ticket = ticket.with_actor(actor.clone());
        }
        let text = self
            .sealer
            .seal_at(now, &ticket, None)
            .map_err(|_| IdentityError::too_large("the identity is too long for a ticket"))?;
        let mut data = data;
        data.edit(&DataEdits::new().set(self.key(), text));
        Ok(data)
    }

    fn checked(&self, now: UnixTime, found: Identified) -> Identified {
        let Some(identity) = found.identity() else { return found };
        let is_signed = found.memo::<SessionDetails>().is_some_and(|details| {
            let live = &details.live;
            let text = live.values.data.get(self.key());
            let opened = text.and_then(|text| self.sealer.open_at(now, text, None).ok());
            opened.is_some_and(|opened| {
                let ticket = opened.ticket();
                ticket.identity() == identity
                    && ticket.actor() == live.core.actor()
                    && *ticket.tokens() == signed(&live.core, &live.ids)
                    && ticket.issued() == live.core.created()
                    && ticket.expires() == live.core.expires()
            })
        });
        if is_signed {
            return self.without_ticket(found);
        }
        // A log-out with its cookie still ends the session.
        match found.memo::<SessionDetails>() {
            Some(details) => Identified::bad_credential().with_memo(details.refused()),
            None => Identified::bad_credential(),
        }
    }

    /// Hides the ticket from the application's data.
    fn without_ticket(&self, found: Identified) -> Identified {
        let Some(data) = found.data() else { return found };
        let mut data = Data::clone(data);
        data.edit(&DataEdits::new().remove(self.key()));
        found.with_data(Arc::new(data))
    }

    fn hidden(&self, mut effects: Effects) -> Effects {
        match effects.take_identified() {
            Some(identified) => effects.with_identified(self.without_ticket(identified)),
            None => effects,
        }
    }
}

/// Returns the other signed values: the session's name, and a digest of the tokens and the public data of the
/// log-in. Lengths make the list of texts unambiguous.
fn signed(core: &SessionIdentityRecord, ids: &DerivedIds) -> Vec<String> {
    let mut signed = vec![ids.public.as_str().to_owned()];
    if !core.tokens.is_empty() || !core.public_data.is_empty() {
        let mut digest = Sha256::new();
        for text in core.tokens.iter().chain([&core.public_data]) {
            digest.update(text.len().to_string());
            digest.update(b":");
            digest.update(text);
        }
        signed.push(URL_SAFE_NO_PAD.encode(digest.finalize()));
    }
    signed
}

#[async_trait]
impl IdentityPolicy for SessionTicket {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        let checked = |answer: Result<Identified, _>| answer.map(|found| self.checked(request.now(), found));
        self.sessions.identify(request).map(checked)
    }

    async fn remember(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        options: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        let carried = self.sessions.carried_data(context);
        let sealed = |core: &SessionIdentityRecord, ids: &DerivedIds| {
            self.seal(context.now(), identity, core, ids, carried.clone())
        };
        Ok(self.hidden(self.sessions.log_in(context, identity, options, sealed).await?))
    }

    async fn forget(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        self.sessions.forget(context).await
    }

    async fn renew(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        self.sessions.renew(context).await
    }

    async fn rotate(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Ok(self.hidden(self.sessions.rotate(context).await?))
    }

    async fn store(&self, context: &ChangeContext<'_>, edits: &DataEdits) -> Result<Effects, IdentityError> {
        if edits.keys().any(|key| key == self.key()) {
            return Err(IdentityError::misconfigured("the key of this name keeps the session's ticket"));
        }
        Ok(self.hidden(self.sessions.store(context, edits).await?))
    }

    fn ends_credentials(&self) -> bool {
        true
    }

    fn challenge(&self) -> HeaderValue {
        self.sessions.challenge()
    }
}

impl fmt::Debug for SessionTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionTicket").field("sessions", &self.sessions).finish_non_exhaustive()
    }
}
