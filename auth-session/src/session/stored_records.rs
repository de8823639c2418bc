//! The stored records of a session: the immutable identity, the present secret, and the data.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _},
};
use time::OffsetDateTime;
use tower_sessions_core::session::{Id, Record};

use auth_identity::{
    Identity,
    clock::UnixTime,
    identity::{Acr, AuthTime, Authentication, Data},
};

/// The version of all records; others are rejected.
const VERSION: u8 = 1;
/// The version of an identity record with an impersonator: older code must reject it, and not take it for the
/// user's own session.
const WITH_ACTOR: u8 = 2;
/// The only key of a record; records of other programs differ.
const CORE: &str = "auth.core";
const DOOR: &str = "auth.door";
const REPLACED: &str = "auth.replaced";
const VALUES: &str = "auth.values";
/// How long a store keeps an expired record, so that its clock may differ.
const GRACE: Duration = Duration::from_mins(1);

/// The identity and timeouts of a session. It is created and deleted, but never changed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionIdentityRecord {
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
    pub(super) until_browser_closes: bool,
    pub(super) tokens: Vec<String>,
    pub(super) public_data: String,
    pub(super) label: Option<String>,
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
    pub(super) authentication: Authentication,
}

impl SessionIdentityRecord {
    pub(super) fn new(
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
        }
    }

    pub(super) fn with_actor(mut self, actor: Option<&Identity>) -> Self {
        self.version = if actor.is_some() { WITH_ACTOR } else { VERSION };
        self.actor = actor.cloned();
        self
    }

    pub(super) const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    pub(super) const fn actor(&self) -> Option<&Identity> {
        self.actor.as_ref()
    }

    /// Returns the user of the session and its impersonator.
    pub(super) fn who(&self) -> Option<(&Identity, Option<&Identity>)> {
        self.identity().map(|identity| (identity, self.actor()))
    }

    pub(super) const fn created(&self) -> UnixTime {
        UnixTime::from_secs(self.created)
    }

    pub(super) const fn expires(&self) -> UnixTime {
        UnixTime::from_secs(self.expires)
    }

    pub(super) const fn idle(&self) -> Duration {
        Duration::from_secs(self.idle)
    }

    pub(super) fn record(&self, id: Id) -> Option<Record> {
        record(id, CORE, self, self.expires())
    }

    pub(super) fn read(record: Record, id: Id) -> Result<Self, &'static str> {
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
    text.map(Identity::new).transpose().map_err(D::Error::custom)
}

#[expect(clippy::ref_option, reason = "the signature is serde's")]
fn write_identity<S: Serializer>(identity: &Option<Identity>, to: S) -> Result<S::Ok, S::Error> {
    identity.as_ref().map(Identity::as_str).serialize(to)
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

/// The state of a session's cookie value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum CurrentSecret {
    /// The present one
    Open,
    /// Replaced by a rotation or a log-in; remembered until this time
    Replaced { until: UnixTime },
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenDoor {
    #[serde(rename = "v")]
    version: u8,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenReplaced {
    #[serde(rename = "v")]
    version: u8,
    until: u64,
}

impl CurrentSecret {
    /// Returns the record of a present value.
    pub(super) fn record(id: Id, core: &SessionIdentityRecord) -> Option<Record> {
        record(id, DOOR, &WrittenDoor { version: VERSION }, core.expires())
    }

    /// Returns the record that marks a replaced value.
    pub(super) fn replaced(id: Id, until: UnixTime) -> Option<Record> {
        record(id, REPLACED, &WrittenReplaced { version: VERSION, until: until.as_secs() }, until)
    }

    pub(super) fn read(record: Record, id: Id) -> Result<Self, &'static str> {
        let (version, door) = if record.data.contains_key(REPLACED) {
            let written: WrittenReplaced = read(record, id, REPLACED)?;
            (written.version, Self::Replaced { until: UnixTime::from_secs(written.until) })
        } else {
            let written: WrittenDoor = read(record, id, DOOR)?;
            (written.version, Self::Open)
        };
        if version == VERSION { Ok(door) } else { Err("another version") }
    }

    /// Returns whether the record is that of a present value.
    pub(super) fn is_open_record(record: &Record) -> bool {
        record.data.contains_key(DOOR)
    }
}

/// The last use of a session, and its data.
#[derive(Clone, Debug, Default)]
pub(super) struct SessionData {
    pub(super) seen: UnixTime,
    pub(super) data: Arc<Data>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "v")]
    version: u8,
    seen: u64,
    data: BTreeMap<String, String>,
}

impl SessionData {
    pub(super) fn record(&self, id: Id, core: &SessionIdentityRecord) -> Option<Record> {
        let data = self.data.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let written = Written { version: VERSION, seen: self.seen.as_secs(), data };
        record(id, VALUES, &written, self.seen.plus(core.idle()).min(core.expires()))
    }

