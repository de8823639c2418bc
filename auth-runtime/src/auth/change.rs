//! Changes of who the user is, and what is left to do when the response is there.

use super::{
    AuthError,
    facts::Facts,
    request_state::{Changes, RequestState},
    revoke::Name,
};
use crate::{
    clock::UnixTime,
    error_kind::AuthErrorKind,
    events,
    identity::{ChangeContext, DataEdits, Effects, Identified, Identity, LoginOptions},
    layer::CLEAR_SITE_DATA,
};

/// What a request is before a change.
pub(super) struct Before {
    /// The time of the change; the request may have begun long before
    now: UnixTime,
    /// What it carried
    carried: Identified,
    /// What it stands for now
    current: Identified,
    /// How often it has logged its user in or out
    own: u32,
}

impl Before {
    const fn context(&self) -> ChangeContext<'_> {
        ChangeContext::new(self.now, &self.carried).with_current(&self.current)
    }
}

impl RequestState {
    /// Makes the following requests, and the rest of this one, carry `identity`.
    pub(crate) async fn remember(
        &self,
        identity: &Identity,
        options: &LoginOptions,
    ) -> Result<(), AuthError> {
        let before = self.before_change()?;
        let revoked = self.names_of_replaced(&before.carried).await?;
        self.log_in(before, identity, options, revoked).await
    }

