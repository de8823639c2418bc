//! Serializes the three stored records of a session: its identity, its data, and the status of its secret.

mod identity_record;
mod secret_status;
mod session_data;
#[cfg(test)]
mod tests;

use std::time::Duration;

use auth_identity::clock::UnixTime;
use serde::{Serialize, de::DeserializeOwned};
use time::OffsetDateTime;
use tower_sessions_core::session::{Id, Record};

pub(super) use identity_record::SessionIdentityRecord;
pub(super) use secret_status::SecretStatus;
pub(super) use session_data::SessionData;

/// The version of all records; others are rejected.
const VERSION: u8 = 1;
/// How long a store keeps an expired record, so that its clock may differ.
const GRACE: Duration = Duration::from_mins(1);

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
