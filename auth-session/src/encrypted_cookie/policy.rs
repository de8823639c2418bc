//! Implements [`IdentityPolicy`] for encrypted cookies.

use std::sync::Arc;

use async_trait::async_trait;
use auth_identity::__private::loopback;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderValue;

use super::{
    EncryptedCookie, VERSION,
    cookie_content::{CookieContent, NamedLogin, User},
    encrypted_session::EncryptedSession,
    find_session::Insecure,
};
use auth_identity::{
    Answer, Identity,
    clock::UnixTime,
    identity::{
        ChangeContext, CredentialId, Data, DataEdits, Effects, Identification, Identified, IdentityError,
        IdentityPolicy, Incoming, Lifetime, LoginOptions,
    },
};

#[async_trait]
impl IdentityPolicy for EncryptedCookie {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        Answer::Now(Ok(self.find(request)))
    }

    async fn remember(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        options: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        self.begin(context, identity, options)
    }

    async fn forget(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        self.cookie.remove_all(context.identified().several())
    }

    async fn renew(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        let now = context.now();
        match context.identified().memo::<EncryptedSession>() {
            // The handler may have taken long.
            Some(session)
                if self.limits.is_valid(&session.content, now)
                    && self.limits.is_due(&session.content, now) =>
            {
                self.written(session.content.next(now), now)
            }
            _ => Ok(Effects::none()),
        }
    }

    async fn rotate(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        let now = context.now();
        let Some(session) = context.current().memo::<EncryptedSession>() else { return Ok(Effects::none()) };
        let kept = CookieContent { id: new_id()?, revision: 0, ..session.content.next(now) };
        self.written(kept, now)
    }

    async fn store(&self, context: &ChangeContext<'_>, edits: &DataEdits) -> Result<Effects, IdentityError> {
        self.edit(context, edits)
    }

    fn challenge(&self) -> HeaderValue {
        self.challenge.clone()
    }
}

impl CookieContent {
    /// Writes the same session again.
    fn next(&self, now: UnixTime) -> Self {
        Self { revision: self.revision.saturating_add(1), written: now, ..self.clone() }
    }

    pub(super) fn who(&self) -> Option<(&Identity, Option<&Identity>)> {
        self.user.as_ref().map(|user| (&user.identity, user.actor.as_ref()))
    }
}

impl EncryptedCookie {
    pub(super) fn found(&self, content: CookieContent, now: UnixTime) -> Identified {
        let mut identified = match &content.user {
            None => Identified::anonymous(),
            Some(user) => {
                let known = Identified::known(user.identity.clone())
                    .with_authenticated_at(content.since)
                    .with_authentication(user.authentication.clone());
                match &user.actor {
                    Some(actor) => known.with_actor(actor.clone()),
                    None => known,
                }
            }
        };
        if let Ok(id) = CredentialId::new(name_of(&content.id)) {
            identified = identified.with_credential_id(id);
        }
        if let Some(login) = content.user.as_ref().and_then(|user| user.login.as_ref()) {
            identified = identified.with_login(login.id.clone(), self.limits.end(&content));
        }
        let expires = self.limits.expiry(&content);
        identified
            .with_expires(self.limits.end_of_copies(&content, now))
            .with_renewal_due(self.limits.is_due(&content, now))
            .with_revision(content.revision)
            .with_data(Arc::new(content.data.clone()))
            .with_memo(Arc::new(EncryptedSession { content, expires }))
    }

