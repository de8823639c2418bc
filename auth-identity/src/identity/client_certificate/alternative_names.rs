//! Reads the names in a certificate: the extension `subjectAltName` (RFC 5280, section 4.2.1.6).

use std::net::IpAddr;

use super::{
    ClientCertificate,
    der::{BOOLEAN, OBJECT_ID, OCTETS, SEQUENCE, VERSION, elements, expect, signed_fields},
};

/// The list of extensions
const EXTENSIONS: u8 = 0xa3;
const EMAIL: u8 = 0x81;
const DNS_NAME: u8 = 0x82;
const URI: u8 = 0x86;
const IP: u8 = 0x87;
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

    /// Returns the e-mail addresses among the names of the subject; none if the certificate is malformed.
    pub fn email_addresses(&self) -> impl Iterator<Item = &str> {
        self.names(EMAIL)
    }

    /// Returns the IP addresses among the names of the subject; none if the certificate is malformed.
    pub fn ip_addresses(&self) -> impl Iterator<Item = IpAddr> {
        let names = all_names(self.der()).unwrap_or_default().into_iter();
        names.filter(|(tag, _)| *tag == IP).filter_map(|(_, bytes)| {
            let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
        })
    }

    fn names(&self, kind: u8) -> impl Iterator<Item = &str> {
        let names = all_names(self.der()).unwrap_or_default().into_iter();
        let of_kind = names.filter(move |(tag, _)| *tag == kind);
        // An IA5String is ASCII; another byte could make two names look alike.
        let is_text = |name: &[u8]| name.iter().all(u8::is_ascii_graphic);
        of_kind.filter(move |(_, name)| is_text(name)).filter_map(|(_, name)| std::str::from_utf8(name).ok())
    }
}

/// Returns the alternative names with their tags; `None` if the certificate is malformed.
fn all_names(der: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let fields = signed_fields(der)?;
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
    let (names, []) = expect(SEQUENCE, value)? else { return None };
    elements(names)
}
