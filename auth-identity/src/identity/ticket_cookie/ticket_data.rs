//! Shows details of a request's ticket: [`TicketData`].

use std::fmt;

use crate::{
    Identity,
    clock::UnixTime,
    identity::Identified,
    ticket::{BoundAddress, Ticket},
};

/// The contents of the request's ticket besides the identity.
///
/// It is present if the ticket has tokens or data, and may be present otherwise.
///
/// # Example
///
/// ```
/// use auth_runtime::identity::{Identified, TicketData};
///
/// fn has_second_factor(identified: &Identified) -> bool {
///     identified.memo::<TicketData>().is_some_and(|data| data.tokens().iter().any(|token| token == "mfa"))
/// }
/// # assert!(!has_second_factor(&Identified::anonymous()));
/// ```
pub struct TicketData {
    pub(super) ticket: Ticket,
    pub(super) circumstances: Circumstances,
}

/// The request's state that `remember` and `renew` need.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Circumstances {
    /// The client's address, if tickets are bound to it
    pub(super) address: Option<BoundAddress>,
    /// The reason why tickets must not be read or set for this request
    pub(super) obstacle: Option<&'static str>,
    /// The ticket has another format and has to be replaced
    pub(super) is_import: bool,
}

impl Circumstances {
    /// Returns the attached state of this request.
    pub(super) fn of(identified: &Identified) -> Option<Self> {
        if let Some(data) = identified.memo::<TicketData>() {
            return Some(data.circumstances);
        }
        identified.memo::<Self>().as_deref().copied()
    }
}

impl TicketData {
    /// Returns the tokens.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        self.ticket.tokens()
    }

    /// Returns the text.
    #[must_use]
    pub fn public_data(&self) -> &str {
        self.ticket.public_data()
    }

    /// Returns the user who impersonates the identity.
    #[must_use]
    pub const fn actor(&self) -> Option<&Identity> {
        self.ticket.actor()
    }

    /// Returns when the ticket was issued.
    #[must_use]
    pub const fn issued(&self) -> UnixTime {
        self.ticket.issued()
    }

    /// Returns the expiry of the ticket.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.ticket.expires()
    }

    /// Returns when the user logged in; for a ticket of another format, the earliest possible time.
    #[must_use]
    pub const fn first_login(&self) -> UnixTime {
        self.ticket.first_login()
    }
}

impl fmt::Debug for TicketData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TicketData").field(&self.ticket).finish()
    }
}
