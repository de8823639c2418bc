//! What permissions and groups are called.

use std::fmt;

/// The name of a permission or of a group: text or a number.
///
/// `Text("1")` and `Number(1)` are different names. Text is compared byte by byte: case and Unicode form matter.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Name<'a> {
    /// A whole number
    Number(i64),
    /// Text, as it stands in a string literal or as the derives make it of an enum's variant
    Text(&'a str),
}

impl Name<'_> {
    /// Compares like `==`, in constants too.
    #[must_use]
    pub const fn is(self, other: Name<'_>) -> bool {
        match (self, other) {
            (Self::Number(a), Name::Number(b)) => a == b,
            (Self::Text(a), Name::Text(b)) => same_bytes(a.as_bytes(), b.as_bytes()),
            (Self::Number(_), Name::Text(_)) | (Self::Text(_), Name::Number(_)) => false,
        }
    }

    pub(crate) const fn fingerprint(self, seed: u64) -> u64 {
        match self {
            Self::Number(number) => mix(number.cast_unsigned(), NUMBER, seed),
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

/// A number that differs for almost all different texts; equal ones are then compared in full.
///
/// Only the ends of the text are looked at, so it costs the same for every length.
pub(crate) const fn fingerprint(bytes: &[u8], seed: u64) -> u64 {
    let (head, tail) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
        _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(head), Some(tail)) => (u32::from_le_bytes(*head) as u64, u32::from_le_bytes(*tail) as u64),
            _ => match bytes {
                [] => (0, 0),
                [a] => (*a as u64, 0),
                [a, rest @ .., z] => (
                    *a as u64,
                    (*z as u64) << 8
                        | match rest {
                            [middle, ..] => *middle as u64,
                            [] => 0,
                        },
                ),
            },
        },
    };
    mix(head, tail, seed.wrapping_add(bytes.len() as u64))
}

const fn mix(a: u64, b: u64, seed: u64) -> u64 {
    let x = (a ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let y = (x ^ (x >> 32) ^ b).wrapping_mul(0xd6e8_feb8_6659_fd93);
    y ^ (y >> 32)
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
    message = "`{Self}` does not name a permission",
    label = "expected a string, an integer or an enum with `#[derive(Permission)]`",
    note = "write `#[derive(Clone, Copy, Permission)]` above the enum"
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
    message = "`{Self}` does not name a group",
    label = "expected a string, an integer or an enum with `#[derive(Group)]`",
    note = "write `#[derive(Clone, Copy, Group)]` above the enum"
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

named!(str, String, smol_str::SmolStr: |it| Name::Text(it));
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
