//! Tickets in the older format.

use std::{fmt::Write as _, time::Duration};

use auth_runtime::ticket::legacy::LegacyTickets;
use sha2::{Digest as _, Sha512};

const SECRET: &[u8] = b"the old secret of the old library";

/// A text is accepted only if the old library would have written it, byte for byte.
pub fn check(bytes: &[u8]) -> bool {
    let tickets = LegacyTickets::new(SECRET, Duration::from_hours(1));
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let signed = format!("{}656e0000{text}", digest(text));
    for text in [&signed, text] {
        if let Ok(ticket) = tickets.open(text, None) {
            let tokens: Vec<_> = ticket.tokens().iter().map(|token| quoted(token)).collect();
            let rest = format!(
                "{}!{}!{}",
                quoted(ticket.identity().as_str()),
                tokens.join(","),
                quoted(ticket.public_data())
            );
            let expires = ticket.expires().as_secs();
            assert!(text.ends_with(&format!("{expires:08x}{rest}")) && text.len() == 128 + 8 + rest.len());
            assert_eq!(expires - ticket.issued().as_secs(), 3600);
        }
    }
    tickets.open(&signed, None).is_ok()
}

/// Returns the digest of the old library: over the address 0.0.0.0, the expiry, the secret, and the parts.
fn digest(text: &str) -> String {
    let mut parts = text.splitn(3, '!').map(str::as_bytes);
    let mut part = || parts.next().unwrap_or_default();
    let inner = Sha512::new()
        .chain_update([4, 0, 0, 0, 0])
        .chain_update(0x656e_0000_u32.to_be_bytes())
        .chain_update(SECRET)
        .chain_update([part(), part(), part()].join(&0))
        .finalize();
    let outer = Sha512::new().chain_update(inner).chain_update(SECRET).finalize();
    outer.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// `quote` of Python's `urllib.parse`.
fn quoted(text: &str) -> String {
    text.bytes().fold(String::new(), |mut quoted, byte| {
        if byte.is_ascii_alphanumeric() || b"_.-~/".contains(&byte) {
            quoted.push(char::from(byte));
        } else {
            write!(quoted, "%{byte:02X}").unwrap();
        }
        quoted
    })
}
