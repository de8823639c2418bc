//! Why a watch has ended.

use std::fmt;

/// Why the question that a [`Watch`](super::Watch) asks is no longer answered with yes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Ended {
    /// The user is barred or disabled.
    Barred,
    /// The rules, or the application's policy, say no.
    Forbidden,
    /// There is no such user any more.
    Gone,
    /// The credential was revoked, by itself or with all of its user's.
    Revoked,
    /// The credential stands for this user no longer: it has expired, its session has ended, its key is retired.
    SignedOut,
    /// Nobody could tell for longer than the [grace](super::Watches::with_grace).
    Unavailable,
}

impl Ended {
    /// Returns the code to close a WebSocket with (RFC 6455, section 7.4).
    ///
    /// It is 1008, a violated policy, where the user may no longer; 1013, try again later, where nobody could tell; and 4401,
    /// a code for private use, where a client should log in again.
    #[must_use]
    pub const fn close_code(self) -> u16 {
        match self {
            Self::Barred | Self::Forbidden => 1008,
            Self::Gone | Self::Revoked | Self::SignedOut => 4401,
            Self::Unavailable => 1013,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Barred => "barred",
            Self::Forbidden => "forbidden",
            Self::Gone => "gone",
            Self::Revoked => "revoked",
            Self::SignedOut => "signed_out",
            Self::Unavailable => "unavailable",
        }
    }
}

impl fmt::Display for Ended {
    /// A text that may be shown to the client: it names no rule and no permission.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Barred | Self::Forbidden => "not permitted any more",
            Self::Gone | Self::Revoked | Self::SignedOut => "signed out",
            Self::Unavailable => "temporarily unavailable",
        })
    }
}
