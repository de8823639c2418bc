//! Reads a snapshot of the server's entries: [`Snapshot`].

use std::collections::HashSet;

use crate::{
    clock::UnixTime,
    identity::{CredentialId, UserId},
    revocation::denylist_table::DenylistTable,
};

/// The server's entries.
pub(super) struct Snapshot {
    pub(super) epochs: HashSet<(String, UnixTime)>,
    pub(super) credentials: HashSet<(String, UnixTime)>,
}

impl Snapshot {
    pub(super) fn of(epochs: &[String], credentials: &[String]) -> Self {
        Self { epochs: pairs(epochs), credentials: pairs(credentials) }
    }

    pub(super) fn note(&self, table: &DenylistTable) {
        for (name, epoch) in &self.epochs {
            match UserId::from_stored(name) {
                Ok(user) => table.note_user(&user, *epoch),
                Err(_) if name.is_empty() => table.note_everybody(*epoch),
                Err(_) => {}
            }
        }
        for (name, expires) in &self.credentials {
            if let Some(id) = CredentialId::from_list(name) {
                table.note_credential(&id, *expires);
            }
        }
    }
}

/// Pairs names and times, which alternate in the server's list of a sorted set.
fn pairs(list: &[String]) -> HashSet<(String, UnixTime)> {
    let pair = |pair: &[String]| match pair {
        [name, time] => Some((name.clone(), UnixTime::from_secs(time.parse().ok()?))),
        _ => None,
    };
    list.chunks_exact(2).filter_map(pair).collect()
}
