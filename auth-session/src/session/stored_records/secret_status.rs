//! Stores whether a cookie's secret is the current one or was replaced by a rotation: [`SecretStatus`].

use auth_identity::clock::UnixTime;
use serde::{Deserialize, Serialize};
use tower_sessions_core::session::{Id, Record};

use super::{SessionIdentityRecord, VERSION, read, record};

/// The only key of the record of a present secret.
const CURRENT: &str = "auth.secret";
/// The only key of the record of a replaced secret.
pub(super) const REPLACED: &str = "auth.replaced";

/// The state of a session's cookie value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::session) enum SecretStatus {
    /// The present one
    Current,
    /// Replaced by a rotation or a log-in; remembered until this time
    Replaced { until: UnixTime },
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenCurrent {
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

impl SecretStatus {
    /// Returns the record of a present value.
    pub(in crate::session) fn record(id: Id, core: &SessionIdentityRecord) -> Option<Record> {
        record(id, CURRENT, &WrittenCurrent { version: VERSION }, core.expires())
    }

    /// Returns the record that marks a replaced value.
    pub(in crate::session) fn replaced(id: Id, until: UnixTime) -> Option<Record> {
        record(id, REPLACED, &WrittenReplaced { version: VERSION, until: until.as_secs() }, until)
    }

    pub(in crate::session) fn read(record: Record, id: Id) -> Result<Self, &'static str> {
        let (version, status) = if record.data.contains_key(REPLACED) {
            let written: WrittenReplaced = read(record, id, REPLACED)?;
            (written.version, Self::Replaced { until: UnixTime::from_secs(written.until) })
        } else {
            let written: WrittenCurrent = read(record, id, CURRENT)?;
            (written.version, Self::Current)
        };
        if version == VERSION { Ok(status) } else { Err("another version") }
    }

    /// Returns whether the record is that of a present value.
    pub(in crate::session) fn is_current_record(record: &Record) -> bool {
        record.data.contains_key(CURRENT)
    }
}
