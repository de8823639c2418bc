//! Reads elements of DER (X.690), as far as certificates need them.

pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
pub(super) const OBJECT_ID: u8 = 0x06;
pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const OCTETS: u8 = 0x04;
/// The version, of which certificates without extensions have none
pub(super) const VERSION: u8 = 0xa0;

/// Returns whether the bytes are exactly one sequence.
pub(super) fn is_sequence(der: &[u8]) -> bool {
    matches!(element(der), Some((SEQUENCE, content, [])) if !content.is_empty())
}

/// Returns the fields of the part of a certificate that is signed; `None` if it is malformed.
pub(super) fn signed_fields(der: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let (content, []) = expect(SEQUENCE, der)? else { return None };
    let (fields, _) = expect(SEQUENCE, content)?;
    elements(fields)
}

/// Returns the elements that follow each other, with their tags.
pub(super) fn elements(mut rest: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (tag, content, next) = element(rest)?;
        found.push((tag, content));
        rest = next;
    }
    Some(found)
}

/// Takes an element with this tag off: its content, and what follows it.
pub(super) fn expect(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
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
