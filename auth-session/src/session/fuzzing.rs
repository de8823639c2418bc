//! Checks properties of parsed session secrets and records, for fuzz targets.

use std::time::Duration;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use tower_sessions_core::session::{Id, Record};

use super::{
    SessionIdentity,
    session_secret::SessionSecret,
    stored_records::{SecretStatus, SessionData, SessionIdentityRecord},
};
use auth_identity::clock::UnixTime;

impl SessionIdentity {
    /// A secret has exactly one text.
    pub(crate) fn fuzz_secret(text: &[u8]) -> bool {
        let Some(secret) = SessionSecret::parse(text) else { return false };
        assert_eq!(secret.text().as_bytes(), text);
        true
    }

    /// A record has at most one kind, and contains nothing that its kind would not write.
    pub(crate) fn fuzz_record(bytes: &[u8]) -> bool {
        let id = Id(7);
        let Ok(data) = serde_json::from_slice::<Map<String, Value>>(bytes) else { return false };
        let record = Record { id, data: data.into_iter().collect(), expiry_date: OffsetDateTime::UNIX_EPOCH };
        let core = SessionIdentityRecord::read(record.clone(), id).ok();
        let values = SessionData::read(record.clone(), id).ok();
        let status = SecretStatus::read(record.clone(), id).ok();
        let kinds = [core.is_some(), values.is_some(), status.is_some()];
        assert!(kinds.iter().filter(|kind| **kind).count() <= 1);
        let any = SessionIdentityRecord::new(None, UnixTime::default(), UnixTime::default(), Duration::ZERO);
        let again = core
            .as_ref()
            .and_then(|core| core.record(id))
            .or_else(|| values.as_ref().and_then(|values| values.record(id, &any)))
            .or_else(|| status.as_ref().and_then(|_| SecretStatus::record(id, &any)));
        if let Some(again) = &again {
            assert_eq!(spoken(again), spoken(&record));
        }
        assert_eq!(again.is_some(), kinds.contains(&true));
        assert!(core.is_none_or(|core| core.actor().is_none() || core.identity().is_some()));
        again.is_some()
    }
}

/// Normalizes a record: a member that is `null` equals an absent one.
fn spoken(record: &Record) -> Vec<(&String, Value)> {
    let without_nulls = |value: &Value| match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        other => other.clone(),
    };
    record.data.iter().map(|(name, value)| (name, without_nulls(value))).collect()
}
