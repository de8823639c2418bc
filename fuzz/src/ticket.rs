//! Tickets: fuzzed texts, and tickets built from the input.

use std::time::Duration;

use auth_runtime::{
    Identity, Key, KeyRing,
    clock::UnixTime,
    ticket::{Ticket, TicketScope, TicketSealer},
};

/// A text is accepted only if it is the one text of its content, and only in its scope. A ticket built from
/// the input opens to itself, and with one byte changed it does not open.
pub fn check(bytes: &[u8]) -> bool {
    let ring = KeyRing::new(Key::from_bytes((0..32).collect::<Vec<u8>>()).unwrap());
    let scope = TicketScope { purpose: "identity", application: "", name: "__Host-auth" };
    let sealer = TicketSealer::new(ring.clone(), &scope);
    let elsewhere = TicketSealer::new(ring, &TicketScope { name: "auth", ..scope });

    let opened = sealer.open(bytes, None);
    if let Ok(opened) = &opened {
        assert_eq!(sealer.seal(opened.ticket(), None).unwrap().as_bytes(), bytes);
    }
    assert!(elsewhere.open(bytes, None).is_err());

    if let Some(ticket) = ticket(bytes)
        && let Ok(text) = sealer.seal(&ticket, None)
    {
        assert_eq!(sealer.open(&text, None).unwrap().into_ticket(), ticket);
        assert!(elsewhere.open(&text, None).is_err());
        let _ = ticket.check(ticket.issued(), Duration::from_mins(1), Duration::MAX);
        let mut changed = text.into_bytes();
        let at = usize::from(bytes[0]) % changed.len();
        changed[at] ^= 1 << (bytes[1] % 8);
        assert!(sealer.open(&changed, None).is_err());
    }
    opened.is_ok()
}

/// Two bytes choose the change, three times; the lines are the identity, the data and the tokens.
fn ticket(bytes: &[u8]) -> Option<Ticket> {
    let (times, text) = bytes.get(2..)?.split_first_chunk::<24>()?;
    let time =
        |at: usize| Some(UnixTime::from_secs(u64::from_be_bytes(times.get(at..)?.first_chunk().copied()?)));
    let mut lines = std::str::from_utf8(text).ok()?.split('\n');
    let identity = Identity::new(lines.next()?).ok()?;
    let data = lines.next().unwrap_or_default();
    let ticket = Ticket::new(identity, time(0)?, time(8)?).with_first_login(time(16)?);
    Some(ticket.with_public_data(data).with_tokens(lines))
}
