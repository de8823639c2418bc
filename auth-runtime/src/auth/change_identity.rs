//! Changes the identity of the current request by log-in, log-out or renewal, and collects the effects on the
//! response.

use super::{
    AuthError,
    check_step_up::LEEWAY,
    credential_facts::Facts,
    request_state::{Changes, RequestState},
    revoke_credentials::Name,
};
use crate::{
    clock::UnixTime,
    config::CLEAR_SITE_DATA,
    error_kind::AuthErrorKind,
    events,
    identity::{ChangeContext, DataEdits, Effects, Identified, Identity, LoginOptions},
};

/// The state of a request before a change.
pub(super) struct Before {
    /// The time of the change, which may be much later than the start of the request
    now: UnixTime,
    /// The identity that it carried
    carried: Identified,
    /// The identity that it has now
    current: Identified,
    /// How many log-ins and log-outs it has made
    own: u32,
}

impl Before {
    const fn context(&self) -> ChangeContext<'_> {
        ChangeContext::new(self.now, &self.carried).with_current(&self.current)
    }
}

impl RequestState {
    /// Sets the identity of the rest of this request and of the following ones.
    pub(crate) async fn remember(
        &self,
        identity: &Identity,
        options: &LoginOptions,
    ) -> Result<(), AuthError> {
        let before = self.before_change()?;
        let revoked = self.names_of_replaced(&before.carried).await?;
        self.log_in(before, identity, options, revoked).await
    }

    /// Logs a user in, and revokes the credentials with these ids.
    pub(super) async fn log_in(
        &self,
        mut before: Before,
        identity: &Identity,
        options: &LoginOptions,
        revoked: Vec<Name>,
    ) -> Result<(), AuthError> {
        before.now = self.login_time(identity, before.now, &revoked).await?;
        let policy = &self.config().identity;
        let answer = policy.remember(&before.context(), identity, options).await;
        let mut effects = answer.map_err(|error| AuthError::of_change("remember", &error))?;
        // The two log-ins would contradict each other.
        if let Some(error) = effects.take_failure_unless_revoked().filter(|_| self.revocation().is_none()) {
            return Err(AuthError::of_change("remember", &error));
        }
        let known = || Identified::known(identity.clone()).with_authenticated_at(before.now);
        let found = effects.take_identified().unwrap_or_else(known);
        check_actor(&found, identity, options)?;
        self.revoke_names(revoked, &found).await?;
        let replaced = self.facts().known_user().cloned();
        #[cfg(feature = "csrf")]
        let csrf = self.config().new_csrf_secret()?;
        self.keep(None, effects, |_| found)?;
        #[cfg(feature = "csrf")]
        if let Some(csrf) = csrf {
            // Tokens of before the log-in end with it.
            self.changes().csrf = Some(csrf);
        }
        self.tell_watches(replaced.as_ref());
        events::logged_in(self.user_for_log().as_ref());
        Ok(())
    }

    /// Removes the identity from the rest of this request and from the following ones.
    pub(crate) async fn forget(&self) -> Result<(), AuthError> {
        let before = self.before_change()?;
        let user = self.user_for_log();
        let answer = self.config().identity.forget(&before.context()).await;
        let mut effects = answer.map_err(|error| AuthError::of_change("forget", &error))?;
        let unrevoked = effects.take_failure_unless_revoked().filter(|_| self.revocation().is_none());
        let failure = effects.take_failure().or(unrevoked);
        // The cookie is removed even if the credential cannot be revoked.
        let revoked = self.revoke_carried(&before.carried, failure.is_none()).await;
        if let (Some(data), None, Ok(())) = (&self.config().clear_site_data, &failure, &revoked) {
            effects = effects.and_header(CLEAR_SITE_DATA, data.clone());
        }
        self.keep(None, effects, |_| Identified::anonymous())?;
        self.tell_watches(user.as_ref());
        // The client has lost its credential, but a copy of it is still valid.
        if let Some(error) = failure {
            return Err(AuthError::of_change("forget", &error));
        }
        revoked?;
        events::logged_out(user.as_ref());
        Ok(())
    }

    /// Gives the client another credential for the same user.
    pub(crate) async fn rotate(&self) -> Result<(), AuthError> {
        self.check_accepted().await?;
        let before = self.before_going_on()?;
        let answer = self.config().identity.rotate(&before.context()).await;
        let mut effects = answer.map_err(|error| AuthError::of_change("rotate", &error))?;
        let found = effects.take_identified();
        if let Some(found) = &found {
            self.revoke_replaced(&before.current, found).await?;
        }
        let user = self.user_for_log();
        self.keep(Some(&before), effects, |standing| found.unwrap_or_else(|| standing.clone()))?;
        self.tell_watches(user.as_ref());
        Ok(())
    }

    /// Changes the data that is stored with the identity.
    pub(crate) async fn store(
        &self,
        edits: &DataEdits,
        may_begin: impl Fn(&Effects) -> bool,
    ) -> Result<(), AuthError> {
        self.check_accepted().await?;
        let before = self.before_going_on()?;
        let answer = self.config().identity.store(&before.context(), edits).await;
        let effects = answer.map_err(|error| AuthError::of_change("store", &error))?;
        if before.current.data().is_none() && !may_begin(&effects) {
            return Err(AuthError::new(AuthErrorKind::CrossOrigin));
        }
        self.keep(Some(&before), effects, Identified::clone)
    }

