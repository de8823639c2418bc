//! Imports tickets of the older `ticket_auth` format: [`LegacyTickets`].
//!
//! Their text is a hexadecimal digest, the expiry as eight hexadecimal digits, and user id, tokens and data,
//! percent-encoded and separated by `!`. Only the canonical form of the old library is accepted.

use std::{fmt, net::IpAddr, time::Duration};

use hmac::digest::{CtOutput, Digest, FixedOutputReset, Output, OutputSizeUser};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::{Ticket, TicketError, TicketErrorKind};
use crate::{Identity, clock::UnixTime};

/// Longer texts are rejected before they are parsed.
const MAX_TEXT: usize = 4096;
/// The characters that the old library percent-encodes: all but letters, digits and `_.-~/`.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b'/');

/// Reads tickets of the older `ticket_auth` format; it does not write them.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use auth_runtime::ticket::legacy::LegacyTickets;
///
/// let old = LegacyTickets::new("the old secret", Duration::from_secs(3600)).with_cookie_name("AUTH_TKT");
/// assert!(old.open("0000", None).is_err());
/// ```
///
/// # Security
///
/// The format signs with a custom hash construction under one secret for all purposes. Accept it only for one
/// lifetime of its tickets.
pub struct LegacyTickets {
    secret: Zeroizing<Box<[u8]>>,
    max_age: Duration,
    hash: Hash,
    is_bound: bool,
    cookie_name: String,
    cookie_domain: Option<String>,
    cookie_path: String,
}

#[derive(Clone, Copy, Debug)]
enum Hash {
    Sha256,
    Sha512,
}

impl LegacyTickets {
    /// Reads tickets with this secret and a lifetime of `max_age`, in whole seconds.
    ///
    /// The defaults are those of the old library: SHA-512, and the cookie `AUTH_TKT` with the path `/` and
    /// without a domain. An empty secret accepts nothing.
    ///
    /// A ticket does not contain the time of its log-in, so `max_age` before its expiry is assumed. A
    /// denylist identifies an old ticket and its replacement by that time. With a shorter `max_age` than the
    /// old application's the times differ, and a log-out revokes only the ticket that the request carried.
    #[must_use]
    pub fn new(secret: impl AsRef<[u8]>, max_age: Duration) -> Self {
        let secret = Zeroizing::new(secret.as_ref().into());
        Self {
            secret,
            max_age,
            hash: Hash::Sha512,
            is_bound: false,
            cookie_name: "AUTH_TKT".to_owned(),
            cookie_domain: None,
            cookie_path: "/".to_owned(),
        }
    }

    /// Uses SHA-256 instead of SHA-512.
    #[must_use]
    pub const fn with_sha256(mut self) -> Self {
        self.hash = Hash::Sha256;
        self
    }

    /// Requires tickets that are bound to the client's address.
    #[must_use]
    pub const fn with_client_address(mut self) -> Self {
        self.is_bound = true;
        self
    }

    /// Sets the name of their cookie. The default is `AUTH_TKT`.
    #[must_use]
    pub fn with_cookie_name(mut self, name: impl Into<String>) -> Self {
        self.cookie_name = name.into();
        self
    }

    /// Sets the `Domain` of the cookie, without a leading dot. The default is none.
    ///
    /// Browsers remove a cookie only with its domain and path. An old application may have set it with and
    /// without the domain; both are removed.
    #[must_use]
    pub fn with_cookie_domain(mut self, domain: impl Into<String>) -> Self {
        self.cookie_domain = Some(domain.into());
        self
    }

    /// Sets the `Path` of the cookie. The default is `/`; a cookie for `/` is removed in any case.
    #[must_use]
    pub fn with_cookie_path(mut self, path: impl Into<String>) -> Self {
        self.cookie_path = path.into();
        self
    }

    /// Returns the name of their cookie.
    #[must_use]
    pub fn cookie_name(&self) -> &str {
        &self.cookie_name
    }

    pub(crate) fn cookie_domain(&self) -> Option<&str> {
        self.cookie_domain.as_deref()
    }

    pub(crate) fn cookie_path(&self) -> &str {
        &self.cookie_path
    }

    pub(crate) const fn max_age(&self) -> Duration {
        self.max_age
    }

    /// Opens a ticket. Its time of issue is `max_age` before its expiry.
    ///
    /// # Errors
    ///
    /// Fails if the text is not exactly what the old library writes for this secret and address, if it has no
    /// user, and if tickets are bound and the address is unknown.
    pub fn open(&self, text: &str, address: Option<IpAddr>) -> Result<Ticket, TicketError> {
        let address = match (self.is_bound, address) {
            (false, _) => IpAddr::from([0, 0, 0, 0]),
            (true, Some(address)) => address,
            (true, None) => return Err(TicketError::new(TicketErrorKind::Forged)),
        };
        match self.hash {
            Hash::Sha256 => self.open_with::<Sha256>(text, address),
            Hash::Sha512 => self.open_with::<Sha512>(text, address),
        }
    }

