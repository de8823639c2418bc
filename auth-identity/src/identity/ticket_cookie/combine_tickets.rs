//! Combines the tickets of several cookies of one name: [`Count`].

use crate::{
    Identity,
    identity::{
        Identified,
        cookie::{MAX_CANDIDATES, MAX_READ},
        presented_credentials::Several,
    },
    ticket::Ticket,
};

/// Counts the cookies of one name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) candidates: usize,
    /// The number of valid tickets
    pub(super) valid: u8,
    /// The tickets have different users or impersonators
    pub(super) is_contradictory: bool,
}

impl Count {
    /// Returns the first ticket, unless the cookies contradict each other or are too many. The others are
    /// kept, so that a log-out ends them.
    pub(super) fn several(
        self,
        first: Option<Identified>,
        mut others: Vec<Identified>,
        is_import: bool,
    ) -> Identified {
        let is_unread = self.candidates > MAX_READ;
        let several = Several { valid: self.valid, is_unread, is_import };
        let result = if self.candidates > MAX_CANDIDATES {
            Identified::bad_credential()
        } else if self.is_contradictory {
            Identified::contradictory()
        } else {
            return first.unwrap_or_else(Identified::bad_credential).with_several(several, others);
        };
        others.extend(first);
        result.with_several(several, others)
    }
}

/// Returns the user and the impersonator of a ticket.
pub(super) fn who(ticket: &Ticket) -> (&Identity, Option<&Identity>) {
    (ticket.identity(), ticket.actor())
}