    pub(super) fn read(record: Record, id: Id) -> Result<Self, &'static str> {
        let written: Written = read(record, id, VALUES)?;
        if written.version != VERSION {
            return Err("another version");
        }
        let data = Arc::new(written.data.into_iter().collect());
        Ok(Self { seen: UnixTime::from_secs(written.seen), data })
    }

    /// Returns the timeout at which a session has ended, if it has.
    pub(super) fn limit(&self, core: &SessionIdentityRecord, now: UnixTime) -> Option<&'static str> {
        if now >= core.expires() {
            return Some("absolute limit");
        }
        (now.since(self.seen) >= core.idle()).then_some("idle limit")
    }

    /// Returns the size of all keys and values in bytes.
    pub(super) fn size(&self) -> usize {
        self.data
            .iter()
            .fold(0, |size, (key, value)| size.saturating_add(key.len()).saturating_add(value.len()))
    }
}

/// Serializes a value; `None` never happens for our types.
fn record(id: Id, key: &str, value: &impl Serialize, until: UnixTime) -> Option<Record> {
    let value = serde_json::to_value(value).ok()?;
    let until = i64::try_from(until.plus(GRACE).as_secs()).ok();
    let until = until.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let expiry_date = until.unwrap_or_else(|| time::Date::MAX.midnight().assume_utc());
    Some(Record { id, data: [(key.to_owned(), value)].into(), expiry_date })
}

