//! Signs and verifies tickets: [`TicketSealer`].

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{BoundAddress, Ticket, TicketError, TicketErrorKind, payload_encoding};
use crate::{
    clock::UnixTime,
    keys::{KeyId, KeyRing, MacKeys, Purpose, TAG_BYTES},
};

/// The version of the format. Others are rejected, which rules out a downgrade attack.
const VERSION: u8 = 1;
/// Longer texts are rejected before they are decoded; browsers do not store longer cookies.
const MAX_TEXT: usize = 4096;
/// Decoded tickets up to this length, which are nearly all, need no heap.
const SHORT: usize = 192;

/// The scope of tickets; a ticket of one scope is not valid in another.
#[derive(Clone, Copy, Debug)]
pub struct TicketScope<'a> {
    /// The purpose, such as `identity`
    pub purpose: &'a str,
    /// The application or tenant
    pub application: &'a str,
    /// The name of the cookie
    pub name: &'a str,
}

/// Signs tickets with the active key of a ring, and verifies those of all its keys.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use auth_runtime::{Identity, KeyRing, clock::UnixTime, ticket::{Ticket, TicketScope, TicketSealer}};
///
/// let scope = TicketScope { purpose: "identity", application: "shop", name: "__Host-auth" };
/// let sealer = TicketSealer::new(KeyRing::random(), &scope);
///
/// let noon = UnixTime::from_secs(1_700_000_000);
/// let ticket = Ticket::new(Identity::new("alice")?, noon, noon.plus(Duration::from_secs(3600)));
/// let text = sealer.seal(&ticket, None)?;
/// assert_eq!(sealer.open(&text, None)?.ticket(), &ticket);
///
/// let other = TicketSealer::new(KeyRing::random(), &scope);
/// assert!(other.open(&text, None).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
///
/// An opened ticket may have expired: call [`Ticket::check`]. With a rotating ring, pass the time:
/// [`seal_at`](Self::seal_at), [`open_at`](Self::open_at). Policies do both.
#[derive(Debug)]
pub struct TicketSealer {
    keys: MacKeys,
}

/// A ticket with a valid signature, and its key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Opened {
    ticket: Ticket,
    key: KeyId,
}

impl Opened {
    /// Returns the ticket.
    pub const fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// Returns the ticket.
    pub fn into_ticket(self) -> Ticket {
        self.ticket
    }

    /// Returns the id of the key that signed it.
    #[must_use]
    pub const fn key(&self) -> KeyId {
        self.key
    }
}

impl TicketSealer {
    /// Creates a sealer for a scope.
    #[must_use]
    pub fn new(ring: KeyRing, scope: &TicketScope<'_>) -> Self {
        let purpose = ["ticket/", scope.purpose].concat();
        Self { keys: MacKeys::new(ring, Purpose::new(VERSION, &purpose, scope.application, scope.name)) }
    }

    /// Signs a ticket; with an `address` it is valid from there only.
    ///
    /// It uses the present keys; with a rotating ring, call [`seal_at`](Self::seal_at).
    ///
    /// # Errors
    ///
    /// Fails if the text would be longer than 4,096 bytes.
    pub fn seal(&self, ticket: &Ticket, address: Option<&BoundAddress>) -> Result<String, TicketError> {
        self.seal_when(None, ticket, address)
    }

    /// Signs a ticket with the key of this time; with an `address` it is valid from there only.
    ///
    /// # Errors
    ///
    /// Fails if the text would be longer than 4,096 bytes.
    pub fn seal_at(
        &self,
        now: UnixTime,
        ticket: &Ticket,
        address: Option<&BoundAddress>,
    ) -> Result<String, TicketError> {
        self.seal_when(Some(now), ticket, address)
    }

    fn seal_when(
        &self,
        now: Option<UnixTime>,
        ticket: &Ticket,
        address: Option<&BoundAddress>,
    ) -> Result<String, TicketError> {
        let mut payload = Vec::with_capacity(64);
        payload_encoding::encode(ticket, address.is_some(), &mut payload)?;
        let (key, tag) = self.keys.sign(now, [&payload, suffix(address)]);
        let text = URL_SAFE_NO_PAD.encode([&[VERSION], key.as_bytes().as_slice(), &tag, &payload].concat());
        if text.len() > MAX_TEXT {
            return Err(TicketError::new(TicketErrorKind::TooLong));
        }
        Ok(text)
    }

    /// Verifies and opens a ticket that was sealed with the same `address`, or without one.
    ///
    /// It uses the present keys; with a rotating ring, call [`open_at`](Self::open_at).
    ///
    /// # Errors
    ///
    /// Fails if the text is not exactly what [`seal`](Self::seal) returned in this scope with a key of this
    /// ring.
    pub fn open(
        &self,
        text: impl AsRef<[u8]>,
        address: Option<&BoundAddress>,
    ) -> Result<Opened, TicketError> {
        self.open_when(None, text.as_ref(), address)
    }