    fn begin(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        options: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        self.check_allowed(context)?;
        let now = context.now();
        if options.login_ends().is_some_and(|ends| ends <= now) {
            return Err(IdentityError::refuse("the log-in that this would continue is over"));
        }
        let earlier = context.current().memo::<EncryptedSession>();
        let earlier = earlier.as_ref().map(|session| &session.content);
        let (mut own_idle, mut browser_session) = match options.lifetime() {
            Lifetime::For(lifetime) => (Some(lifetime), false),
            Lifetime::BrowserSession => (None, true),
            _ => (None, false),
        };
        // A replacement of a session must not outlive it.
        if let Some(earlier) = earlier.filter(|_| options.authenticated_at().is_some()) {
            (own_idle, browser_session) = (earlier.own_idle, earlier.browser_session);
        }
        let kept = CookieContent {
            id: new_id()?,
            revision: 0,
            since: options.authenticated_at().map_or(now, |time| time.min(now)),
            written: now,
            own_idle,
            browser_session,
            user: Some(User {
                identity: identity.clone(),
                actor: options.actor().cloned(),
                authentication: options.authentication().clone(),
                login: options.login_id().map(|id| NamedLogin { id: id.clone(), ends: options.login_ends() }),
                tokens: options.tokens().to_vec(),
                public_data: options.public_data().to_owned(),
            }),
            data: self.carried(earlier),
        };
        // Remove the request's other cookies, which would contradict the log-in.
        self.cookie.and_remove_variants(self.written(kept, now)?, context.identified().several())
    }

    /// Returns the data that survive a log-in: none of another user.
    fn carried(&self, earlier: Option<&CookieContent>) -> Data {
        let Some(anonymous) = earlier.filter(|content| content.user.is_none()) else {
            return Data::default();
        };
        let pairs = anonymous.data.iter().filter(|(key, _)| self.carried.contains(*key));
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    fn edit(&self, context: &ChangeContext<'_>, edits: &DataEdits) -> Result<Effects, IdentityError> {
        self.check_allowed(context)?;
        let (now, current) = (context.now(), context.current());
        if current.is_contradictory() {
            return Err(IdentityError::refuse("there are valid sessions of different users"));
        }
        let session = current.memo::<EncryptedSession>();
        let mut kept = match &session {
            Some(session) => session.content.next(now),
            None => CookieContent {
                id: new_id()?,
                revision: 0,
                since: now,
                written: now,
                own_idle: None,
                browser_session: false,
                user: None,
                data: Data::default(),
            },
        };
        kept.data.edit(edits);
        if kept.user.is_some() || !kept.data.is_empty() {
            return self.written(kept, now);
        }
        // An anonymous client without data needs no session.
        match session {
            Some(_) => Ok(self.cookie.remove()?.with_identified(Identified::anonymous())),
            None => Ok(Effects::none()),
        }
    }

    fn check_allowed(&self, context: &ChangeContext<'_>) -> Result<(), IdentityError> {
        let carried = context.identified();
        if self.cookie.is_secure() || carried.memo::<EncryptedSession>().is_some() {
            return Ok(());
        }
        // Do not begin a session if the request was not examined.
        let unseen = Some(loopback::NOT_LOOPBACK);
        let obstacle = carried.memo::<Insecure>().map_or(unseen, |request| request.obstacle);
        obstacle.map_or(Ok(()), |obstacle| Err(IdentityError::misconfigured(obstacle)))
    }

    fn written(&self, content: CookieContent, now: UnixTime) -> Result<Effects, IdentityError> {
        let expires = self.limits.expiry(&content);
        if expires <= now {
            return Err(IdentityError::misconfigured("a session must live for a second or longer"));
        }
        let mut bytes = vec![VERSION];
        bytes.extend(self.keys.seal(now, content.encode()?).map_err(IdentityError::unavailable)?);
        let max_age = (!content.browser_session).then(|| expires.since(now));
        let effects = self.cookie.set(&URL_SAFE_NO_PAD.encode(bytes), max_age)?;
        Ok(effects.with_identified(self.found(content, now)))
    }
}

fn new_id() -> Result<[u8; 16], IdentityError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(IdentityError::unavailable)?;
    Ok(id)
}

/// Returns the session's public id, which does not reveal the cookie.
fn name_of(id: &[u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(*id))
}
