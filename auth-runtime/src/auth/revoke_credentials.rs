//! Revokes credentials for handlers, and sets the time of log-ins that follow a revocation.

use std::time::Duration;

use super::{
    AuthError, check_step_up::LEEWAY, request_state::RequestState,
    revocation_and_account_check::credential_of,
};
use crate::{
    BoxError,
    clock::UnixTime,
    events,
    identity::{CredentialId, Identified, Identity, LoginOptions, UserId},
    revocation::{MOST_AHEAD, Revocation},
};

/// The id by which a credential is revoked, and its expiry.
pub(super) struct Name {
    id: CredentialId,
    expires: Option<UnixTime>,
}

impl RequestState {
    /// Revokes all credentials issued to the user so far, and removes that of this request.
    pub(crate) async fn log_out_everywhere(&self) -> Result<(), AuthError> {
        self.revoke_user().await?;
        self.forget().await
    }

    /// Revokes all credentials issued to the user so far, and gives this client a new one.
    pub(crate) async fn log_out_elsewhere(&self, options: &LoginOptions) -> Result<(), AuthError> {
        let found = self.identified().await?;
        // During an impersonation the new credential would belong to the impersonated user, without the
        // actor.
        if found.actor().is_some() {
            return Err(AuthError::forbidden());
        }
        self.revoke_user().await?;
        match found.identity() {
            // The credential of this client was revoked with the others.
            Some(identity) => {
                // The revocation makes neither the log-in nor the authentication younger.
                let options = options.clone().with_login_of(&found);
                let latest = self.config().clock.now().plus(LEEWAY);
                let options = options.or_authentication(|| found.carried_authentication(latest));
                self.log_in(self.before_change()?, identity, &options, Vec::new()).await
            }
            None => Ok(()),
        }
    }

    async fn revoke_user(&self) -> Result<(), AuthError> {
        self.changes().check_open()?;
        let Some(revocation) = &self.config().revocation else {
            return Err(AuthError::misconfigured(
                "credentials cannot be revoked; add `AuthLayer::with_revocation`, or end sessions with `Sessions::end_all`",
            ));
        };
        let Some(user) = self.user().await? else { return Ok(()) };
        revocation.revoke_user(&user).await.map_err(|error| AuthError::unavailable("revoke_user", &error))?;
        self.tell_watches(Some(&user));
        events::logged_out_everywhere(&user);
        Ok(())
    }

    /// Returns the revocation list, if ended credentials have to be put on one.
    pub(super) fn revocation(&self) -> Option<&dyn Revocation> {
        self.config().revocation.as_deref().filter(|_| !self.config().identity.ends_credentials())
    }

    /// Revokes the credentials of the request, including copies. If their policy could not remove all of
    /// them, those that a client sends explicitly are left out.
    pub(super) async fn revoke_carried(&self, carried: &Identified, all: bool) -> Result<(), AuthError> {
        let Some(revocation) = self.revocation() else { return Ok(()) };
        let mut outcome = Ok(());
        for found in carried.ended_by_log_out(all).filter(|found| !self.is_turned_away(found, carried)) {
            match self.names_of(found).await {
                Err(error) => outcome = Err(error),
                Ok(names) => {
                    for name in &names {
                        outcome = outcome.and(revoke(revocation, name).await);
                    }
                }
            }
        }
        outcome
    }

    /// Returns whether a credential of the request is known to be revoked, or to belong to a user who does
    /// not exist.
    fn is_turned_away(&self, found: &Identified, carried: &Identified) -> bool {
        // A credential that replaced it does not carry this information.
        let is_rejected = self.carried().rejection().is_some();
        is_rejected && !carried.has_several() && found.identity() == carried.identity()
    }

    /// The ids by which a credential is revoked. A user who impersonates another has a log-in of their own,
    /// which the same credential carries.
    async fn names_of(&self, found: &Identified) -> Result<Vec<Name>, AuthError> {
        let mut names = Vec::new();
        for identity in [found.identity(), found.actor()].into_iter().flatten() {
            let Some(user) = self.config().user_of(identity).await? else { continue };
            let id = credential_of(&user, found);
            names.extend(id.map(|id| Name { id, expires: self.end_of(found) }));
        }
        Ok(names)
    }

