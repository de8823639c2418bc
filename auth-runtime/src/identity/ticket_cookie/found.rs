//! What several cookies of one name come to.

use crate::{
    Identity,
    identity::{
        Identified,
        cookie::{MAX_CANDIDATES, MAX_READ},
        presented::Several,
    },
    ticket::Ticket,
};

/// What was counted while the cookies of one name were read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) candidates: usize,
    /// How many of them are tickets
    pub(super) valid: u8,
    /// The tickets are of different users, or have different actors
    pub(super) is_contradictory: bool,
}

impl Count {
    /// Returns the first ticket, unless the cookies contradict each other or are too many. The others are kept, so that a
    /// log-out ends them.
    pub(super) fn several(
        self,
        first: Option<Identified>,
        mut others: Vec<Identified>,
        is_import: bool,
    ) -> Identified {
        let is_unread = self.candidates > MAX_READ;
        let several = Several { valid: self.valid, is_unread, is_import };
        let nobody = if self.candidates > MAX_CANDIDATES {
            Identified::bad_credential()
        } else if self.is_contradictory {
            Identified::contradictory()
        } else {
            return first.unwrap_or_else(Identified::bad_credential).with_several(several, others);
        };
        others.extend(first);
        nobody.with_several(several, others)
    }
}

/// For whom a ticket speaks.
pub(super) fn who(ticket: &Ticket) -> (&Identity, Option<&Identity>) {
    (ticket.identity(), ticket.actor())
}
