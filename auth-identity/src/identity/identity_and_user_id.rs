//! Represents users: [`Identity`], shared with the browser, and [`UserId`], used by the application.

use std::{borrow::Borrow, error::Error, fmt, ops::Deref, str::FromStr};

use auth_acl::__private::{SERVICE_PREFIX, service_name};
use smol_str::SmolStr;

/// The maximum length of an identity or user id, in bytes.
const MAX_BYTES: usize = 255;

/// The text is not an [`Identity`] or a [`UserId`].
///
/// Ids have 1 to 255 bytes, do not begin or end with white space, and contain no control characters and none
/// that change how text is displayed (direction marks, zero-width spaces; homograph attacks). Those of users do not
/// begin with `service:`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidId(Flaw);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Flaw {
    Empty,
    TooLong,
    EdgeSpace,
    Control,
    Format,
    Service,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Flaw::Empty => "an id must not be empty",
            Flaw::TooLong => "an id must not be longer than 255 bytes",
            Flaw::EdgeSpace => "an id must not begin or end with white space",
            Flaw::Control => "an id must not hold control characters",
            Flaw::Format => "an id must not hold invisible formatting characters",
            Flaw::Service => "the id of a user must not begin with `service:`; services have such ids",
        })
    }
}

impl Error for InvalidId {}

pub(super) fn check(id: &str) -> Result<(), InvalidId> {
    let bytes = id.as_bytes();
    if bytes.is_empty() {
        return Err(InvalidId(Flaw::Empty));
    }
    if bytes.len() > MAX_BYTES {
        return Err(InvalidId(Flaw::TooLong));
    }
    // Fast path: almost every id is printable ASCII without spaces.
    if bytes.iter().all(u8::is_ascii_graphic) {
        return Ok(());
    }
    if id.starts_with(char::is_whitespace) || id.ends_with(char::is_whitespace) {
        return Err(InvalidId(Flaw::EdgeSpace));
    }
    for c in id.chars() {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            return Err(InvalidId(Flaw::Control));
        }
        if is_format(c) {
            return Err(InvalidId(Flaw::Format));
        }
    }
    Ok(())
}

/// Unicode's format characters (general category Cf), which could make two ids look alike.
const fn is_format(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{600}'..='\u{605}'
            | '\u{61C}'
            | '\u{6DD}'
            | '\u{70F}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    )
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(SmolStr);

        impl $name {
            /// Creates the id of a user from text.
            ///
            /// # Errors
            ///
            /// Fails if the text is empty, longer than 255 bytes, begins or ends with white space,
            /// contains control or invisible formatting characters, or begins with `service:`.
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
                let text = text.as_ref();
                check(text)?;
                if text.starts_with(SERVICE_PREFIX) {
                    return Err(InvalidId(Flaw::Service));
                }
                Ok(Self(SmolStr::new(text)))
            }

            /// Creates the id of a service: a program that calls this application, and not a user. Its text is
            /// `service:` and the name, so that a user and a service of one name stay different everywhere.
            ///
            /// # Errors
            ///
            /// Fails as [`new`](Self::new) does, with 247 bytes for the name; and if the name itself begins
            /// with `service:`.
            pub fn service(name: impl AsRef<str>) -> Result<Self, InvalidId> {
                let name = name.as_ref();
                check(name)?;
                if name.starts_with(SERVICE_PREFIX) {
                    return Err(InvalidId(Flaw::Service));
                }
                Self::from_stored(format!("{SERVICE_PREFIX}{name}"))
            }

            /// Creates an id of a user or a service from the text of one, such as the owner of a row.
            ///
            /// # Errors
            ///
            /// Fails as [`new`](Self::new) does, except that the text may begin with `service:`.
            ///
            /// # Security
            ///
            /// The text must have been written from an id. With text that a client or another issuer chooses, a
            /// user could pass as a service.
            pub fn from_stored(text: impl AsRef<str>) -> Result<Self, InvalidId> {
                let text = text.as_ref();
                check(text)?;
                if text == SERVICE_PREFIX {
                    return Err(InvalidId(Flaw::Empty));
                }
                Ok(Self(SmolStr::new(text)))
            }

            /// Returns the name of the service; `None` for a user.
            ///
            /// # Example
            ///
            /// ```
            /// use auth_runtime::{Identity, UserId};
            ///
            /// assert_eq!(UserId::service("billing")?.service_name(), Some("billing"));
            /// assert_eq!(UserId::new("billing")?.service_name(), None);
            /// assert!(Identity::new("service:billing").is_err());
            /// # Ok::<(), auth_runtime::identity::InvalidId>(())
            /// ```
            #[must_use]
            pub fn service_name(&self) -> Option<&str> {
                service_name(self.as_str())
            }

            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidId;

            fn try_from(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }
    };
}

id_type! {
    /// The opaque string for a user that browser and server share.
    ///
    /// It need not be the user id: to end all sessions of a user at once, an application can give each
    /// session a random identity and map them itself.
    ///
    /// Its `Debug` form is redacted, because an identity may be as sensitive as a password.
    Identity
}

id_type! {
    /// The application's id of a user.
    ///
    /// As a handler's argument it is the authenticated user: an anonymous request gets 401. `Option<UserId>`
    /// accepts every request.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::UserId;
    ///
    /// let user: UserId = "alice".parse()?;
    /// assert_eq!(user, "alice");
    /// assert!(UserId::new("").is_err());
    /// # Ok::<(), auth_runtime::identity::InvalidId>(())
    /// ```
    UserId
}

impl UserId {
    /// Creates an id from text that is known to be valid.
    pub(super) fn of_text(text: &SmolStr) -> Self {
        Self(text.clone())
    }
}

impl Identity {
    /// Returns the user id with the same text.
    #[must_use]
    pub fn to_user_id(&self) -> UserId {
        UserId(self.0.clone())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity([redacted])")
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UserId").field(&self.as_str()).finish()
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
