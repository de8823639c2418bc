//! Compares the subject of a certificate with a text (RFC 4514): [`DistinguishedName`].

use std::fmt;

use super::der::{OBJECT_ID, SEQUENCE, SET, VERSION, elements, expect, signed_fields};

/// The types of attributes that have a name (RFC 4514, section 3), with their object identifiers.
const TYPES: [(&str, &[u8]); 9] = [
    ("C", &[0x55, 0x04, 0x06]),
    ("CN", &[0x55, 0x04, 0x03]),
    ("DC", &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19]),
    ("L", &[0x55, 0x04, 0x07]),
    ("O", &[0x55, 0x04, 0x0a]),
    ("OU", &[0x55, 0x04, 0x0b]),
    ("ST", &[0x55, 0x04, 0x08]),
    ("STREET", &[0x55, 0x04, 0x09]),
    ("UID", &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01]),
];

const UTF8_STRING: u8 = 0x0c;
const NUMERIC_STRING: u8 = 0x12;
const PRINTABLE_STRING: u8 = 0x13;
const IA5_STRING: u8 = 0x16;

/// The attributes of a name, in the order of a certificate: sets of one, or of several that count as one.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct DistinguishedName(Vec<Vec<Attribute>>);

/// The object identifier of a type, and the value.
type Attribute = (Vec<u8>, String);

impl DistinguishedName {
    /// Returns the subject of a certificate; `None` if it is malformed, empty, or has a value that is not text of one of
    /// today's kinds.
    pub(super) fn of_certificate(der: &[u8]) -> Option<Self> {
        let fields = signed_fields(der)?;
        let has_version = fields.first().is_some_and(|(tag, _)| *tag == VERSION);
        // Serial number, algorithm, issuer and validity come before it.
        let (SEQUENCE, name) = fields.get(if has_version { 5 } else { 4 })? else { return None };
        let sets =
            elements(name)?.into_iter().map(|(tag, set)| if tag == SET { attributes(set) } else { None });
        Self::of_sets(sets.collect::<Option<_>>()?)
    }

    /// Reads the text form, whose first attribute is the last one of a certificate.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut sets = Vec::new();
        for set in split(text, ',')? {
            let attributes = split(set, '+')?.into_iter().map(attribute);
            sets.push(attributes.collect::<Option<_>>()?);
        }
        sets.reverse();
        Self::of_sets(sets)
    }

    fn of_sets(mut sets: Vec<Vec<Attribute>>) -> Option<Self> {
        // The order within a set has no meaning.
        for set in &mut sets {
            set.sort();
        }
        let is_complete = !sets.is_empty() && sets.iter().all(|set| !set.is_empty());
        is_complete.then_some(Self(sets))
    }
}

fn attributes(set: &[u8]) -> Option<Vec<Attribute>> {
    let attributes = elements(set)?.into_iter().map(|(tag, attribute)| {
        let (id, value) = expect(OBJECT_ID, attribute).filter(|_| tag == SEQUENCE)?;
        let [(kind, value)] = *elements(value)?.as_slice() else { return None };
        let text = str::from_utf8(value).ok()?;
        let is_text = match kind {
            UTF8_STRING => true,
            NUMERIC_STRING | PRINTABLE_STRING | IA5_STRING => text.is_ascii(),
            _ => false,
        };
        is_text.then(|| (id.to_vec(), text.to_owned()))
    });
    attributes.collect()
}

/// Splits a text at a separator that is not escaped.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut is_escaped) = (Vec::new(), 0, false);
    for (at, letter) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if letter == '\\' {
            is_escaped = true;
        } else if letter == separator {
            parts.push(text.get(start..at)?);
            start = at.saturating_add(letter.len_utf8());
        }
    }
    parts.push(text.get(start..)?);
    Some(parts)
}

/// Reads `type=value`.
fn attribute(text: &str) -> Option<Attribute> {
    let (kind, value) = text.split_once('=')?;
    let named = TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind)).map(|(_, id)| id.to_vec());
    Some((named.or_else(|| object_id(kind))?, unescaped(value)?))
}

