//! Between an identity and a user: has its credential been revoked, and is there still such a user?

use super::{
    failure::Failure,
    memo::{Memo, TurnedAway},
};
use crate::{
    BoxError, events,
    identity::{CredentialId, Identified, UserId},
    layer::Config,
    revocation::RevocationStatus,
    users::Account,
};

/// What became of somebody whose credential is valid.
pub(super) enum Admission {
    /// They are the user, whose account is known if guards ask for it.
    Admitted(Option<Account>),
    /// There is no such user.
    Gone,
    /// The credential was revoked.
    Revoked,
}

impl Config {
    /// Returns whether a valid credential is enough to be a user.
    pub(super) fn admits_everybody(&self) -> bool {
        self.revocation.is_none() && !self.asks_for_accounts()
    }

    fn asks_for_accounts(&self) -> bool {
        self.users.as_ref().is_some_and(|users| users.is_asked_by_guards())
    }

    /// Says whether somebody is admitted, where nothing has to be waited for.
    fn admit_now(&self, user: &UserId, found: &Identified) -> Option<Result<Admission, Failure>> {
        if let Some(revocation) = &self.revocation {
            for found in found.credentials() {
                let status = revocation.find_now(user, credential_of(user, found).as_ref())?;
                match revoked(status, found) {
                    Ok(false) => {}
                    Ok(true) => return Some(Ok(Admission::Revoked)),
                    Err(failure) => return Some(Err(failure)),
                }
            }
        }
        match &self.users {
            Some(users) if users.is_asked_by_guards() => Some(admission(users.account_now(user)?, found)),
            _ => Some(Ok(Admission::Admitted(None))),
        }
    }

    /// Says whether somebody is admitted.
    pub(super) async fn admit(&self, user: &UserId, found: &Identified) -> Result<Admission, Failure> {
        if self.is_revoked(user, found).await? {
            return Ok(Admission::Revoked);
        }
        match &self.users {
            Some(users) if users.is_asked_by_guards() => admission(users.account(user).await, found),
            _ => Ok(Admission::Admitted(None)),
        }
    }

    /// Returns whether a credential has been revoked, be it one of several: what it says besides might be believed.
    pub(crate) async fn is_revoked(&self, user: &UserId, found: &Identified) -> Result<bool, Failure> {
        let Some(revocation) = &self.revocation else { return Ok(false) };
        for found in found.credentials() {
            let credential = credential_of(user, found);
            let status = match revocation.find_now(user, credential.as_ref()) {
                Some(status) => status,
                None => revocation.find(user, credential.as_ref()).await,
            };
            if revoked(status, found)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Loads a user whom no guard asked for.
    pub(super) async fn load_account(&self, user: &UserId, found: &Identified) -> Result<Admission, Failure> {
        let Some(users) = &self.users else {
            events::misconfigured("the layer loads no users; add `AuthLayer::with_users`");
            return Err(Failure::Misconfigured);
        };
        let answer = match users.account_now(user) {
            Some(answer) => answer,
            None => users.account(user).await,
        };
        admission(answer, found)
    }
}

/// The name by which one credential is revoked. One without a name of its own is named by its user and the second of their
/// log-in, which its renewals have in common.
pub(super) fn credential_of(user: &UserId, found: &Identified) -> Option<CredentialId> {
    let login = || found.login_time().map(|time| CredentialId::of_login(user, time));
    found.credential_id().cloned().or_else(login)
}

fn revoked(status: Result<RevocationStatus, BoxError>, found: &Identified) -> Result<bool, Failure> {
    match status {
        Ok(status) => Ok(status.revokes(found.proved_at())),
        Err(error) => Err(failed("revocation", &error)),
    }
}

fn admission(answer: Result<Option<Account>, BoxError>, found: &Identified) -> Result<Admission, Failure> {
    match answer {
        Ok(Some(account)) if account.proved(found.proved_at()) => Ok(Admission::Admitted(Some(account))),
        Ok(_) => Ok(Admission::Gone),
        Err(error) => Err(failed("users", &error)),
    }
}

pub(super) fn failed(operation: &'static str, error: &BoxError) -> Failure {
    events::failed(operation, error);
    Failure::Unavailable
}

impl Memo {
    /// Finds out whether somebody is admitted, where nothing has to be waited for.
    pub(super) fn admit_now(&mut self, config: &Config, user: UserId) {
        let Ok(found) = self.known() else { return };
        if let Some(answer) = config.admit_now(&user, found) {
            self.note_admission(config, user, answer);
        }
    }

    /// Keeps whether somebody is the user.
    pub(super) fn note_admission(
        &mut self,
        config: &Config,
        user: UserId,
        answer: Result<Admission, Failure>,
    ) {
        self.user = Some(match answer {
            Ok(Admission::Admitted(account)) => {
                self.note_account(account);
                Ok(Some(user))
            }
            Ok(Admission::Gone) => {
                events::gone(&user);
                self.turn_away(config, TurnedAway::Gone)
            }
            Ok(Admission::Revoked) => {
                events::revoked(&user);
                self.turn_away(config, TurnedAway::Revoked)
            }
            Err(failure) => Err(failure),
        });
    }

    /// Keeps the user's account. To somebody who is disabled everything is denied, like to those whom the groups bar.
    fn note_account(&mut self, account: Option<Account>) {
        let Some(account) = account else { return };
        if account.disabled {
            self.groups = Some(Ok(None));
        }
        self.account = Some(account);
    }

    /// Takes the credential for a bad one. Whoever sent it on purpose is told so; a browser is anonymous.
    fn turn_away(&mut self, config: &Config, why: TurnedAway) -> Result<Option<UserId>, Failure> {
        let found = self.identified.replace(Ok(Identified::bad_credential()));
        let found = found.and_then(Result::ok).unwrap_or_default();
        self.keep_carried(found);
        self.turned_away = Some(why);
        if config.identity.is_ambient() { Ok(None) } else { Err(Failure::Refused) }
    }
}
