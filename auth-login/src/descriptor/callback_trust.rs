//! Tests whether a descriptor trusts the callback, which is not signed, so the user can write it.

use super::Descriptor;
use crate::profile::{EmailSource, Subject, Verified};

impl Descriptor {
    /// True if the subject, an e-mail address or its verification is read from the part `callback` of the profile's
    /// document.
    pub(super) const fn trusts_callback(&self) -> bool {
        let is_subject_of_callback = match self.mapping.subject {
            Subject::Member(pointer) | Subject::LastSegment(pointer) => is_of_callback(pointer),
            Subject::Compound(pointers) | Subject::FirstOf(pointers) => is_any_of_callback(pointers),
        };
        is_subject_of_callback || is_email_of_callback(self.mapping.email)
    }
}

const fn is_of_callback(pointer: &str) -> bool {
    matches!(
        pointer.as_bytes(),
        [b'/', b'c', b'a', b'l', b'l', b'b', b'a', b'c', b'k']
            | [b'/', b'c', b'a', b'l', b'l', b'b', b'a', b'c', b'k', b'/', ..]
    )
}

const fn is_any_of_callback(mut pointers: &[&str]) -> bool {
    while let Some((pointer, rest)) = pointers.split_first() {
        if is_of_callback(pointer) {
            return true;
        }
        pointers = rest;
    }
    false
}

const fn is_email_of_callback(mut sources: &[EmailSource]) -> bool {
    while let Some((source, rest)) = sources.split_first() {
        let is_of_callback = match source {
            EmailSource::Member { address, verified: Verified::Claims(claims) } => {
                is_of_callback(address) || is_any_of_callback(claims)
            }
            EmailSource::Member { address: place, verified: Verified::Always | Verified::Unknown }
            | EmailSource::List { list: place, .. } => is_of_callback(place),
        };
        if is_of_callback {
            return true;
        }
        sources = rest;
    }
    false
}
