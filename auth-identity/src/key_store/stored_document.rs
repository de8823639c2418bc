//! Reads and writes the document of shared keys: [`Document`].

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{KeyStoreError, KeyStoreErrorKind, StoredKeys};
use crate::{
    Key,
    clock::UnixTime,
    keys::{KeyError, KeyId},
};

/// The first line. Other versions have another one, so that old code rejects them.
const HEAD: &str = "auth-runtime/shared-keys/v1";
/// More keys than any ring holds.
const MAX_RECORDS: usize = 128;
/// The length of a seed in characters.
const SEED_TEXT: usize = 43;
/// Stores often support signed numbers only.
const MAX_REVISION: u64 = u64::MAX >> 1;

/// A key's secret, or its seed if a root key is needed as well, and the time from which it signs.
#[derive(Clone)]
pub(super) struct Record {
    from: UnixTime,
    seed: Zeroizing<[u8; 32]>,
}

/// The keys that all instances share.
// INVARIANT: `records` is not empty.
#[derive(Clone)]
pub(super) struct Document {
    revision: u64,
    records: Vec<Record>,
}

impl Record {
    pub(super) fn random(from: UnixTime) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|_| KeyError::no_randomness())?;
        Ok(Self { from, seed })
    }

    pub(super) fn key(&self, root: Option<&Key>) -> Result<Key, KeyError> {
        // Check both cases: a generator that returns zeros must not make keys.
        let own = Key::from_bytes(self.seed.as_slice())?;
        Ok(root.map_or(own, |root| root.of_seed(&self.seed)))
    }

    fn parts(&self) -> (UnixTime, &[u8; 32]) {
        (self.from, &self.seed)
    }

    fn parse(line: &str) -> Option<Self> {
        let (from, text) = line.split_once(' ')?;
        let seconds: u64 = from.parse().ok()?;
        let mut seed = Zeroizing::new([0; 32]);
        let is_canonical = seconds.to_string() == from && text.len() == SEED_TEXT;
        let length = URL_SAFE_NO_PAD.decode_slice(text, seed.as_mut_slice()).ok()?;
        (is_canonical && length == seed.len()).then_some(Self { from: UnixTime::from_secs(seconds), seed })
    }
}

impl Document {
    pub(super) fn new(first: Record) -> Self {
        Self { revision: 1, records: vec![first] }
    }

    pub(super) fn read(stored: &StoredKeys) -> Result<Self, KeyStoreError> {
        let invalid = || KeyStoreError::new(KeyStoreErrorKind::Invalid);
        let mut lines = stored.text().lines();
        if lines.next() != Some(HEAD) {
            return Err(invalid());
        }
        let records: Option<Vec<_>> = lines.map(Record::parse).collect();
        let records = records.filter(|records| (1..=MAX_RECORDS).contains(&records.len()));
        let is_number = stored.revision() <= MAX_REVISION;
        Ok(Self { revision: stored.revision(), records: records.filter(|_| is_number).ok_or_else(invalid)? })
    }

    pub(super) fn write(&self) -> StoredKeys {
        // Reserve the final size: a growing text would leave copies behind.
        let line = SEED_TEXT.saturating_add(24);
        let room = line.saturating_mul(self.records.len().saturating_add(1));
        let mut text = String::with_capacity(room);
        text.push_str(HEAD);
        for record in &self.records {
            let seed = Zeroizing::new(URL_SAFE_NO_PAD.encode(record.seed.as_slice()));
            // Writing into a string cannot fail.
            let _ = write!(text, "\n{} {}", record.from, *seed);
        }
        StoredKeys::new(self.revision, text)
    }

    /// Returns whether another document is newer, or has the same revision but other keys: after a store has
    /// lost data, two instances may each have written what they knew.
    pub(super) fn is_replaced_by(&self, other: &Self) -> bool {
        let (ours, others) = (self.records.iter(), other.records.iter());
        let is_other = ours.map(Record::parts).ne(others.map(Record::parts));
        self.revision < other.revision || (self.revision == other.revision && is_other)
    }

    pub(super) const fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn keys(&self, root: Option<&Key>) -> Result<Vec<(UnixTime, Key)>, KeyStoreError> {
        let keys = self.records.iter().map(|record| Ok((record.from, record.key(root)?)));
        keys.collect::<Result<_, KeyError>>().map_err(|_| KeyStoreError::new(KeyStoreErrorKind::Invalid))
    }