    /// Logs a user in, and revokes the credentials of these names.
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
        // The first log-in would contradict this one.
        if let Some(error) = effects.take_failure_unless_revoked().filter(|_| !self.revokes()) {
            return Err(AuthError::of_change("remember", &error));
        }
        let known = || Identified::known(identity.clone()).with_authenticated_at(before.now);
        let found = effects.take_identified().unwrap_or_else(known);
        check_actor(&found, identity, options)?;
        self.revoke_names(revoked, &found).await?;
        let replaced = self.people().user;
        self.change(effects, |_| found)?;
        self.tell_watches(replaced.as_ref());
        events::logged_in(self.user_for_log().as_ref());
        Ok(())
    }

    /// Makes the following requests, and the rest of this one, carry no identity.
    pub(crate) async fn forget(&self) -> Result<(), AuthError> {
        let before = self.before_change()?;
        let user = self.user_for_log();
        let answer = self.config().identity.forget(&before.context()).await;
        let mut effects = answer.map_err(|error| AuthError::of_change("forget", &error))?;
        let unrevoked = effects.take_failure_unless_revoked().filter(|_| !self.revokes());
        let failure = effects.take_failure().or(unrevoked);
        // The client loses its credential even where a copy of it cannot be revoked.
        let revoked = self.revoke_carried(&before.carried, failure.is_none()).await;
        let ended = self.people().user;
        if let (Some(data), None, Ok(())) = (&self.config().clear_site_data, &failure, &revoked) {
            effects = effects.and_header(CLEAR_SITE_DATA, data.clone());
        }
        self.change(effects, |_| Identified::anonymous())?;
        self.tell_watches(ended.or_else(|| user.clone()).as_ref());
        // The client has lost its credential, but somebody else may still have it.
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
        let user = self.people().user.or_else(|| self.user_for_log());
        self.go_on(&before, effects, |standing| found.unwrap_or_else(|| standing.clone()))?;
        self.tell_watches(user.as_ref());
        Ok(())
    }

    /// Changes what is kept beside the identity.
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
        self.go_on(&before, effects, Identified::clone)
    }

    /// Makes the following requests, and the rest of this one, carry `identity`, with who carries it now as the actor.
    pub(crate) async fn impersonate(&self, identity: &Identity) -> Result<(), AuthError> {
        let before = self.before_takeover()?;
        let Some(actor) = before.current.identity().cloned() else {
            return Err(AuthError::unauthenticated());
        };
        // From another's account nobody goes on to a third one, and nobody needs their own.
        if before.current.actor().is_some() || actor == *identity {
            return Err(AuthError::forbidden());
        }
        let acting = self.user_for_log();
        self.take_over(&before, identity, LoginOptions::new().with_actor(actor)).await?;
        events::impersonation_started(self.user().await?.as_ref(), acting.as_ref());
        Ok(())
    }

    /// Makes the following requests, and the rest of this one, carry the actor's identity again.
    pub(crate) async fn stop_impersonating(&self) -> Result<(), AuthError> {
        // A credential that was revoked makes nobody their own self again.
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
        // What could not be found out is not "nobody" here.
        self.facts().usable()?;
        Ok(before)
    }

    /// Puts a credential of somebody else's in the place of the request's own. It lives no longer than that one might.
    async fn take_over(
        &self,
        before: &Before,
        identity: &Identity,
        options: LoginOptions,
    ) -> Result<(), AuthError> {
        let since = before.current.authenticated_at().or(before.current.issued_at()).unwrap_or(before.now);
        let options = options.with_authenticated_at(since);
        let answer = self.config().identity.remember(&before.context(), identity, &options).await;
        let mut effects = answer.map_err(|error| AuthError::of_change("remember", &error))?;
        let found = effects.take_identified().unwrap_or_default();
        check_actor(&found, identity, &options)?;
        self.revoke_replaced(&before.current, &found).await?;
        let replaced = self.people().user.or_else(|| self.user_for_log());
        self.go_on(before, effects, |_| found)?;
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

    /// Fails if the response has begun.
    pub(super) fn check_change(&self) -> Result<(), AuthError> {
        self.changes().check_open()
    }

    /// What goes on with the log-in that the request carried fails where another request has ended that.
    fn before_going_on(&self) -> Result<Before, AuthError> {
        let before = self.before_change()?;
        if before.own == 0 && self.config().has_ended(&before.carried) {
            return Err(AuthError::new(AuthErrorKind::InvalidCredential));
        }
        Ok(before)
    }

    pub(super) fn before_change(&self) -> Result<Before, AuthError> {
        self.check_change()?;
        let own = self.changes().own;
        // A store that could not be read may still be written to, so a failed look-up counts as anonymous here.
        let carried = self.carried().found().cloned().unwrap_or_default();
        let facts = self.facts();
        Ok(Before { now: self.config().clock.now(), carried, current: facts.standing(), own })
    }

    /// Keeps a log-in or log-out: what is to be written, and what the request stands for from now on.
    fn change(
        &self,
        effects: Effects,
        otherwise: impl FnOnce(&Identified) -> Identified,
    ) -> Result<(), AuthError> {
        let mut changes = self.changes();
        changes.own = changes.own.saturating_add(1);
        self.keep(&mut changes, effects, otherwise)
    }

    /// Keeps a change that goes on with what the request stood for before. It fails if another task has logged the user in
    /// or out meanwhile.
    fn go_on(
        &self,
        before: &Before,
        effects: Effects,
        otherwise: impl FnOnce(&Identified) -> Identified,
    ) -> Result<(), AuthError> {
        let mut changes = self.changes();
        if changes.own != before.own {
            return Err(AuthError::new(AuthErrorKind::InvalidCredential));
        }
        self.keep(&mut changes, effects, otherwise)
    }

    /// What the request stands for is what the policy says, or else what `otherwise` makes of what it stood for.
    fn keep(
        &self,
        changes: &mut Changes,
        mut effects: Effects,
        otherwise: impl FnOnce(&Identified) -> Identified,
    ) -> Result<(), AuthError> {
        changes.check_open()?;
        let before = changes.facts.as_deref().unwrap_or(self.carried()).standing();
        let identified = effects.take_identified().unwrap_or_else(|| otherwise(&before));
        self.replace_facts(changes, Facts::after_change(identified, self.carried().at()));
        changes.effects = Some(effects.replace(changes.effects.take()));
        Ok(())
    }
}

impl Changes {
    /// A change after the response has begun would be lost, so it fails.
    fn check_open(&self) -> Result<(), AuthError> {
        if !self.is_closed {
            return Ok(());
        }
        events::misconfigured("an identity was changed after the response had begun; do it in the handler");
        Err(AuthError::new(AuthErrorKind::ResponseAlreadyStarted))
    }
}

/// Somebody who acts for a user without being named would be that user.
fn check_actor(found: &Identified, identity: &Identity, options: &LoginOptions) -> Result<(), AuthError> {
    let replaces = options.actor().is_some() || options.authenticated_at().is_some();
    if !replaces || (found.identity() == Some(identity) && found.actor() == options.actor()) {
        return Ok(());
    }
    Err(AuthError::misconfigured(
        "the identity policy does not keep who acts for a user; impersonate with tickets, sessions or encrypted cookies",
    ))
}
