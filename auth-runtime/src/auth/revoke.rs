//! Taking credentials back, and dating log-ins so that they are not taken back with those before.

use std::{sync::Arc, time::Duration};

use super::{
    AuthError,
    admit::{credential_of, failed},
    failure::Failure,
    state::RequestState,
};
use crate::{
    clock::UnixTime,
    events,
    identity::{CredentialId, Identified, Identity, Remember, UserId},
    revocation::{MOST_AHEAD, Revocation},
};

impl RequestState {
    /// Revokes all credentials that the user has by now, and forgets the one of this request.
    pub(crate) async fn log_out_everywhere(&self) -> Result<(), Failure> {
        self.revoke_user().await?;
        self.forget().await
    }

    /// Revokes all credentials that the user has by now, and gives this client another one.
    pub(crate) async fn log_out_elsewhere(&self, options: &Remember) -> Result<(), AuthError> {
        let found = self.identified().await?;
        // The new credential would be one of the user's own: of who acts for them nothing would be left.
        if found.actor().is_some() {
            return Err(AuthError::forbidden());
        }
        self.revoke_user().await?;
        match found.identity() {
            Some(identity) => Ok(self.remember(identity, options).await?),
            None => Ok(()),
        }
    }

    async fn revoke_user(&self) -> Result<(), Failure> {
        self.check_change()?;
        let revocation = self.config().revocation.as_ref().map(Arc::clone).ok_or_else(|| {
            events::misconfigured("credentials cannot be revoked; add `AuthLayer::with_revocation`, or end sessions with `Sessions::end_all`");
            Failure::Misconfigured
        })?;
        let Some(user) = self.user().await? else { return Ok(()) };
        revocation.revoke_user(&user).await.map_err(|error| failed("revoke_user", &error))?;
        self.tell_watches(Some(&user));
        events::logged_out_everywhere(&user);
        Ok(())
    }

    /// Revokes the credentials that the request carried, so that a copy of them is of no use. Where their policy could not
    /// forget them all, those are left out that a client sends on purpose.
    pub(super) async fn revoke_carried(&self, carried: &Identified, all: bool) -> Result<(), Failure> {
        let Some(revocation) = &self.config().revocation else { return Ok(()) };
        if self.config().identity.ends_credentials() || self.lock().turned_away.is_some() {
            return Ok(());
        }
        let mut outcome = Ok(());
        for found in carried.ended_by_log_out(all) {
            if let Err(failure) = self.revoke_one(&**revocation, found).await {
                outcome = Err(failure);
            }
        }
        outcome
    }

    async fn revoke_one(&self, revocation: &dyn Revocation, found: &Identified) -> Result<(), Failure> {
        // Whoever acts for the user has a log-in of their own, which the same credential stands for.
        for identity in [found.identity(), found.actor()].into_iter().flatten() {
            let Some(user) = self.user_of(identity).await? else { continue };
            let Some(credential) = credential_of(&user, found) else { continue };
            revoke(revocation, &credential, found.expires()).await?;
        }
        Ok(())
    }

    /// Revokes credentials whose place others take, as far as they have names of their own.
    pub(super) async fn revoke_replaced(
        &self,
        old: impl Iterator<Item = &Identified>,
        new: &Identified,
    ) -> Result<(), Failure> {
        let Some(revocation) = &self.config().revocation else { return Ok(()) };
        let kept: Vec<_> = new.credentials().filter_map(Identified::credential_id).collect();
        if self.config().identity.ends_credentials() || kept.is_empty() {
            return Ok(());
        }
        let known = old.filter(|found| found.identity().is_some());
        for found in known {
            if let Some(id) = found.credential_id().filter(|id| !kept.contains(id)) {
                revoke(&**revocation, id, found.expires()).await?;
            }
        }
        Ok(())
    }

    /// Returns the time to which a log-in is dated: the present, or a little later where that has been revoked already.
    pub(super) async fn login_time(&self, identity: &Identity, now: UnixTime) -> Result<UnixTime, Failure> {
        let Some(revocation) = &self.config().revocation else { return Ok(now) };
        let Some(user) = self.user_of(identity).await? else { return Ok(now) };
        let mut time = now;
        while time <= now.plus(MOST_AHEAD) {
            match first_covered(&**revocation, &user, time).await? {
                None => return Ok(time),
                Some(covered) => time = covered.plus(Duration::from_secs(1)),
            }
        }
        Err(failed(
            "remember",
            &"the user's credentials are revoked until later; do the clocks differ?".into(),
        ))
    }

    /// The user id of an identity, as a request with it will find it.
    async fn user_of(&self, identity: &Identity) -> Result<Option<UserId>, Failure> {
        match &self.config().authorization {
            None => Ok(Some(identity.to_user_id())),
            Some(policy) => {
                let answer = policy.authorized_userid(identity).await;
                answer.map_err(|error| failed("authorized_userid", &error))
            }
        }
    }
}

async fn revoke(
    revocation: &dyn Revocation,
    credential: &CredentialId,
    expires: Option<UnixTime>,
) -> Result<(), Failure> {
    let revoked = revocation.revoke_credential(credential, expires).await;
    revoked.map_err(|error| failed("revoke_credential", &error))
}

/// Returns a time at or after `time` to which log-ins are revoked, if `time` is revoked.
async fn first_covered(
    revocation: &dyn Revocation,
    user: &UserId,
    time: UnixTime,
) -> Result<Option<UnixTime>, Failure> {
    let login = CredentialId::of_login(user, time);
    let answer = revocation.find(user, Some(&login)).await;
    let status = answer.map_err(|error| failed("revocation", &error))?;
    let by_epoch = status.epoch().filter(|epoch| *epoch >= time);
    Ok(by_epoch.or_else(|| status.revokes(Some(time)).then_some(time)))
}