    /// Returns the next revision with another key, and with the other keys that are still needed.
    pub(super) fn with(&self, record: Record, root: Option<&Key>, kept: &[KeyId]) -> Self {
        let mut next = self.next(|other| other.key(root).is_ok_and(|key| kept.contains(&key.id())));
        next.records.push(record);
        if next.records.len() > MAX_RECORDS {
            next.records.sort_by_key(|record| record.from);
            next.records.remove(0);
        }
        next
    }

    /// Returns the next revision without a key; `None` if it is the last one or absent.
    pub(super) fn without(&self, id: KeyId, root: Option<&Key>) -> Option<Self> {
        let next = self.next(|record| record.key(root).is_ok_and(|key| key.id() != id));
        (!next.records.is_empty() && next.records.len() < self.records.len()).then_some(next)
    }

    /// Returns the next revision with this key only.
    pub(super) fn only(&self, record: Record) -> Self {
        let mut next = self.next(|_| false);
        next.records.push(record);
        next
    }

    /// Returns the same keys as the next revision.
    pub(super) fn again(&self) -> Self {
        self.next(|_| true)
    }

    fn next(&self, keep: impl Fn(&Record) -> bool) -> Self {
        let records = self.records.iter().filter(|record| keep(record)).cloned().collect();
        Self { revision: self.revision.saturating_add(1).min(MAX_REVISION), records }
    }
}

#[cfg(any(fuzzing, test))]
impl StoredKeys {
    /// What is read is written again as the same text, except for line ends.
    pub(crate) fn fuzz_document(text: &str) -> bool {
        let Ok(document) = Document::read(&Self::new(7, text)) else { return false };
        let again = document.write();
        assert!(again.text().lines().eq(text.lines()) && again.revision() == 7);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(n: u8) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(std::array::from_fn(|at| n.wrapping_add(u8::try_from(at).unwrap())))
    }

    fn document() -> Document {
        let record = |n| Record { from: UnixTime::from_secs(u64::from(n) * 100), seed: seed(n) };
        Document { revision: 7, records: vec![record(0), record(1), record(2)] }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = document().write();
        assert_eq!(text.revision(), 7);
        assert_eq!(text.text().lines().nth(1), Some("0 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"));
        let read = Document::read(&text).unwrap();
        assert_eq!(read.write().text(), text.text());
        assert_eq!(read.keys(None).unwrap().len(), 3);
        assert_eq!(format!("{text:?}"), "StoredKeys(7, [redacted])");
    }

    #[test]
    fn anything_else_is_refused() {
        let good = document().write();
        let good = good.text();
        let line = good.lines().nth(1).unwrap();
        for bad in [
            String::new(),
            HEAD.to_owned(),
            good.replace("v1", "v2"),
            good.replace("\n0 ", "\n00 "),
            good.replace("\n0 ", "\n+0 "),
            good.replace("\n0 ", "\n-1 "),
            good.replace("\n0 ", "\n0  "),
            good.replace("\n0 ", "\n18446744073709551616 "),
            format!("{good}="),
            format!("{good}\n"),
            format!("{good}\n\n"),
            good[..good.len() - 1].to_owned(),
            format!("{HEAD}{}", format!("\n{line}").repeat(129)),
            format!("{HEAD}\n0 {}!", &line[2..44]),
        ] {
            // A line break at the end is ignored.
            let is_same = bad.trim_end_matches('\n') == good && bad.len() == good.len() + 1;
            assert_eq!(Document::read(&StoredKeys::new(7, bad.as_str())).is_ok(), is_same, "{bad:?}");
        }
        assert!(Document::read(&StoredKeys::new(u64::MAX, good)).is_err());
        // Seeds that a generator cannot produce are rejected.
        let zeros = Document::new(Record { from: UnixTime::default(), seed: Zeroizing::new([0; 32]) });
        assert!(zeros.keys(None).is_err());
    }

    #[test]
    fn with_a_master_a_seed_alone_is_worth_nothing() {
        let root = Key::from_bytes((100..132).collect::<Vec<u8>>()).unwrap();
        let (own, mixed) = (document().keys(None).unwrap(), document().keys(Some(&root)).unwrap());
        for ((_, own), (_, mixed)) in own.iter().zip(&mixed) {
            assert_ne!(own.id(), mixed.id());
        }
        let other = Key::from_bytes((101..133).collect::<Vec<u8>>()).unwrap();
        assert_ne!(document().keys(Some(&other)).unwrap()[0].1.id(), mixed[0].1.id());
    }
}
