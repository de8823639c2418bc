//! Tickets of the older `ticket_auth` format.
