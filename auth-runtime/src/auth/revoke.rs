//! Taking credentials back, and dating log-ins so that they are not taken back with those before.

use std::{sync::Arc, time::Duration};

use super::{AuthError, account_check::credential_of, request_state::RequestState};
use crate::{
    BoxError,
    clock::UnixTime,
    events,
    identity::{CredentialId, Identified, Identity, LoginOptions, UserId},
    revocation::{MOST_AHEAD, Revocation},
};

/// The name by which a credential is revoked, and when it ends by itself.
pub(super) struct Name {
    id: CredentialId,
    expires: Option<UnixTime>,
}

impl RequestState {
    /// Revokes all credentials that the user has by now, and forgets the one of this request.
    pub(crate) async fn log_out_everywhere(&self) -> Result<(), AuthError> {
        self.revoke_user().await?;
        self.forget().await
    }

    /// Revokes all credentials that the user has by now, and gives this client another one.
    pub(crate) async fn log_out_elsewhere(&self, options: &LoginOptions) -> Result<(), AuthError> {
        let found = self.identified().await?;
        // The new credential would be one of the user's own: of who acts for them nothing would be left.
        if found.actor().is_some() {
            return Err(AuthError::forbidden());
        }
        self.revoke_user().await?;
        match found.identity() {
            // What this client had is among what was revoked.
            Some(identity) => self.log_in(self.before_change()?, identity, options, Vec::new()).await,
            None => Ok(()),
        }
    }

    async fn revoke_user(&self) -> Result<(), AuthError> {
        self.check_change()?;
        let revocation = self.config().revocation.as_ref().map(Arc::clone).ok_or_else(|| {
            AuthError::misconfigured("credentials cannot be revoked; add `AuthLayer::with_revocation`, or end sessions with `Sessions::end_all`")
        })?;
        let Some(user) = self.user().await? else { return Ok(()) };
        revocation.revoke_user(&user).await.map_err(|error| AuthError::unavailable("revoke_user", &error))?;
        self.tell_watches(Some(&user));
        events::logged_out_everywhere(&user);
        Ok(())
    }

    /// Returns whether what ends has to be put on a list of revocations, and there is one.
    pub(super) fn revokes(&self) -> bool {
        self.config().revocation.is_some() && !self.config().identity.ends_credentials()
    }

    /// Revokes the credentials that the request carried, so that a copy of them is of no use. Where their policy could not
    /// forget them all, those are left out that a client sends on purpose.
    pub(super) async fn revoke_carried(&self, carried: &Identified, all: bool) -> Result<(), AuthError> {
        let Some(revocation) = self.config().revocation.as_ref().filter(|_| self.revokes()) else {
            return Ok(());
        };
        let mut outcome = Ok(());
        for found in carried.ended_by_log_out(all).filter(|found| !self.is_turned_away(found, carried)) {
            match self.names_of(found).await {
                Err(error) => outcome = Err(error),
                Ok(names) => {
                    for name in &names {
                        outcome = outcome.and(revoke(&**revocation, name).await);
                    }
                }
            }
        }
        outcome
    }

    /// Returns whether a credential of the request was found to be revoked already, or to be that of a user who is gone.
    fn is_turned_away(&self, found: &Identified, carried: &Identified) -> bool {
        // What has taken its place says nothing of it.
        let is_rejected = self.carried().rejection().is_some();
        is_rejected && !carried.has_several() && found.identity() == carried.identity()
    }

    /// The names by which a credential is revoked. Whoever acts for the user has a log-in of their own, which the same
    /// credential stands for.
    async fn names_of(&self, found: &Identified) -> Result<Vec<Name>, AuthError> {
        let mut names = Vec::new();
        for identity in [found.identity(), found.actor()].into_iter().flatten() {
            let Some(user) = self.config().user_of(identity).await? else { continue };
            let id = credential_of(&user, found);
            names.extend(id.map(|id| Name { id, expires: self.end_of(found) }));
        }
        Ok(names)
    }

    /// Returns when a credential and its renewals have ended: other requests may have renewed it since this one began.
    fn end_of(&self, found: &Identified) -> Option<UnixTime> {
        let taken = self.config().clock.now().since(self.carried().at());
        found.expires().map(|time| time.plus(taken))
    }

    /// The names of the credentials in whose place a log-in puts another one: those that a browser sends by itself.
    pub(super) async fn names_of_replaced(&self, carried: &Identified) -> Result<Vec<Name>, AuthError> {
        let mut names = Vec::new();
        if self.revokes() {
            for found in carried.ended_by_log_out(false).filter(|found| !self.is_turned_away(found, carried))
            {
                names.extend(self.names_of(found).await?);
            }
        }
        Ok(names)
    }

    /// Revokes the credentials of these names, but for those that the new one has.
    pub(super) async fn revoke_names(&self, names: Vec<Name>, new: &Identified) -> Result<(), AuthError> {
        let Some(revocation) = self.config().revocation.as_ref().filter(|_| !names.is_empty()) else {
            return Ok(());
        };
        let mut kept = Vec::new();
        for found in new.credentials() {
            kept.extend(self.names_of(found).await?);
        }
        for name in names.iter().filter(|name| !kept.iter().any(|kept| kept.id == name.id)) {
            revoke(&**revocation, name).await?;
        }
        Ok(())
    }

    /// Revokes credentials whose place others take, as far as they have names of their own.
    pub(super) async fn revoke_replaced(&self, old: &Identified, new: &Identified) -> Result<(), AuthError> {
        let Some(revocation) = self.config().revocation.as_ref().filter(|_| self.revokes()) else {
            return Ok(());
        };
        let kept: Vec<_> = new.credentials().filter_map(Identified::credential_id).collect();
        if kept.is_empty() {
            return Ok(());
        }
        let known = old.replaceable().filter(|found| found.identity().is_some());
        for found in known {
            if let Some(id) = found.credential_id().filter(|id| !kept.contains(id)) {
                revoke(&**revocation, &Name { id: id.clone(), expires: self.end_of(found) }).await?;
            }
        }
        Ok(())
    }

    /// Returns the time to which a log-in is dated: the present, or a little later where that has been revoked already.
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
            // The name of a log-in that is about to be revoked is taken, too.
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

/// Returns a time at or after `time` to which log-ins are revoked, if `time` is revoked.
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