fn read<T: DeserializeOwned>(mut record: Record, id: Id, key: &str) -> Result<T, &'static str> {
    if record.id != id {
        return Err("the record of another session");
    }
    let value = record.data.remove(key).ok_or("a record of another kind")?;
    if !record.data.is_empty() {
        return Err("more than one part");
    }
    serde_json::from_value(value).map_err(|_| "unknown content")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn core() -> SessionIdentityRecord {
        let alice = Identity::new("alice").unwrap();
        SessionIdentityRecord::new(
            Some(&alice),
            UnixTime::from_secs(1),
            UnixTime::from_secs(9),
            Duration::from_secs(3),
        )
    }

    fn authenticated() -> SessionIdentityRecord {
        let authentication = Authentication::new().with_acr(Acr::new("phr").unwrap());
        let authentication = authentication.with_time(AuthTime::At(UnixTime::from_secs(1)));
        SessionIdentityRecord { authentication, ..core() }
    }

    // How a user authenticated is never read as anything else.
    #[test]
    fn an_authentication_has_one_spelling() {
        let id = Id(7);
        let read = SessionIdentityRecord::read(authenticated().record(id).unwrap(), id).unwrap();
        assert_eq!(read, authenticated());
        let plain = core().record(id).unwrap();
        assert!(plain.data[CORE].get("authentication").is_none(), "as it was before");
        for wrong in [
            json!(null),
            json!({}),
            json!({"time": "log_in"}),
            json!({"time": "log_in", "acr": null}),
            json!({"time": "log_in", "acr": ""}),
            json!({"time": "log_in", "acr": "a b"}),
            json!({"time": {"at": -1}, "acr": null}),
            json!({"time": {"at": 1, "unknown": 1}, "acr": null}),
            json!({"time": "unknown", "acr": "phr", "admin": true}),
        ] {
            let mut record = plain.clone();
            record.data.get_mut(CORE).unwrap()["authentication"] = wrong.clone();
            assert!(SessionIdentityRecord::read(record, id).is_err(), "{wrong}");
        }
    }

    // More than 200 records that are nearly valid are rejected.
    #[test]
    fn what_is_not_exactly_a_record_of_ours_is_none() {
        let id = Id(7);
        let values = SessionData {
            seen: UnixTime::from_secs(2),
            data: Arc::new([("a".to_owned(), "1".to_owned())].into_iter().collect()),
        };
        let records = [
            core().record(id).unwrap(),
            values.record(id, &core()).unwrap(),
            CurrentSecret::record(id, &core()).unwrap(),
            core().with_actor(Some(&Identity::new("root").unwrap())).record(id).unwrap(),
            authenticated().record(id).unwrap(),
        ];
        assert!(
            SessionIdentityRecord::read(records[0].clone(), id).is_ok()
                && SessionData::read(records[1].clone(), id).is_ok()
        );
        assert!(
            SessionIdentityRecord::read(records[1].clone(), id).is_err()
                && SessionData::read(records[0].clone(), id).is_err()
        );
        let refused = |record: Record| {
            SessionIdentityRecord::read(record.clone(), id).is_err() && SessionData::read(record, id).is_err()
        };

        let foreign = [
            json!(null),
            json!(true),
            json!(0),
            json!(-1),
            json!(1.5),
            json!(2),
            json!(""),
            json!("1"),
            json!([]),
            json!([1]),
            json!({}),
            json!({"a": 1}),
            json!({"a": null}),
            json!(" alice"),
            json!("a\nb"),
            json!(u64::MAX),
            json!(1e300),
            json!([[]]),
            json!(["a", 1]),
            json!("\u{202e}x"),
        ];
        let mut tried = 0;
        for record in &records {
            let (key, value) = record.data.iter().next().unwrap();
            let fields: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
            for field in &fields {
                for wrong in &foreign {
                    let mut value = value.clone();
                    value[field] = wrong.clone();
                    let mutated = Record { data: [(key.clone(), value)].into(), ..record.clone() };
                    // Some mutations are valid; what is read is then written unchanged.
                    let again = SessionIdentityRecord::read(mutated.clone(), id)
                        .ok()
                        .and_then(|core| core.record(id));
                    assert!(again.is_none_or(|again| again.data == mutated.data), "{field}: {wrong}");
                    let again = SessionData::read(mutated.clone(), id)
                        .ok()
                        .and_then(|values| values.record(id, &core()));
                    assert!(again.is_none_or(|again| again.data == mutated.data), "{field}: {wrong}");
                    assert!(CurrentSecret::read(mutated, id).is_err(), "{field}: {wrong}");
                    tried += 1;
                }
                // `Option` fields may be absent; a version or a time may not.
                let mut without = value.clone();
                without.as_object_mut().unwrap().remove(field);
                if !["identity", "label", "authentication"].contains(&field.as_str()) {
                    assert!(
                        refused(Record { data: [(key.clone(), without)].into(), ..record.clone() }),
                        "{field}"
                    );
                }
                tried += 1;
            }
            let mut more = value.clone();
            more["admin"] = json!(true);
            assert!(refused(Record { data: [(key.clone(), more)].into(), ..record.clone() }));
            let mut two = record.clone();
            two.data.insert("admin".to_owned(), Value::Null);
            assert!(refused(two));
            assert!(refused(Record { id: Id(8), ..record.clone() }));
            assert!(refused(Record { data: [].into(), ..record.clone() }));
            tried += 4;
        }
        assert!(tried >= 200, "{tried}");
    }

    #[test]
    fn who_acts_for_a_user_is_read_by_servers_that_know_of_actors_only() {
        let (id, root) = (Id(7), Identity::new("root").unwrap());
        let plain = core().record(id).unwrap();
        assert_eq!(plain.data[CORE]["v"], json!(1));
        assert!(plain.data[CORE].get("actor").is_none(), "as it was before there were actors");
        let acted = core().with_actor(Some(&root)).record(id).unwrap();
        assert_eq!((&acted.data[CORE]["v"], &acted.data[CORE]["actor"]), (&json!(2), &json!("root")));
        assert_eq!(SessionIdentityRecord::read(acted.clone(), id).unwrap().who().unwrap().1, Some(&root));
        // Changing the version neither drops nor adds an impersonator.
        for (mut record, version) in [(plain, 2), (acted, 1)] {
            record.data.get_mut(CORE).unwrap()["v"] = json!(version);
            assert!(SessionIdentityRecord::read(record, id).is_err(), "{version}");
        }
        let mut nobodys = SessionIdentityRecord::new(
            None,
            UnixTime::from_secs(1),
            UnixTime::from_secs(9),
            Duration::from_secs(3),
        );
        nobodys = nobodys.with_actor(Some(&Identity::new("root").unwrap()));
        assert!(SessionIdentityRecord::read(nobodys.record(id).unwrap(), id).is_err());
    }

    #[test]
    fn a_replaced_value_is_not_the_present_one() {
        let (id, until) = (Id(7), UnixTime::from_secs(60));
        let open = CurrentSecret::record(id, &core()).unwrap();
        let replaced = CurrentSecret::replaced(id, until).unwrap();
        assert_eq!(CurrentSecret::read(open.clone(), id), Ok(CurrentSecret::Open));
        assert_eq!(CurrentSecret::read(replaced.clone(), id), Ok(CurrentSecret::Replaced { until }));
        assert!(CurrentSecret::is_open_record(&open) && !CurrentSecret::is_open_record(&replaced));
        let mut both = replaced.clone();
        both.data.extend(open.data);
        assert!(CurrentSecret::read(both, id).is_err());
        let mut later = replaced;
        later.data.get_mut(REPLACED).unwrap()["v"] = json!(2);
        assert!(CurrentSecret::read(later, id).is_err());
    }

    #[test]
    fn times_beyond_the_calendar_are_the_last_one() {
        let far = SessionIdentityRecord::new(
            None,
            UnixTime::from_secs(0),
            UnixTime::from_secs(u64::MAX),
            Duration::MAX,
        );
        assert_eq!(far.record(Id(1)).unwrap().expiry_date.year(), 9999);
    }
}