/// Encodes an identifier such as `2.5.4.5` (X.690, section 8.19).
fn object_id(text: &str) -> Option<Vec<u8>> {
    let numbers: Vec<u32> = text
        .split('.')
        .map(|number| {
            Some(number).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
        })
        .collect::<Option<_>>()?;
    let [first @ 0..=2, second, rest @ ..] = numbers.as_slice() else { return None };
    if *first < 2 && *second >= 40 {
        return None;
    }
    let first = first.checked_mul(40)?.checked_add(*second)?;
    let mut bytes = Vec::new();
    for number in [first].iter().chain(rest) {
        let groups = [28, 21, 14, 7, 0].into_iter().map(|bits| (number >> bits) & 0x7f);
        let mut groups = groups.skip_while(|group| *group == 0).peekable();
        if groups.peek().is_none() {
            bytes.push(0);
        }
        while let Some(group) = groups.next() {
            let more = if groups.peek().is_some() { 0x80 } else { 0 };
            bytes.push(u8::try_from(group).ok()? | more);
        }
    }
    Some(bytes)
}

/// Takes the escapes out of a value (RFC 4514, section 3); `None` if a character must be escaped and is not, or the value is
/// written in hexadecimal.
fn unescaped(value: &str) -> Option<String> {
    if value.starts_with(['#', ' ']) || value.is_empty() {
        return None;
    }
    let ends_with_blank = value.ends_with(' ') && !value.ends_with("\\ ");
    let (mut bytes, mut letters) = (Vec::new(), value.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '+' | ',' | ';' | '<' | '>' | '\0' => return None,
            '\\' => match letters.next()? {
                escaped @ (' ' | '"' | '#' | '+' | ',' | ';' | '<' | '=' | '>' | '\\') => {
                    bytes.push(u8::try_from(escaped).ok()?);
                }
                high => {
                    let pair = [high, letters.next()?].map(|digit| digit.to_digit(16));
                    let [Some(high), Some(low)] = pair else { return None };
                    bytes.push(u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok()?);
                }
            },
            other => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    String::from_utf8(bytes).ok().filter(|_| !ends_with_blank)
}

impl fmt::Debug for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.0.iter().rev().flatten().map(|(_, value)| value);
        f.debug_list().entries(values).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_written_differently_and_mean_the_same_are_equal() {
        let name = |text: &str| DistinguishedName::parse(text).unwrap();
        let expected = name(r#"CN=Shop\, \"Inc.\"+UID=7,OU=a\=b,C=DE"#);
        for same in [
            r"cn=Shop\2c \22Inc.\22+uid=7,ou=a=b,c=DE",
            r#"UID=7+CN=Shop\, \"Inc.\",OU=a\3Db,C=D\45"#,
            r#"2.5.4.3=Shop\, \"Inc.\"+0.9.2342.19200300.100.1.1=7,2.5.4.11=a\=b,2.5.4.6=DE"#,
        ] {
            assert_eq!(name(same), expected, "{same}");
        }
        for other in [
            r#"C=DE,OU=a\=b,CN=Shop\, \"Inc.\"+UID=7"#,
            r#"CN=Shop\, \"Inc.\",UID=7,OU=a\=b,C=DE"#,
            r#"CN=shop\, \"Inc.\"+UID=7,OU=a\=b,C=DE"#,
            r#"CN=Shop\, \"Inc.\"+UID=7,OU=a\=b"#,
            r#"CN=Shop\, \"Inc.\"+UID=7,OU=a\=b,C=DE,C=DE"#,
        ] {
            assert_ne!(name(other), expected, "{other}");
        }
        assert_eq!(name("CN=b\\C3\\BCro"), name("CN=büro"));
        assert_eq!(name("CN=\\ a\\ "), name("CN=\\20a\\20"));
    }

    #[test]
    fn texts_that_are_not_names_are_rejected() {
        for text in [
            "",
            "CN",
            "CN=",
            "=x",
            "CN=a,",
            ",CN=a",
            "CN=a++UID=7",
            "FOO=a",
            "CN=#0c0161",
            "CN= a",
            "CN=a ",
            "CN=a;O=b",
            "CN=a\"",
            "CN=a<b",
            "CN=a\\",
            "CN=a\\4",
            "CN=a\\zz",
            "CN=\\ff",
            "3.1=a",
            "1.40=a",
            "1=a",
            "2.-5=a",
            "2.5.=a",
            "2.+5.4=a",
            "2.5.99999999999=a",
            "CN=a\0",
        ] {
            assert!(DistinguishedName::parse(text).is_none(), "{text:?}");
        }
    }
}