    fn open_with<D: Digest + FixedOutputReset + OutputSizeUser>(
        &self,
        text: &str,
        address: IpAddr,
    ) -> Result<Ticket, TicketError> {
        let malformed = TicketError::new(TicketErrorKind::Malformed);
        let (digest, parts) = split::<D>(text).ok_or(malformed)?;
        // This comparison takes constant time (timing attack).
        let is_ours = CtOutput::<D>::new(digest) == CtOutput::new(self.digest::<D>(&parts, address));
        if self.secret.is_empty() || !is_ours {
            return Err(TicketError::new(TicketErrorKind::Forged));
        }
        let expires = u64::from(parts.expires);
        let issued = expires.saturating_sub(self.max_age.as_secs());
        parts.read(UnixTime::from_secs(issued), UnixTime::from_secs(expires)).ok_or(malformed)
    }

    // The hasher is wiped in place; a moved one would leave copies of the secret behind.
    fn digest<D: Digest + FixedOutputReset>(&self, parts: &Parts<'_>, address: IpAddr) -> Output<D> {
        let mut hash = D::new();
        match address {
            IpAddr::V4(address) => {
                Digest::update(&mut hash, [4]);
                Digest::update(&mut hash, address.octets());
            }
            IpAddr::V6(address) => {
                Digest::update(&mut hash, [6]);
                Digest::update(&mut hash, address.octets());
            }
        }
        Digest::update(&mut hash, parts.expires.to_be_bytes());
        Digest::update(&mut hash, &*self.secret);
        Digest::update(&mut hash, [parts.user, "\0", parts.tokens, "\0", parts.data].concat());
        let inner = hash.finalize_reset();
        Digest::update(&mut hash, inner);
        Digest::update(&mut hash, &*self.secret);
        hash.finalize_reset()
    }
}

impl fmt::Debug for LegacyTickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LegacyTickets")
            .field("secret", &format_args!("[redacted]"))
            .field("max_age", &self.max_age)
            .field("hash", &self.hash)
            .field("is_bound", &self.is_bound)
            .field("cookie_name", &self.cookie_name)
            .field("cookie_domain", &self.cookie_domain)
            .field("cookie_path", &self.cookie_path)
            .finish()
    }
}

/// The signed parts of a ticket as written.
struct Parts<'a> {
    expires: u32,
    user: &'a str,
    tokens: &'a str,
    data: &'a str,
}

fn split<D: Digest>(text: &str) -> Option<(Output<D>, Parts<'_>)> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let mut digest = Output::<D>::default();
    let (digits, rest) = text.split_at_checked(digest.len().checked_mul(2)?)?;
    from_hex(digits, &mut digest)?;
    let (digits, rest) = rest.split_at_checked(8)?;
    let mut expires = [0; 4];
    from_hex(digits, &mut expires)?;
    let (user, rest) = rest.split_once('!')?;
    let (tokens, data) = rest.split_once('!')?;
    Some((digest, Parts { expires: u32::from_be_bytes(expires), user, tokens, data }))
}

/// Reads exactly two lower-case digits per byte: no sign, space or prefix.
fn from_hex(digits: &str, bytes: &mut [u8]) -> Option<()> {
    let digit = |digit: &u8| match digit {
        b'0'..=b'9' => digit.checked_sub(b'0'),
        b'a'..=b'f' => digit.checked_sub(b'a' - 10),
        _ => None,
    };
    let (pairs, odd) = digits.as_bytes().as_chunks();
    if pairs.len() != bytes.len() || !odd.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(())
}

impl Parts<'_> {
    fn read(&self, issued: UnixTime, expires: UnixTime) -> Option<Ticket> {
        let identity = Identity::new(decoded(self.user)?).ok()?;
        let tokens: Option<Vec<_>> = match self.tokens {
            "" => Some(Vec::new()),
            tokens => tokens.split(',').map(decoded).collect(),
        };
        let data = decoded(self.data)?;
        Some(Ticket::new(identity, issued, expires).with_tokens(tokens?).with_public_data(data))
    }
}

/// Decodes the old library's encoding; other spellings are rejected.
fn decoded(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    let is_canonical = utf8_percent_encode(&decoded, ESCAPED).to_string() == text;
    // The old signature separates parts with NUL, so a part with NUL would be ambiguous.
    (is_canonical && !decoded.contains('\0')).then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_have_one_spelling() {
        let mut bytes = [0; 2];
        assert_eq!(from_hex("00ff", &mut bytes), Some(()));
        assert_eq!(bytes, [0x00, 0xff]);
        for bad in ["", "00f", "00fff", "00FF", "+0ff", "-0ff", " 0ff", "0xff", "0_ff", "00f\u{661}"] {
            assert_eq!(from_hex(bad, &mut bytes), None, "{bad}");
        }
    }
}