    /// Verifies and opens a ticket with the keys of this time, sealed with the same `address` or without one.
    ///
    /// # Errors
    ///
    /// Fails as [`open`](Self::open) does, and if the key is retired at this time.
    pub fn open_at(
        &self,
        now: UnixTime,
        text: impl AsRef<[u8]>,
        address: Option<&BoundAddress>,
    ) -> Result<Opened, TicketError> {
        self.open_when(Some(now), text.as_ref(), address)
    }

    fn open_when(
        &self,
        now: Option<UnixTime>,
        text: &[u8],
        address: Option<&BoundAddress>,
    ) -> Result<Opened, TicketError> {
        let mut short = [0; SHORT];
        let mut long = Vec::new();
        // Base64 encodes three bytes as four characters.
        let buffer = if text.len() <= SHORT / 3 * 4 {
            short.as_mut_slice()
        } else if text.len() <= MAX_TEXT {
            long.resize(MAX_TEXT / 4 * 3, 0);
            long.as_mut_slice()
        } else {
            return Err(TicketError::new(TicketErrorKind::Malformed));
        };
        let malformed = TicketError::new(TicketErrorKind::Malformed);
        let length = URL_SAFE_NO_PAD.decode_slice(text, buffer).map_err(|_| malformed)?;
        self.open_decoded(now, buffer.get(..length).unwrap_or_default(), address)
    }

    fn open_decoded(
        &self,
        now: Option<UnixTime>,
        bytes: &[u8],
        address: Option<&BoundAddress>,
    ) -> Result<Opened, TicketError> {
        let malformed = TicketError::new(TicketErrorKind::Malformed);
        let ([version], rest) = bytes.split_first_chunk().ok_or(malformed)?;
        let (key, rest) = rest.split_first_chunk().ok_or(malformed)?;
        let (tag, payload) = rest.split_first_chunk::<TAG_BYTES>().ok_or(malformed)?;
        if *version != VERSION {
            return Err(malformed);
        }
        let key = KeyId::from_bytes(*key);
        let forged = TicketError::new(TicketErrorKind::Forged);
        let authentic = self.keys.verify(now, key, payload, suffix(address), tag).ok_or(forged)?;
        let (ticket, bound) = payload_encoding::decode(&authentic)?;
        // The lengths in the payload determine its end, so an address cannot be mistaken for its last bytes;
        // this is a second check.
        if bound != address.is_some() {
            return Err(forged);
        }
        Ok(Opened { ticket, key })
    }
}

fn suffix(address: Option<&BoundAddress>) -> &[u8] {
    address.map_or(&[], BoundAddress::as_bytes)
}

#[cfg(any(fuzzing, test))]
impl TicketSealer {
    /// Signs any bytes like those of a ticket.
    pub(crate) fn fuzz_seal(&self, payload: &[u8], address: Option<&BoundAddress>) -> String {
        let (key, tag) = self.keys.sign(None, [payload, suffix(address)]);
        URL_SAFE_NO_PAD.encode([&[VERSION], key.as_bytes().as_slice(), &tag, payload].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Identity, Key, clock::UnixTime, ticket::payload_encoding::tests::DECODED};

    fn sealer(ring: KeyRing) -> TicketSealer {
        TicketSealer::new(ring, &TicketScope { purpose: "identity", application: "", name: "auth" })
    }

    #[test]
    fn no_field_is_read_before_the_signature_is_checked() {
        let ring = KeyRing::random();
        let (ours, theirs) = (sealer(ring.clone()), sealer(KeyRing::random()));
        let id = ring.keys().first().unwrap().0;
        let time = UnixTime::from_secs;
        let ticket = Ticket::new(Identity::new("alice").unwrap(), time(1), time(2));
        let forged = theirs.seal(&ticket, None).unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(&forged).unwrap();
        bytes[1..9].copy_from_slice(id.as_bytes());

        let mut state = 1_u32;
        for round in 0..100_000_usize {
            // A xorshift generator with a fixed seed.
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let [at, byte, ..] = state.to_le_bytes();
            let at = 9 + usize::from(at) % (bytes.len() - 9);
            bytes[at] = byte;
            let end = if round % 2 == 0 { bytes.len() } else { at };
            assert!(ours.open(URL_SAFE_NO_PAD.encode(&bytes[..end]), None).is_err());
        }
        assert!(ours.open(&forged, None).is_err());
        assert_eq!(DECODED.get(), 0);

        assert!(ours.open(ours.seal(&ticket, None).unwrap(), None).is_ok());
        assert_eq!(DECODED.get(), 1);
    }

    #[test]
    fn a_pinned_id_and_key_stay_what_they_are() {
        let key = Key::from_bytes((0..32).collect::<Vec<u8>>()).unwrap();
        assert_eq!(key.id().to_string(), "19df4597bd3872bc");
    }
}
