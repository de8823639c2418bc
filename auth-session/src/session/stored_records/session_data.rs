//! Stores a session's data and last use: [`SessionData`].

use std::{collections::BTreeMap, sync::Arc};

use auth_identity::{clock::UnixTime, identity::Data};
use serde::{Deserialize, Serialize};
use tower_sessions_core::session::{Id, Record};

use super::{SessionIdentityRecord, VERSION, read, record};

/// The only key of the record.
const VALUES: &str = "auth.values";

/// The last use of a session, and its data.
#[derive(Clone, Debug, Default)]
pub(in crate::session) struct SessionData {
    pub(in crate::session) seen: UnixTime,
    pub(in crate::session) data: Arc<Data>,
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
    pub(in crate::session) fn record(&self, id: Id, core: &SessionIdentityRecord) -> Option<Record> {
        let data = self.data.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let written = Written { version: VERSION, seen: self.seen.as_secs(), data };
        record(id, VALUES, &written, self.seen.plus(core.idle()).min(core.expires()))
    }

    pub(in crate::session) fn read(record: Record, id: Id) -> Result<Self, &'static str> {
        let written: Written = read(record, id, VALUES)?;
        if written.version != VERSION {
            return Err("another version");
        }
        let data = Arc::new(written.data.into_iter().collect());
        Ok(Self { seen: UnixTime::from_secs(written.seen), data })
    }

    /// Returns the timeout at which a session has ended, if it has.
    pub(in crate::session) fn limit(
        &self,
        core: &SessionIdentityRecord,
        now: UnixTime,
    ) -> Option<&'static str> {
        if now >= core.expires() {
            return Some("absolute limit");
        }
        (now.since(self.seen) >= core.idle()).then_some("idle limit")
    }

    /// Returns the size of all keys and values in bytes.
    pub(in crate::session) fn size(&self) -> usize {
        self.data
            .iter()
            .fold(0, |size, (key, value)| size.saturating_add(key.len()).saturating_add(value.len()))
    }
}
