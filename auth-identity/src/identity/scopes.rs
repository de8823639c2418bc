//! Holds the scopes of an access token: [`Scopes`].

use std::{collections::BTreeSet, error::Error, fmt, str::FromStr};

use smol_str::SmolStr;

/// A set of scope tokens (RFC 6749, section 3.3): compared byte by byte, in no order.
///
/// # Example
///
/// ```
/// use auth_runtime::identity::Scopes;
///
/// let scopes: Scopes = "articles:read articles:write".parse()?;
/// assert!(scopes.contains("articles:read"));
/// assert!(!scopes.contains("articles"));
/// assert!("articles:read, articles:write \"x\"".parse::<Scopes>().is_err());
/// # Ok::<(), auth_runtime::identity::InvalidScope>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Scopes(BTreeSet<SmolStr>);

/// The text is not a list of scope tokens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidScope(());

impl fmt::Display for InvalidScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "scopes are words of visible ASCII without `\"` and `\\`, with one space between each two",
        )
    }
}

impl Error for InvalidScope {}

impl Scopes {
    /// Creates an empty set.
    #[must_use]
    pub const fn none() -> Self {
        Self(BTreeSet::new())
    }

    /// Creates a set from single tokens.
    ///
    /// # Errors
    ///
    /// Fails if one of them is not a scope token.
    pub fn new<T: AsRef<str>>(tokens: impl IntoIterator<Item = T>) -> Result<Self, InvalidScope> {
        let token = |token: T| {
            let token = token.as_ref();
            is_token(token).then(|| SmolStr::new(token)).ok_or(InvalidScope(()))
        };
        tokens.into_iter().map(token).collect::<Result<_, _>>().map(Self)
    }

    /// Returns whether the set contains exactly this token.
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        self.0.contains(token)
    }

    /// Returns whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the tokens, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(SmolStr::as_str)
    }
}

impl FromStr for Scopes {
    type Err = InvalidScope;

    /// Parses a list; the empty text is the empty set.
    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        if text.is_empty() { Ok(Self::none()) } else { Self::new(text.split(' ')) }
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, token) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(token)?;
        }
        Ok(())
    }
}

fn is_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
}
