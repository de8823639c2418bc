//! Parses user ids into the application's own types: [`UserId::parse_as`].

use std::{any::type_name, error::Error, fmt, str::FromStr};

use super::UserId;

/// A [`UserId`] is not a valid id of the requested type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidTypedId {
    user: UserId,
    wanted: &'static str,
    other_spelling: bool,
}

impl fmt::Display for InvalidTypedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.other_spelling {
            write!(f, "the user id `{}` is not how `{}` spells it", self.user, self.wanted)
        } else {
            write!(f, "the user id `{}` is not a valid `{}`", self.user, self.wanted)
        }
    }
}

impl Error for InvalidTypedId {}

impl UserId {
    /// Parses the id as the application's own type, such as `i64` or `Uuid`.
    ///
    /// It must be in the type's canonical form, so that a user has only one id: `01` and `+1` are not the id
    /// 1.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::UserId;
    ///
    /// assert_eq!(UserId::from(7_i64).parse_as::<i64>()?, 7);
    /// assert!(UserId::new("07")?.parse_as::<i64>().is_err());
    /// assert!(UserId::new("alice")?.parse_as::<i64>().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the text is not a valid id, or not in canonical form.
    pub fn parse_as<T: FromStr + fmt::Display>(&self) -> Result<T, InvalidTypedId> {
        let invalid =
            |other_spelling| InvalidTypedId { user: self.clone(), wanted: type_name::<T>(), other_spelling };
        let id: T = self.as_str().parse().map_err(|_| invalid(false))?;
        if is_written(self, &id) { Ok(id) } else { Err(invalid(true)) }
    }
}

/// Compares the value's text without allocating.
fn is_written(text: &str, value: &impl fmt::Display) -> bool {
    struct Rest<'a>(&'a str);

    impl fmt::Write for Rest<'_> {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
            Ok(())
        }
    }

    let mut rest = Rest(text);
    fmt::write(&mut rest, format_args!("{value}")).is_ok() && rest.0.is_empty()
}

macro_rules! from_numbers {
    ($($number:ty),*) => {
        $(impl From<$number> for UserId {
            /// Formats the number in decimal digits.
            fn from(id: $number) -> Self {
                Self::of_text(&smol_str::format_smolstr!("{id}"))
            }
        })*
    };
}

from_numbers!(i32, i64, u32, u64);

#[cfg(feature = "uuid")]
impl From<uuid::Uuid> for UserId {
    /// Formats the id in lower case with hyphens (RFC 9562, section 4).
    fn from(id: uuid::Uuid) -> Self {
        Self::of_text(&smol_str::format_smolstr!("{id}"))
    }
}
