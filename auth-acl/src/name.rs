//! Names of permissions and groups.

use alloc::string::String;
use core::fmt;

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
            Self::Number(number) => mix(number.cast_unsigned() ^ ODD[0], seed ^ NUMBER ^ ODD[1]),
            Self::Text(text) => fingerprint(text.as_bytes(), seed),
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

const NUMBER: u64 = 0x6e75_6d62;

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

/// A number that differs for almost all different texts; on a match the texts are compared in full.
///
/// Every bit depends on every byte of the text, since tables use the low bits as the index.
pub(crate) const fn fingerprint(bytes: &[u8], seed: u64) -> u64 {
    let mut state = seed ^ bytes.len() as u64;
    let mut rest = bytes;
    while rest.len() > 16
        && let Some((block, after)) = rest.split_first_chunk::<8>()
    {
        state = mix(state ^ u64::from_le_bytes(*block), ODD[0]);
        rest = after;
    }
    // The last sixteen bytes or fewer: two words, which overlap if the text is short.
    let (head, tail) = match (rest.first_chunk::<8>(), rest.last_chunk::<8>()) {
        (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
        _ => match (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
            (Some(head), Some(tail)) => (u32::from_le_bytes(*head) as u64, u32::from_le_bytes(*tail) as u64),
            _ => match rest {
                [a, middle @ .., z] => {
                    let b = match middle {
                        [b, ..] => *b,
                        [] => *a,
                    };
                    ((*a as u64) << 8 | b as u64, *z as u64)
                }
                [a] => (*a as u64, 0),
                [] => (0, 0),
            },
        },
    };
    mix(head ^ ODD[0], tail ^ state ^ ODD[1])
}

/// Constants without a pattern, so that texts with one do not collide.
const ODD: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];

/// Multiplies, and folds the upper half of the product into the lower one.
#[expect(clippy::cast_possible_truncation, reason = "each half is taken")]
const fn mix(a: u64, b: u64) -> u64 {
    let product = (a as u128).wrapping_mul(b as u128);
    product as u64 ^ (product >> 64) as u64
}

/// Something that names a permission: text, a number, or an enum with `#[derive(Permission)]`.
///
/// # Example
///
/// ```
/// use auth_runtime::{Name, Permission};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     View,
///     #[permission(name = "edit")]
///     Change,
/// }
///
/// assert_eq!(Permission::name(&Can::View), Name::Text("view"));
/// assert_eq!(Permission::name(&Can::Change), Name::Text("edit"));
/// ```
#[diagnostic::on_unimplemented(
    message = "this type does not name permissions; write a string, an integer or an enum with \
               `#[derive(auth_runtime::Permission)]`",
    label = "expected a string, an integer or an enum with `#[derive(Permission)]`"
)]
pub trait Permission {
    /// Returns the name.
    fn name(&self) -> Name<'_>;
}

/// Something that names a group: text, a number, or an enum with `#[derive(Group)]`.
///
/// # Example
///
/// ```
/// use auth_runtime::{Group, Groups};
///
/// #[derive(Clone, Copy, Group)]
/// enum Role {
///     Editor,
///     Admin,
/// }
///
/// let groups = Groups::from([Role::Editor, Role::Admin]);
/// assert!(groups.contains("editor"));
/// ```
#[diagnostic::on_unimplemented(
    message = "this type does not name groups; write a string, an integer or an enum with \
               `#[derive(auth_runtime::Group)]`",
    label = "expected a string, an integer or an enum with `#[derive(Group)]`"
)]
pub trait Group {
    /// Returns the name.
    fn name(&self) -> Name<'_>;
}

macro_rules! named {
    ($($type:ty),*: |$it:ident| $name:expr) => {
        $(
            impl Permission for $type {
                fn name(&self) -> Name<'_> {
                    let $it = self;
                    $name
                }
            }

            impl Group for $type {
                fn name(&self) -> Name<'_> {
                    let $it = self;
                    $name
                }
            }
        )*
    };
}

named!(str, String: |it| Name::Text(it));
named!(i8, i16, i32, u8, u16, u32: |it| Name::Number(i64::from(*it)));
named!(i64: |it| Name::Number(*it));
named!(Name<'_>: |it| *it);

impl<T: Permission + ?Sized> Permission for &T {
    fn name(&self) -> Name<'_> {
        (**self).name()
    }
}

impl<T: Group + ?Sized> Group for &T {
    fn name(&self) -> Name<'_> {
        (**self).name()
    }
}
