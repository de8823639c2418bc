//! Defines [`AccountsError`], the error of a store of accounts.

use std::{error::Error, fmt};

use auth_runtime::BoxError;

/// Why accounts could not be read or changed.
#[derive(Debug)]
pub struct AccountsError {
    kind: AccountsErrorKind,
    source: Option<BoxError>,
}

/// Kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountsErrorKind {
    /// The identity belongs to another user.
    Taken,
    /// The identity is the user's last way in.
    LastIdentity,
    /// The identity is not one of the user's.
    NotLinked,
    /// The store cannot be asked; the source says why. Answer 503.
    Unavailable,
}

impl AccountsError {
    /// Returns an error of this kind, for stores of applications.
    #[must_use]
    pub const fn new(kind: AccountsErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Returns an error about a store that cannot be asked.
    #[must_use]
    pub fn unavailable(source: BoxError) -> Self {
        Self { kind: AccountsErrorKind::Unavailable, source: Some(source) }
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> AccountsErrorKind {
        self.kind
    }
}

impl fmt::Display for AccountsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            AccountsErrorKind::Taken => {
                "the identity belongs to another user; log in with it, or unlink it there first"
            }
            AccountsErrorKind::LastIdentity => {
                "the identity is the only way in; link another one before it is unlinked"
            }
            AccountsErrorKind::NotLinked => "the identity is not linked to this user",
            AccountsErrorKind::Unavailable => "the store of accounts cannot be asked",
        })
    }
}

impl Error for AccountsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<AccountsErrorKind> for AccountsError {
    fn from(kind: AccountsErrorKind) -> Self {
        Self::new(kind)
    }
}
