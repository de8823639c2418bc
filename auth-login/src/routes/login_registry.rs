//! Records log-ins in the index, and ends those whose provider has logged the user out: [`LoginRegistry`].

use std::{sync::Arc, time::Duration};

use auth_runtime::{BoxError, Sessions, clock::UnixTime, identity::CredentialId, revocation::Revocation};

use crate::{
    failure_code::FailureCode,
    login_failure::LoginFailure,
    login_index::{LoggedOut, LoginIndex, LoginRecord, TooManyLogins},
    transaction::{LIFETIME, Transaction},
    validate_logout_token_claims::MAX_AGE,
};

/// How much longer than needed a record is kept, since the clocks of instances may differ.
pub(super) const SKEW: Duration = Duration::from_mins(5);
/// How long a log-in is recorded before its session begins, while the application decides.
const UNDER_WAY: Duration = Duration::from_mins(10);
const ENDED: &str = "the provider has ended its session meanwhile";

/// The index of log-ins, and how log-ins are ended.
pub(crate) struct LoginRegistry {
    pub(crate) index: Arc<dyn LoginIndex>,
    pub(crate) means: Means,
}

/// How log-ins are ended.
pub(crate) enum Means {
    /// By a list of revocations. A log-in on it cannot begin any more.
    Revocation(Arc<dyn Revocation>),
    /// In the store of sessions.
    Sessions(Sessions),
}

impl LoginRegistry {
    /// Records a log-in before its session begins. Fails if the provider has logged the user out since the
    /// attempt began.
    pub(super) async fn record(
        &self,
        login: &LoginRecord,
        attempt: &Transaction,
        replaced: Option<&CredentialId>,
        now: UnixTime,
    ) -> Result<(), LoginFailure> {
        if let Means::Sessions(sessions) = &self.means {
            // It ends nothing. Without an index of users it fails, and so would the log-out.
            let can_end = sessions.end_login(&login.login).await;
            can_end.map_err(|error| {
                LoginFailure::new(FailureCode::ServerError, format!("the sessions: {error}"))
            })?;
        }
        let recorded = self.index.record(login, replaced, now.plus(UNDER_WAY)).await;
        recorded.map_err(|error| match error.downcast_ref() {
            Some(TooManyLogins) => LoginFailure::new(FailureCode::TooManyLogins, error.to_string()),
            None => index_failed(&error),
        })?;
        // After the record: a log-out that comes now finds it.
        match self.has_logged_out(login, attempt).await {
            Ok(false) => Ok(()),
            Ok(true) => {
                self.forget(&login.login).await;
                Err(ended())
            }
            Err(stop) => {
                self.forget(&login.login).await;
                Err(stop)
            }
        }
    }

    /// Returns whether the provider has logged the user out since the attempt began.
    pub(super) async fn has_logged_out(
        &self,
        login: &LoginRecord,
        attempt: &Transaction,
    ) -> Result<bool, LoginFailure> {
        let logged_out = self.index.has_logged_out(login, attempt.last_logout).await;
        logged_out.map_err(|error| index_failed(&error))
    }

    /// Returns what an attempt has to know about log-outs before it.
    pub(super) async fn last_logout(&self) -> Result<u64, LoginFailure> {
        self.index.last_logout().await.map_err(|error| index_failed(&error))
    }

    /// Notes a log-out for log-ins whose attempts have begun, until the last of them is over.
    pub(super) async fn note_logout(&self, what: &LoggedOut, now: UnixTime) -> Result<(), BoxError> {
        self.index.note_logout(what, now.plus(LIFETIME).plus(SKEW)).await
    }

    /// Keeps the record of a log-in whose session is valid, a while longer than until it ends. Fails if it
    /// was ended.
    pub(super) async fn keep(&self, login: &CredentialId, ends: UnixTime) -> Result<(), LoginFailure> {
        match self.index.keep(login, ends.plus(SKEW)).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(ended()),
            Err(error) => Err(index_failed(&error)),
        }
    }

    /// Removes the record of a log-in that is over. If that fails, it goes when the log-in would have ended.
    pub(super) async fn forget(&self, login: &CredentialId) {
        if let Err(error) = self.index.remove(login).await {
            tracing::warn!(target: "auth_login", %error, "the index of log-ins keeps an ended one");
        }
    }

    /// Ends the recorded log-ins that a log-out is about, and removes their records. Returns their ids.
    pub(super) async fn end_all(
        &self,
        what: &LoggedOut,
        is_meant: impl Fn(&LoginRecord) -> bool,
        now: UnixTime,
    ) -> Result<Vec<CredentialId>, BoxError> {
        let mut ended = Vec::new();
        for login in self.index.find(what).await? {
            if is_meant(&login) {
                self.end(&login, now).await?;
                ended.push(login.login);
            }
        }
        Ok(ended)
    }

    /// Ends a log-in that another one has taken the place of. If that fails, it ends at its timeout.
    pub(super) async fn end_replaced(&self, login: &CredentialId, now: UnixTime) {
        if let Err(error) = self.end_all(&LoggedOut::Login(login.clone()), |_| true, now).await {
            tracing::warn!(target: "auth_login", %error, "a log-in goes on that a step-up has replaced");
        }
    }

    async fn end(&self, login: &LoginRecord, now: UnixTime) -> Result<(), BoxError> {
        match &self.means {
            Means::Revocation(list) => {
                // Its end may have been extended meanwhile, so the list keeps it for its longest lifetime.
                list.revoke_credential(&login.login, None).await?;
                self.index.remove(&login.login).await
            }
            Means::Sessions(sessions) => {
                // Before its record is removed: a failure leaves it, and the same token can be sent again.
                sessions.end_login(&login.login).await?;
                self.index.remove(&login.login).await?;
                // A session that has begun since has found the record; one that begins from here on does not.
                if let Err(error) = sessions.end_login(&login.login).await {
                    self.index.record(login, None, now.plus(MAX_AGE).plus(SKEW)).await?;
                    return Err(error.into());
                }
                Ok(())
            }
        }
    }
}

/// The provider has ended its session.
pub(super) fn ended() -> LoginFailure {
    LoginFailure::new(FailureCode::InteractionRequired, ENDED)
}

fn index_failed(error: &BoxError) -> LoginFailure {
    LoginFailure::new(FailureCode::ServerError, format!("the index of log-ins: {error}"))
}
