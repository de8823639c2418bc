//! Owns group names, and stores short text inline, without an allocation: [`OwnedName`].

use alloc::sync::Arc;

use super::Name;

/// The longest text that is stored inline, in bytes: with it, an [`OwnedName`] is as large as a `String`.
pub(super) const IN_PLACE: usize = 22;

/// A name that is not borrowed.
#[derive(Clone, Debug)]
pub enum OwnedName {
    /// A whole number
    Number(i64),
    /// Short text
    Short {
        /// How many of the bytes count
        length: u8,
        /// The text, in UTF-8
        bytes: [u8; IN_PLACE],
    },
    /// Other text
    Long(Arc<str>),
}

impl OwnedName {
    /// Stores a name.
    #[must_use]
    pub fn new(name: Name<'_>) -> Self {
        match name {
            Name::Number(number) => Self::Number(number),
            Name::Text(text) => Self::short(text).unwrap_or_else(|| Self::Long(Arc::from(text))),
        }
    }

    fn short(text: &str) -> Option<Self> {
        let mut bytes = [0; IN_PLACE];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self::Short { length: u8::try_from(text.len()).ok()?, bytes })
    }

    /// Compares bytes: comparing `str`s would validate the encoding each time.
    pub(super) fn is(&self, other: Name<'_>) -> bool {
        match (self, other) {
            (Self::Number(own), Name::Number(other)) => *own == other,
            (Self::Short { length, bytes }, Name::Text(other)) => {
                in_place(*length, bytes) == other.as_bytes()
            }
            (Self::Long(own), Name::Text(other)) => **own == *other,
            (Self::Number(_), Name::Text(_)) | (Self::Short { .. } | Self::Long(_), Name::Number(_)) => false,
        }
    }

    /// Returns the name.
    #[must_use]
    pub fn as_name(&self) -> Name<'_> {
        match self {
            Self::Number(number) => Name::Number(*number),
            // The bytes are those of a `str`, so this always succeeds.
            Self::Short { length, bytes } => {
                Name::Text(str::from_utf8(in_place(*length, bytes)).unwrap_or_default())
            }
            Self::Long(text) => Name::Text(text),
        }
    }
}

fn in_place(length: u8, bytes: &[u8; IN_PLACE]) -> &[u8] {
    bytes.get(..length.into()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn names_stay_what_they_were_on_both_sides_of_the_limit() {
        let long = "ä".repeat(40);
        for length in 0..=40 {
            let text = &long[..length * 2];
            let owned = OwnedName::new(Name::Text(text));
            assert_eq!(owned.as_name(), Name::Text(text));
            assert!(owned.is(Name::Text(text)));
            assert!(!owned.is(Name::Text(&format!("{text}\0"))), "padding is not part of the text");
            assert_eq!(matches!(owned, OwnedName::Short { .. }), text.len() <= IN_PLACE, "{}", text.len());
        }
        for number in [0, 1, i64::MIN] {
            let owned = OwnedName::new(Name::Number(number));
            assert_eq!(owned.as_name(), Name::Number(number));
            assert!(owned.is(Name::Number(number)) && !owned.is(Name::Text(&format!("{number}"))));
        }
    }

    #[test]
    fn a_name_is_as_large_as_a_string() {
        assert_eq!(size_of::<OwnedName>(), size_of::<alloc::string::String>());
    }
}
