//! Remembers log-outs in the memory of one process, for log-ins that are not recorded yet: [`NotedLogouts`].

use std::collections::{HashMap, VecDeque};

use auth_runtime::clock::UnixTime;

use super::{LoggedOut, LoginRecord};

/// Keeps the number of the last log-out under each name.
#[derive(Default)]
pub(super) struct NotedLogouts {
    last: u64,
    by_name: HashMap<String, u64>,
    /// In the order of their numbers
    ends: VecDeque<(UnixTime, u64, String)>,
}

impl NotedLogouts {
    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn note(&mut self, what: &LoggedOut, until: UnixTime) {
        self.last = self.last.saturating_add(1);
        let name = what.key();
        self.by_name.insert(name.clone(), self.last);
        self.ends.push_back((until, self.last, name));
    }

    pub(super) fn has_logged_out(&self, login: &LoginRecord, since: u64) -> bool {
        // A number from before a restart says nothing about the log-outs since.
        since > self.last
            || login
                .ended_by()
                .any(|what| self.by_name.get(&what.key()).is_some_and(|number| *number > since))
    }

    /// Forgets log-outs from the oldest on, up to the first that has not ended.
    pub(super) fn forget_what_has_ended(&mut self, now: UnixTime) {
        while self.ends.front().is_some_and(|(until, ..)| *until <= now) {
            let Some((_, number, name)) = self.ends.pop_front() else { return };
            if self.by_name.get(&name) == Some(&number) {
                self.by_name.remove(&name);
            }
        }
    }
}
