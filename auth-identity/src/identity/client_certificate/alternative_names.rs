//! Reads the names in a certificate: the extension `subjectAltName` (RFC 5280, section 4.2.1.6).

use super::ClientCertificate;

const SEQUENCE: u8 = 0x30;
const OBJECT_ID: u8 = 0x06;
const BOOLEAN: u8 = 0x01;
const OCTETS: u8 = 0x04;
/// The version, of which certificates without extensions have none
const VERSION: u8 = 0xa0;
/// The list of extensions
const EXTENSIONS: u8 = 0xa3;
const DNS_NAME: u8 = 0x82;
const URI: u8 = 0x86;
/// 2.5.29.17
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

impl ClientCertificate {
    /// Returns the URIs among the names of the subject, such as `spiffe://example.org/billing`; none if the certificate is
    /// malformed.
    pub fn uris(&self) -> impl Iterator<Item = &str> {
        self.names(URI)
    }

    /// Returns the DNS names among the names of the subject; none if the certificate is malformed.
    pub fn dns_names(&self) -> impl Iterator<Item = &str> {
        self.names(DNS_NAME)
    }

    fn names(&self, kind: u8) -> impl Iterator<Item = &str> {
        let names = all_names(self.der()).unwrap_or_default().into_iter();
        let of_kind = names.filter(move |(tag, _)| *tag == kind);
        // An IA5String is ASCII; another byte could make two names look alike.
        let is_text = |name: &[u8]| name.iter().all(u8::is_ascii_graphic);
        of_kind.filter(move |(_, name)| is_text(name)).filter_map(|(_, name)| std::str::from_utf8(name).ok())
    }
}

/// Returns whether the bytes are exactly one sequence.
pub(super) fn is_sequence(der: &[u8]) -> bool {
    matches!(element(der), Some((SEQUENCE, content, [])) if !content.is_empty())
}

/// Returns the alternative names with their tags; `None` if the certificate is malformed.
fn all_names(der: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let (content, []) = expect(SEQUENCE, der)? else { return None };
    let (mut rest, _) = expect(SEQUENCE, content)?;
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let (tag, content, next) = element(rest)?;
        fields.push((tag, content));
        rest = next;
    }
    let has_version = fields.first().is_some_and(|(tag, _)| *tag == VERSION);
    let mut extensions = fields.into_iter().filter(|(tag, _)| *tag == EXTENSIONS).map(|(_, content)| content);
    let (Some(extensions), None, true) = (extensions.next(), extensions.next(), has_version) else {
        return Some(Vec::new());
    };
    let (mut rest, []) = expect(SEQUENCE, extensions)? else { return None };
    let mut found = None;
    while !rest.is_empty() {
        let (extension, next) = expect(SEQUENCE, rest)?;
        rest = next;
        let (id, value) = expect(OBJECT_ID, extension)?;
        if id != SUBJECT_ALT_NAME {
            continue;
        }
        let value = expect(BOOLEAN, value).map_or(value, |(_, after)| after);
        let (value, []) = expect(OCTETS, value)? else { return None };
        // Two of them could be read differently.
        if found.replace(value).is_some() {
            return None;
        }
    }
    let Some(value) = found else { return Some(Vec::new()) };
    let (mut rest, []) = expect(SEQUENCE, value)? else { return None };
    let mut names = Vec::new();
    while !rest.is_empty() {
        let (tag, name, next) = element(rest)?;
        names.push((tag, name));
        rest = next;
    }
    Some(names)
}

fn expect(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    element(der).filter(|(own, ..)| *own == tag).map(|(_, content, rest)| (content, rest))
}

/// Takes one element off: its tag, its content, and what follows it. Lengths have their shortest form.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, length, rest @ ..] = der else { return None };
    let (length, rest) = match (*length, rest) {
        (short @ 0..=0x7f, rest) => (usize::from(short), rest),
        (0x81, [long @ 0x80..=0xff, rest @ ..]) => (usize::from(*long), rest),
        (0x82, [high @ 1..=0xff, low, rest @ ..]) => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        (0x83, [high @ 1..=0xff, middle, low, rest @ ..]) => {
            (usize::try_from(u32::from_be_bytes([0, *high, *middle, *low])).ok()?, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}
