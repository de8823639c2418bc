//! Names permissions and groups, by text or number: [`Name`].

use core::fmt;

use super::name_fingerprint;

/// The name of a permission or of a group: text or a number.
///
/// `Text("1")` and `Number(1)` are different names. Text is compared byte by byte: case and Unicode form matter.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Name<'a> {
    /// A whole number
    Number(i64),
    /// Text, from a string literal or as the derives make it of an enum's variant
    Text(&'a str),
}

impl Name<'_> {
    /// Compares like `==`, but in constants.
    #[must_use]
    pub const fn is(self, other: Name<'_>) -> bool {
        match (self, other) {
            (Self::Number(a), Name::Number(b)) => a == b,
            (Self::Text(a), Name::Text(b)) => same_bytes(a.as_bytes(), b.as_bytes()),
            (Self::Number(_), Name::Text(_)) | (Self::Text(_), Name::Number(_)) => false,
        }
    }

    /// One of 64 bits, the same for equal names: a cheap filter that is checked for each rule of a constant.
    pub(super) const fn bit(self) -> u64 {
        let number = match self {
            Self::Number(number) => number.cast_unsigned(),
            Self::Text(text) => match text.as_bytes() {
                [] => 0,
                [only] => *only as u64,
                [first, middle @ .., last] => {
                    (*first as u64) << 2 ^ (*last as u64) << 1 ^ middle.len() as u64
                }
            },
        };
        1 << (number & 63)
    }

    pub(crate) const fn fingerprint(self, seed: u64) -> u64 {
        match self {
            Self::Number(number) => name_fingerprint::of_number(number, seed),
            Self::Text(text) => name_fingerprint::of_text(text.as_bytes(), seed),
        }
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

const fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    // Four at a time, because each round costs the compiler more than the comparisons in it.
    let (mut a, mut b) = (a, b);
    while let ([a0, a1, a2, a3, a_rest @ ..], [b0, b1, b2, b3, b_rest @ ..]) = (a, b) {
        if *a0 != *b0 || *a1 != *b1 || *a2 != *b2 || *a3 != *b3 {
            return false;
        }
        (a, b) = (a_rest, b_rest);
    }
    while let ([a0, a_rest @ ..], [b0, b_rest @ ..]) = (a, b) {
        if *a0 != *b0 {
            return false;
        }
        (a, b) = (a_rest, b_rest);
    }
    true
}
