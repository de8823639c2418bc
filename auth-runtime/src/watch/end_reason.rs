//! Lists the reasons for which a watch ends: [`EndReason`].

use std::fmt;

/// The reason why the permission of a [`Watch`](super::Watch) has ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum EndReason {
    /// The user is blocked or disabled.
    Blocked,
    /// The ACL or the application's policy denies it.
    Forbidden,
    /// The user does not exist any more.
    Gone,
    /// The credential was revoked, by itself or with all of its user's.
    Revoked,
    /// The credential is no longer valid: it has expired, its session has ended, or its key is retired.
    SignedOut,
    /// The decision failed for longer than the [grace period](super::Watches::with_grace).
    Unavailable,
}

impl EndReason {
    /// Returns the code to close a WebSocket with (RFC 6455, section 7.4).
    ///
    /// It is 1008 (policy violation) if the user is denied, 1013 (try again later) if the decision failed,
    /// and 4401 (private use) if the client should log in again.
    #[must_use]
    pub const fn close_code(self) -> u16 {
        match self {
            Self::Blocked | Self::Forbidden => 1008,
            Self::Gone | Self::Revoked | Self::SignedOut => 4401,
            Self::Unavailable => 1013,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Forbidden => "forbidden",
            Self::Gone => "gone",
            Self::Revoked => "revoked",
            Self::SignedOut => "signed_out",
            Self::Unavailable => "unavailable",
        }
    }
}

impl fmt::Display for EndReason {
    /// A text that is safe for the client: it names no rule and no permission.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blocked | Self::Forbidden => "not permitted any more",
            Self::Gone | Self::Revoked | Self::SignedOut => "signed out",
            Self::Unavailable => "temporarily unavailable",
        })
    }
}
