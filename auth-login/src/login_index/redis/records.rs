//! Reads and writes the keys, sets and values of [`RedisLoginIndex`].

use std::time::Duration;

use auth_runtime::{BoxError, clock::UnixTime, identity::CredentialId};
use fred::{
    interfaces::{FredResult, KeysInterface as _, SortedSetsInterface as _},
    types::ExpireOptions,
};
use serde::{Deserialize, Serialize};

use super::RedisLoginIndex;
use crate::login_index::{LoggedOut, LoginRecord};

/// The timeout of a command.
const DEADLINE: Duration = Duration::from_secs(2);

/// A log-in as it is written.
#[derive(Deserialize, Serialize)]
pub(super) struct Written {
    provider: String,
    issuer: String,
    subject: String,
    account: String,
    session: Option<String>,
    hint: Option<String>,
}

impl Written {
    pub(super) fn new(login: &LoginRecord, hint: Option<String>) -> Self {
        Self {
            provider: login.provider.clone(),
            issuer: login.issuer.clone(),
            subject: login.subject.clone(),
            account: login.account.clone(),
            session: login.session.clone(),
            hint,
        }
    }

    /// Returns the log-in, without its `id_token`.
    pub(super) fn login(&self, id: &CredentialId) -> LoginRecord {
        let login = LoginRecord::new(id.clone(), &self.provider, &self.issuer, &self.subject);
        LoginRecord { account: self.account.clone(), session: self.session.clone(), ..login }
    }
}

impl RedisLoginIndex {
    pub(super) fn key(&self, what: &LoggedOut) -> String {
        format!("{}:{}", self.prefix, what.key())
    }

    pub(super) fn login_key(&self, login: &CredentialId) -> String {
        self.key(&LoggedOut::Login(login.clone()))
    }

    pub(super) fn subject_set(&self, login: &LoginRecord) -> String {
        let (issuer, subject) = (login.issuer.clone(), login.subject.clone());
        self.key(&LoggedOut::Subject { issuer, subject })
    }

    /// The sets that list a log-in.
    pub(super) fn sets(&self, login: &LoginRecord) -> impl Iterator<Item = String> {
        login.ended_by().filter(|what| !matches!(what, LoggedOut::Login(_))).map(|what| self.key(&what))
    }

    /// The number of the last log-out.
    pub(super) fn logouts(&self) -> String {
        format!("{}:logouts", self.prefix)
    }

    /// The number of the last log-out with this name.
    pub(super) fn noted(&self, what: &LoggedOut) -> String {
        format!("{}:ended:{}", self.prefix, what.key())
    }

    pub(super) async fn read(&self, login: &CredentialId) -> Result<Option<Written>, BoxError> {
        let text: Option<String> = call(self.client.get(self.login_key(login))).await?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    pub(super) async fn list(
        &self,
        set: &str,
        login: &CredentialId,
        until: UnixTime,
    ) -> Result<(), BoxError> {
        let entry = (score(until.as_secs()), login.as_str().to_owned());
        let _: i64 = call(self.client.zadd(set, None, None, false, false, entry)).await?;
        self.extend(set, until).await
    }

    /// The first option sets a time if there is none; the second only extends it.
    pub(super) async fn extend(&self, set: &str, until: UnixTime) -> Result<(), BoxError> {
        for option in [ExpireOptions::NX, ExpireOptions::GT] {
            let _: i64 = call(self.client.expire(set, self.left(until), Some(option))).await?;
        }
        Ok(())
    }

    /// A duration, not a time: the server's clock may differ.
    pub(super) fn left(&self, until: UnixTime) -> i64 {
        i64::try_from(until.since(self.clock.now()).as_secs().max(1)).unwrap_or(i64::MAX)
    }

    pub(super) fn record_of(&self, login: &CredentialId, written: &Written) -> LoginRecord {
        self.cipher.open(self.clock.now(), written.login(login), written.hint.as_deref())
    }
}

/// A float holds seconds and numbers of log-outs exactly.
#[expect(clippy::cast_precision_loss, reason = "there are 2^53 exact ones")]
pub(super) const fn score(number: u64) -> f64 {
    number as f64
}

pub(super) async fn call<T>(command: impl Future<Output = FredResult<T>>) -> Result<T, BoxError> {
    Ok(tokio::time::timeout(DEADLINE, command).await??)
}
