//! Encodes and decodes the signed bytes of a ticket.

use super::{Ticket, TicketError, TicketErrorKind, byte_reader::ByteReader, ticket_content::Marks};
use crate::{Identity, identity::Authentication, keys::Authentic};

/// Appends the ticket's bytes; `bound` means that an address is signed with them.
pub(super) fn encode(ticket: &Ticket, bound: bool, out: &mut Vec<u8>) -> Result<(), TicketError> {
    let has_extras = !ticket.tokens.is_empty() || !ticket.public_data.is_empty();
    let marks = ticket.marks.with(Marks::BOUND, bound).with(Marks::EXTRAS, has_extras);
    let has_authentication = !ticket.authentication.is_default();
    let marks = marks.with(Marks::ACTOR, ticket.actor.is_some());
    out.push(marks.with(Marks::AUTHENTICATION, has_authentication).as_byte());
    for time in [ticket.issued, ticket.expires, ticket.first_login] {
        out.extend_from_slice(&time.as_secs().to_be_bytes());
    }
    for identity in [Some(&ticket.identity), ticket.actor.as_ref()].into_iter().flatten() {
        out.push(length(identity.len())?);
        out.extend_from_slice(identity.as_bytes());
    }
    if has_authentication {
        out.extend_from_slice(&ticket.authentication.encode());
    }
    if has_extras {
        out.extend_from_slice(&length::<u16>(ticket.tokens.len())?.to_be_bytes());
        for text in ticket.tokens.iter().chain([&ticket.public_data]) {
            out.extend_from_slice(&length::<u16>(text.len())?.to_be_bytes());
            out.extend_from_slice(text.as_bytes());
        }
    }
    Ok(())
}

fn length<T: TryFrom<usize>>(length: usize) -> Result<T, TicketError> {
    T::try_from(length).map_err(|_| TicketError::new(TicketErrorKind::TooLong))
}

/// Decodes exactly what [`encode`] writes: the ticket, and whether an address was signed with it.
pub(super) fn decode(payload: &Authentic<'_>) -> Result<(Ticket, bool), TicketError> {
    #[cfg(test)]
    tests::DECODED.with(|decoded| decoded.set(decoded.get().saturating_add(1)));
    read(ByteReader(payload.bytes())).ok_or(TicketError::new(TicketErrorKind::Malformed))
}

fn read(mut from: ByteReader<'_>) -> Option<(Ticket, bool)> {
    let [marks] = from.array()?;
    let marks = Marks::from_byte(marks)?;
    let [issued, expires, first_login] = [from.time()?, from.time()?, from.time()?];
    let identity = read_identity(&mut from)?;
    let actor = if marks.has(Marks::ACTOR) { Some(read_identity(&mut from)?) } else { None };
    let has_authentication = marks.has(Marks::AUTHENTICATION);
    let authentication =
        if has_authentication { Authentication::decode(&mut from)? } else { Authentication::new() };
    let (mut tokens, mut public_data) = (Vec::new(), String::new());
    if marks.has(Marks::EXTRAS) {
        for _ in 0..from.number()? {
            tokens.push(from.measured_text()?.to_owned());
        }
        from.measured_text()?.clone_into(&mut public_data);
        // Empty extras have one encoding: none.
        if tokens.is_empty() && public_data.is_empty() {
            return None;
        }
    }
    let bound = marks.has(Marks::BOUND);
    let own = [Marks::EXTRAS, Marks::BOUND, Marks::ACTOR, Marks::AUTHENTICATION];
    let marks = own.into_iter().fold(marks, |marks, mark| marks.with(mark, false));
    let ticket =
        Ticket { issued, expires, first_login, identity, tokens, public_data, actor, authentication, marks };
    from.0.is_empty().then_some((ticket, bound))
}

fn read_identity(from: &mut ByteReader<'_>) -> Option<Identity> {
    let [length] = from.array()?;
    Identity::from_stored(from.text(length.into())?).ok()
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::clock::UnixTime;

    thread_local! {
        /// The number of decoded payloads in this thread.
        pub(in crate::ticket) static DECODED: Cell<u64> = const { Cell::new(0) };
    }

    fn bytes(ticket: &Ticket) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(ticket, false, &mut bytes).unwrap();
        bytes
    }

    fn ticket(identity: &str) -> Ticket {
        let time = UnixTime::from_secs;
        Ticket::new(Identity::new(identity).unwrap(), time(1), time(2)).with_first_login(time(3))
    }

    #[test]
    fn a_common_ticket_is_signed_in_one_block() {
        assert_eq!(bytes(&ticket(&"x".repeat(20))).len(), 46);
        assert!(bytes(&ticket(&"x".repeat(29))).len() <= 55);
    }

    #[test]
    fn only_what_the_encoder_writes_is_read() {
        let actor = Identity::new("root").unwrap();
        let authentication = Authentication::new().with_acr(crate::identity::Acr::new("phr").unwrap());
        let ticket = ticket("alice")
            .with_tokens(["", "mfa"])
            .with_public_data("é")
            .with_actor(actor)
            .with_authentication(authentication);
        let good = bytes(&ticket);
        assert_eq!(read(ByteReader(&good)), Some((ticket, false)));
        for end in 0..good.len() {
            assert_eq!(read(ByteReader(&good[..end])), None, "cut to {end}");
        }
        assert_eq!(read(ByteReader(&[&good[..], &[0]].concat())), None);
        for marks in 0..=255 {
            let mut changed = good.clone();
            changed[0] = marks;
            // What is decoded is what would be encoded (injectivity in the other direction).
            if let Some((ticket, bound)) = read(ByteReader(&changed)) {
                let mut again = Vec::new();
                encode(&ticket, bound, &mut again).unwrap();
                assert_eq!(again, changed);
            }
        }
    }

    #[test]
    fn empty_extras_have_no_spelling_of_their_own() {
        let mut spelled = bytes(&ticket("alice"));
        spelled[0] = Marks::EXTRAS.as_byte();
        spelled.extend_from_slice(&[0, 0, 0, 0]);
        assert_eq!(read(ByteReader(&spelled)), None);
    }

    #[test]
    fn unreadable_identities_are_refused() {
        let good = bytes(&ticket("alice"));
        for bad in [b"al\nce", b"al\xffce", b" lice"] {
            let mut changed = good.clone();
            changed[26..].copy_from_slice(bad);
            assert_eq!(read(ByteReader(&changed)), None);
        }
        let mut empty = good[..26].to_vec();
        empty[25] = 0;
        assert_eq!(read(ByteReader(&empty)), None);
    }

    #[test]
    fn longer_fields_than_their_lengths_can_say_are_refused() {
        let long = "x".repeat(65_536);
        for ticket in [
            ticket("a").with_tokens([long.clone()]),
            ticket("a").with_public_data(long),
            ticket("a").with_tokens(vec![""; 65_536]),
        ] {
            let error = encode(&ticket, false, &mut Vec::new()).unwrap_err();
            assert_eq!(error.kind(), TicketErrorKind::TooLong);
        }
    }
}
