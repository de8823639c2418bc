//! Stores the immutable identity of a session: [`SessionIdentityRecord`].

use std::time::Duration;

use auth_identity::{
    Identity,
    clock::UnixTime,
    identity::{Acr, AuthTime, Authentication, CredentialId},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use tower_sessions_core::session::{Id, Record};

use super::{VERSION, read, record};

/// The version of an identity record with an impersonator: older code must reject it, and not take it for the
/// user's own session.
const WITH_ACTOR: u8 = 2;
/// The only key of the record; records of other kinds and programs differ.
pub(super) const CORE: &str = "auth.core";

/// The identity and timeouts of a session. It is created and deleted, but never changed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(in crate::session) struct SessionIdentityRecord {
    #[serde(rename = "v")]
    version: u8,
    /// `None` for an anonymous session
    #[serde(default, deserialize_with = "read_identity", serialize_with = "write_identity")]
    identity: Option<Identity>,
    created: u64,
    expires: u64,
    /// In seconds
    idle: u64,
    /// A session cookie: the browser removes it when it closes
    pub(in crate::session) until_browser_closes: bool,
    pub(in crate::session) tokens: Vec<String>,
    pub(in crate::session) public_data: String,
    pub(in crate::session) label: Option<String>,
    /// The user who impersonates the identity
    #[serde(
        default,
        deserialize_with = "read_identity",
        serialize_with = "write_identity",
        skip_serializing_if = "Option::is_none"
    )]
    actor: Option<Identity>,
    #[serde(
        default,
        deserialize_with = "read_authentication",
        serialize_with = "write_authentication",
        skip_serializing_if = "Authentication::is_default"
    )]
    pub(in crate::session) authentication: Authentication,
    /// The id of the log-in. Older code rejects a record with it, and so no session that it could not end
    /// goes on
    #[serde(
        default,
        deserialize_with = "read_login",
        serialize_with = "write_login",
        skip_serializing_if = "Option::is_none"
    )]
    pub(in crate::session) login: Option<CredentialId>,
}

impl SessionIdentityRecord {
    pub(in crate::session) fn new(
        identity: Option<&Identity>,
        created: UnixTime,
        expires: UnixTime,
        idle: Duration,
    ) -> Self {
        Self {
            version: VERSION,
            identity: identity.cloned(),
            created: created.as_secs(),
            expires: expires.as_secs(),
            idle: idle.as_secs(),
            until_browser_closes: false,
            tokens: Vec::new(),
            public_data: String::new(),
            label: None,
            actor: None,
            authentication: Authentication::new(),
            login: None,
        }
    }

    pub(in crate::session) fn with_actor(mut self, actor: Option<&Identity>) -> Self {
        self.version = if actor.is_some() { WITH_ACTOR } else { VERSION };
        self.actor = actor.cloned();
        self
    }

    pub(in crate::session) const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    pub(in crate::session) const fn actor(&self) -> Option<&Identity> {
        self.actor.as_ref()
    }

    /// Returns the user of the session and its impersonator.
    pub(in crate::session) fn who(&self) -> Option<(&Identity, Option<&Identity>)> {
        self.identity().map(|identity| (identity, self.actor()))
    }

    pub(in crate::session) const fn created(&self) -> UnixTime {
        UnixTime::from_secs(self.created)
    }

    pub(in crate::session) const fn expires(&self) -> UnixTime {
        UnixTime::from_secs(self.expires)
    }

    pub(in crate::session) const fn idle(&self) -> Duration {
        Duration::from_secs(self.idle)
    }

    pub(in crate::session) fn record(&self, id: Id) -> Option<Record> {
        record(id, CORE, self, self.expires())
    }

    pub(in crate::session) fn read(record: Record, id: Id) -> Result<Self, &'static str> {
        let core: Self = read(record, id, CORE)?;
        if core.version != if core.actor.is_some() { WITH_ACTOR } else { VERSION } {
            return Err("another version");
        }
        if core.actor.is_some() && core.identity.is_none() {
            return Err("no actor");
        }
        Ok(core)
    }
}

fn read_identity<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Identity>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.map(Identity::from_stored).transpose().map_err(D::Error::custom)
}

#[expect(clippy::ref_option, reason = "the signature is serde's")]
fn write_identity<S: Serializer>(identity: &Option<Identity>, to: S) -> Result<S::Ok, S::Error> {
    identity.as_ref().map(Identity::as_str).serialize(to)
}

fn read_login<'de, D: Deserializer<'de>>(from: D) -> Result<Option<CredentialId>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.map(CredentialId::new).transpose().map_err(D::Error::custom)
}

#[expect(clippy::ref_option, reason = "the signature is serde's")]
fn write_login<S: Serializer>(login: &Option<CredentialId>, to: S) -> Result<S::Ok, S::Error> {
    login.as_ref().map(CredentialId::as_str).serialize(to)
}

/// How the user authenticated. Servers that do not know of it reject the record.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenAuthentication {
    time: WrittenAuthTime,
    acr: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum WrittenAuthTime {
    LogIn,
    At(u64),
    Unknown,
}

fn read_authentication<'de, D: Deserializer<'de>>(from: D) -> Result<Authentication, D::Error> {
    let written = WrittenAuthentication::deserialize(from)?;
    let authentication = Authentication::new().with_time(match written.time {
        WrittenAuthTime::LogIn => AuthTime::LogIn,
        WrittenAuthTime::At(time) => AuthTime::At(UnixTime::from_secs(time)),
        WrittenAuthTime::Unknown => AuthTime::Unknown,
    });
    let authentication = match written.acr {
        Some(acr) => authentication.with_acr(Acr::new(acr).map_err(D::Error::custom)?),
        None => authentication,
    };
    // The default is left out.
    if authentication.is_default() { Err(D::Error::custom("the default")) } else { Ok(authentication) }
}

fn write_authentication<S: Serializer>(authentication: &Authentication, to: S) -> Result<S::Ok, S::Error> {
    let time = match authentication.time() {
        AuthTime::LogIn => WrittenAuthTime::LogIn,
        AuthTime::At(time) => WrittenAuthTime::At(time.as_secs()),
        _ => WrittenAuthTime::Unknown,
    };
    WrittenAuthentication { time, acr: authentication.acr().map(|acr| acr.as_str().to_owned()) }.serialize(to)
}