    /// Returns when a credential and its renewals expire: other requests may have renewed it since this one
    /// started.
    fn end_of(&self, found: &Identified) -> Option<UnixTime> {
        let taken = self.config().clock.now().since(self.carried().at());
        found.expires().map(|time| time.plus(taken))
    }

    /// The ids of the credentials that a log-in replaces: those that a browser attaches by itself.
    pub(super) async fn names_of_replaced(&self, carried: &Identified) -> Result<Vec<Name>, AuthError> {
        let mut names = Vec::new();
        if self.revocation().is_some() {
            for found in carried.ended_by_log_out(false).filter(|found| !self.is_turned_away(found, carried))
            {
                names.extend(self.names_of(found).await?);
            }
        }
        Ok(names)
    }

    /// Revokes the credentials with these ids, except those of the new one.
    pub(super) async fn revoke_names(&self, names: Vec<Name>, new: &Identified) -> Result<(), AuthError> {
        let Some(revocation) = self.revocation().filter(|_| !names.is_empty()) else { return Ok(()) };
        let mut kept = Vec::new();
        for found in new.credentials() {
            kept.extend(self.names_of(found).await?);
        }
        for name in names.iter().filter(|name| !kept.iter().any(|kept| kept.id == name.id)) {
            revoke(revocation, name).await?;
        }
        Ok(())
    }

    /// Revokes credentials that are being replaced, if they have ids of their own.
    pub(super) async fn revoke_replaced(&self, old: &Identified, new: &Identified) -> Result<(), AuthError> {
        let Some(revocation) = self.revocation() else { return Ok(()) };
        let kept: Vec<_> = new.credentials().filter_map(Identified::credential_id).collect();
        if kept.is_empty() {
            return Ok(());
        }
        let known = old.replaceable().filter(|found| found.identity().is_some());
        for found in known {
            if let Some(id) = found.credential_id().filter(|id| !kept.contains(id)) {
                revoke(revocation, &Name { id: id.clone(), expires: self.end_of(found) }).await?;
            }
        }
        Ok(())
    }

    /// Returns the time of a log-in: the present, or a little later if log-ins at the present time are
    /// revoked.
    pub(super) async fn login_time(
        &self,
        identity: &Identity,
        now: UnixTime,
        revoked: &[Name],
    ) -> Result<UnixTime, AuthError> {
        let Some(revocation) = &self.config().revocation else { return Ok(now) };
        let Some(user) = self.config().user_of(identity).await? else { return Ok(now) };
        let mut time = now;
        while time <= now.plus(MOST_AHEAD) {
            // The id of a log-in that is about to be revoked is not used again, either.
            let login = CredentialId::of_login(&user, time);
            let is_taken = revoked.iter().any(|name| name.id == login);
            match first_covered(&**revocation, &user, time).await?.or(is_taken.then_some(time)) {
                None => return Ok(time),
                Some(covered) => time = covered.plus(Duration::from_secs(1)),
            }
        }
        let error = BoxError::from("the user's credentials are revoked until later; do the clocks differ?");
        Err(AuthError::unavailable("remember", &error))
    }
}

async fn revoke(revocation: &dyn Revocation, name: &Name) -> Result<(), AuthError> {
    let revoked = revocation.revoke_credential(&name.id, name.expires).await;
    revoked.map_err(|error| AuthError::unavailable("revoke_credential", &error))
}

/// Returns a time at or after `time` up to which log-ins are revoked, if `time` is revoked.
async fn first_covered(
    revocation: &dyn Revocation,
    user: &UserId,
    time: UnixTime,
) -> Result<Option<UnixTime>, AuthError> {
    let login = CredentialId::of_login(user, time);
    let answer = revocation.find(user, Some(&login)).await;
    let status = answer.map_err(|error| AuthError::unavailable("revocation", &error))?;
    let by_epoch = status.epoch().filter(|epoch| *epoch >= time);
    Ok(by_epoch.or_else(|| status.revokes(Some(time)).then_some(time)))
}
