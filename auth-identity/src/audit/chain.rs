//! Signs and reads the chained lines of the audit log: [`Chain`] and [`AuditHead`].

use std::{fmt, str::FromStr};

use serde_json::{Map, Value};

use super::{AuditError, AuditErrorKind, verify::CONTINUED};
use crate::{
    KeyRing,
    clock::UnixTime,
    keys::{KeyId, MacKeys, Purpose, TAG_BYTES},
};

/// What separates the signed part of a line from its HMAC.
const MAC: &[u8] = br#","mac":""#;
const END: &[u8] = br#""}"#;

/// The number and the HMAC of an entry: everything before it is fixed by it.
///
/// Its text is `number:hexadecimal digits`.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct AuditHead {
    seq: u64,
    mac: [u8; TAG_BYTES],
}

impl AuditHead {
    /// The head of a log without entries.
    pub(super) const NONE: Self = Self { seq: 0, mac: [0; TAG_BYTES] };

    /// Returns the number of the entry, which counts from 1; 0 for a log without entries.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, hex(&self.mac))
    }
}

impl fmt::Debug for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for AuditHead {
    type Err = AuditError;

    fn from_str(text: &str) -> Result<Self, AuditError> {
        let malformed = || AuditError::new(AuditErrorKind::Malformed);
        let (seq, mac) = text.split_once(':').ok_or_else(malformed)?;
        let (seq, mac) = (seq.parse().ok(), bytes(mac.as_bytes()));
        Ok(Self { seq: seq.ok_or_else(malformed)?, mac: mac.ok_or_else(malformed)? })
    }
}

/// An event to be recorded.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) time: UnixTime,
    pub(super) level: &'static str,
    pub(super) name: String,
    pub(super) fields: Map<String, Value>,
}

impl Event {
    pub(super) fn new(time: UnixTime, name: &str) -> Self {
        Self { time, level: "INFO", name: name.to_owned(), fields: Map::new() }
    }
}

/// An entry that was verified.
pub(super) struct Entry {
    /// The entry before
    pub(super) before: AuditHead,
    pub(super) head: AuditHead,
    pub(super) name: String,
    pub(super) time: UnixTime,
    /// Of a gap: how many events were lost
    pub(super) lost: u64,
}

/// Signs and verifies lines.
#[derive(Debug)]
pub(super) struct Chain {
    keys: MacKeys,
}

impl Chain {
    pub(super) fn new(keys: KeyRing) -> Self {
        Self { keys: MacKeys::new(keys, Purpose::new(1, "audit", "", "")) }
    }

    /// Returns the line of the entry behind `head`, with its line break, and the new head.
    pub(super) fn line(&self, head: AuditHead, event: &Event) -> (String, AuditHead) {
        let seq = head.seq.saturating_add(1);
        let (name, fields) = (Value::from(event.name.as_str()), Value::Object(event.fields.clone()));
        let (time, level, prev) = (event.time, event.level, hex(&head.mac));
        let body = format!(
            r#"{{"seq":{seq},"time":{time},"level":"{level}","event":{name},"fields":{fields},"prev":"{prev}""#
        );
        // The active key may change between two questions, and its id is signed, too.
        let (mut key, _) = self.keys.sign(Some(event.time), [&[], &[]]);
        loop {
            let body = format!(r#"{body},"key":"{key}""#);
            let (used, mac) = self.keys.sign(Some(event.time), [body.as_bytes(), &[]]);
            if used == key {
                return (format!("{body},\"mac\":\"{}\"}}\n", hex(&mac)), AuditHead { seq, mac });
            }
            key = used;
        }
    }

    /// Verifies a line without its line break, behind `head`. Without a head it is the first line of a file, which may
    /// continue another one.
    pub(super) fn read(&self, head: Option<AuditHead>, line: &[u8]) -> Result<Entry, AuditErrorKind> {
        let malformed = AuditErrorKind::Malformed;
        let rest = line.strip_suffix(END).ok_or(malformed)?;
        let at = rest.len().checked_sub(2 * TAG_BYTES).ok_or(malformed)?;
        let (body, mac) = rest.split_at_checked(at).ok_or(malformed)?;
        let (body, mac) = (body.strip_suffix(MAC).ok_or(malformed)?, bytes(mac).ok_or(malformed)?);
        let key = body.strip_suffix(b"\"").and_then(|rest| rest.last_chunk::<16>()).ok_or(malformed)?;
        let key = KeyId::from_bytes(bytes(key).ok_or(malformed)?);
        // Nothing of the line is used before its HMAC is verified.
        let verified = self.keys.verify(None, key, body, &[], &mac).ok_or(AuditErrorKind::Forged)?;
        let json = [verified.bytes(), b"}"].concat();
        let entry: Value = serde_json::from_slice(&json).map_err(|_| malformed)?;
        let seq = entry.get("seq").and_then(Value::as_u64).ok_or(malformed)?;
        let prev = entry.get("prev").and_then(Value::as_str).and_then(|prev| bytes(prev.as_bytes()));
        let before =
            AuditHead { seq: seq.checked_sub(1).ok_or(AuditErrorKind::Broken)?, mac: prev.ok_or(malformed)? };
        let name = entry.get("event").and_then(Value::as_str).ok_or(malformed)?.to_owned();
        let is_first = before == AuditHead::NONE || name == CONTINUED;
        if head.map_or(!is_first, |head| head != before) {
            return Err(AuditErrorKind::Broken);
        }
        let number = |value: Option<&Value>| value.and_then(Value::as_u64).unwrap_or_default();
        let lost = number(entry.get("fields").and_then(|fields| fields.get("lost")));
        let time = UnixTime::from_secs(number(entry.get("time")));
        Ok(Entry { before, head: AuditHead { seq, mac }, name, time, lost })
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Reads lower-case hexadecimal digits, so that a value has one text.
fn bytes<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => digit.checked_sub(b'0'),
        b'a'..=b'f' => digit.checked_sub(b'a')?.checked_add(10),
        _ => None,
    };
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let bytes = pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?));
    bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()
}
