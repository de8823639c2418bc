//! What a ticket promises.
