//! All that the server knows, as it was read.

use std::collections::HashSet;

use crate::{
    clock::UnixTime,
    identity::{CredentialId, UserId},
    revocation::table::Table,
};

/// What the server knows.
pub(super) struct Known {
    pub(super) epochs: HashSet<(String, UnixTime)>,
    pub(super) credentials: HashSet<(String, UnixTime)>,
}

impl Known {
    pub(super) fn of(epochs: &[String], credentials: &[String]) -> Self {
        Self { epochs: pairs(epochs), credentials: pairs(credentials) }
    }

    pub(super) fn note(&self, table: &Table) {
        for (name, epoch) in &self.epochs {
            match UserId::new(name) {
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

/// Names and times in turn, as the server lists a sorted set.
fn pairs(list: &[String]) -> HashSet<(String, UnixTime)> {
    let pair = |pair: &[String]| match pair {
        [name, time] => Some((name.clone(), UnixTime::from_secs(time.parse().ok()?))),
        _ => None,
    };
    list.chunks_exact(2).filter_map(pair).collect()
}