    /// Sets the identity, with the current user as the actor.
    pub(crate) async fn impersonate(&self, identity: &Identity) -> Result<(), AuthError> {
        let before = self.before_takeover()?;
        let Some(actor) = before.current.identity().cloned() else {
            return Err(AuthError::unauthenticated());
        };
        // No chains: a user who already impersonates another cannot impersonate a third, and impersonating
        // oneself is pointless.
        if before.current.actor().is_some() || actor == *identity {
            return Err(AuthError::forbidden());
        }
        let acting = self.user_for_log();
        self.take_over(&before, identity, LoginOptions::new().with_actor(actor)).await?;
        events::impersonation_started(self.user().await?.as_ref(), acting.as_ref());
        Ok(())
    }

    /// Restores the actor's identity.
    pub(crate) async fn stop_impersonating(&self) -> Result<(), AuthError> {
        // A revoked credential must not restore an identity.
        self.check_accepted().await?;
        let before = self.before_takeover()?;
        let Some(actor) = before.current.actor().cloned() else { return Err(AuthError::forbidden()) };
        let user = self.user_for_log();
        self.take_over(&before, &actor, LoginOptions::new()).await?;
        events::impersonation_ended(user.as_ref(), self.user().await?.as_ref());
        Ok(())
    }

    fn before_takeover(&self) -> Result<Before, AuthError> {
        let before = self.before_going_on()?;
        // A failed look-up is not "anonymous" here.
        self.facts().usable()?;
        Ok(before)
    }

    /// Replaces the request's credential with one for another user, which expires no later.
    async fn take_over(
        &self,
        before: &Before,
        identity: &Identity,
        options: LoginOptions,
    ) -> Result<(), AuthError> {
        let since = before.current.authenticated_at().or(before.current.issued_at()).unwrap_or(before.now);
        // An impersonation neither makes the log-in younger nor stronger.
        let options = options
            .with_authenticated_at(since)
            .with_authentication(before.current.carried_authentication(before.now.plus(LEEWAY)))
            .with_login_of(&before.current);
        let answer = self.config().identity.remember(&before.context(), identity, &options).await;
        let mut effects = answer.map_err(|error| AuthError::of_change("remember", &error))?;
        let found = effects.take_identified().unwrap_or_default();
        check_actor(&found, identity, &options)?;
        self.revoke_replaced(&before.current, &found).await?;
        let replaced = self.user_for_log();
        self.keep(Some(before), effects, |_| found)?;
        self.tell_watches(replaced.as_ref());
        Ok(())
    }

    /// Fails if the credential was revoked, or its user does not exist.
    async fn check_accepted(&self) -> Result<(), AuthError> {
        if self.config().accepts_every_credential() {
            return Ok(());
        }
        self.identified().await?;
        if self.facts().rejection().is_some() {
            Err(AuthError::new(AuthErrorKind::InvalidCredential))
        } else {
            Ok(())
        }
    }

    /// A change that continues the request's log-in fails if another request has ended that log-in.
    fn before_going_on(&self) -> Result<Before, AuthError> {
        let before = self.before_change()?;
        if before.own == 0 && self.config().has_ended(&before.carried) {
            return Err(AuthError::new(AuthErrorKind::InvalidCredential));
        }
        Ok(before)
    }

    pub(super) fn before_change(&self) -> Result<Before, AuthError> {
        let own = {
            let changes = self.changes();
            changes.check_open()?;
            changes.own
        };
        // A store that cannot be read may still accept writes, so a failed look-up counts as anonymous here.
        let carried = self.carried().found().cloned().unwrap_or_default();
        let facts = self.facts();
        Ok(Before { now: self.config().clock.now(), carried, current: facts.standing(), own })
    }

    /// Records a change: the write to the response, and the identity from here on, which is the one that the
    /// policy reports, or else what `otherwise` makes of the current one.
    ///
    /// A change that continues the log-in `of` an earlier state fails if another task has logged the user in
    /// or out meanwhile.
    fn keep(
        &self,
        of: Option<&Before>,
        mut effects: Effects,
        otherwise: impl FnOnce(&Identified) -> Identified,
    ) -> Result<(), AuthError> {
        let mut changes = self.changes();
        match of {
            Some(before) if before.own != changes.own => {
                return Err(AuthError::new(AuthErrorKind::InvalidCredential));
            }
            Some(_) => {}
            None => changes.own = changes.own.saturating_add(1),
        }
        changes.check_open()?;
        let before = changes.facts.as_deref().unwrap_or(self.carried()).standing();
        let identified = effects.take_identified().unwrap_or_else(|| otherwise(&before));
        let facts = Facts::after_change(self.config(), identified, self.carried().at());
        self.replace_facts(&mut changes, facts);
        let earlier = changes.effects.take().map(|earlier| *earlier);
        changes.effects = Some(Box::new(effects.replace(earlier)));
        Ok(())
    }
}

impl Changes {
    /// A change after the start of the response would be lost, so it fails.
    pub(super) fn check_open(&self) -> Result<(), AuthError> {
        if !self.is_closed {
            return Ok(());
        }
        events::misconfigured("an identity was changed after the response had begun; do it in the handler");
        Err(AuthError::new(AuthErrorKind::ResponseAlreadyStarted))
    }
}

/// A credential without an actor would belong to the impersonated user, so an unnamed actor is an error.
fn check_actor(found: &Identified, identity: &Identity, options: &LoginOptions) -> Result<(), AuthError> {
    let replaces = options.actor().is_some() || options.authenticated_at().is_some();
    if !replaces || (found.identity() == Some(identity) && found.actor() == options.actor()) {
        return Ok(());
    }
    Err(AuthError::misconfigured(
        "the identity policy does not keep who acts for a user; impersonate with tickets, sessions or encrypted cookies",
    ))
}
