//! The record of a cookie's secret, present or replaced: [`CurrentSecret`].

use auth_identity::clock::UnixTime;
use serde::{Deserialize, Serialize};
use tower_sessions_core::session::{Id, Record};

use super::{SessionIdentityRecord, VERSION, read, record};

/// The only key of the record of a present secret.
const DOOR: &str = "auth.door";
/// The only key of the record of a replaced secret.
pub(super) const REPLACED: &str = "auth.replaced";

/// The state of a session's cookie value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::session) enum CurrentSecret {
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
    pub(in crate::session) fn record(id: Id, core: &SessionIdentityRecord) -> Option<Record> {
        record(id, DOOR, &WrittenDoor { version: VERSION }, core.expires())
    }

    /// Returns the record that marks a replaced value.
    pub(in crate::session) fn replaced(id: Id, until: UnixTime) -> Option<Record> {
        record(id, REPLACED, &WrittenReplaced { version: VERSION, until: until.as_secs() }, until)
    }

    pub(in crate::session) fn read(record: Record, id: Id) -> Result<Self, &'static str> {
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
    pub(in crate::session) fn is_open_record(record: &Record) -> bool {
        record.data.contains_key(DOOR)
    }
}
