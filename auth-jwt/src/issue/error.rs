//! Defines [`IssueError`], the error of issuing tokens.

use std::{error::Error, fmt};

/// The kind of an [`IssueError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum IssueErrorKind {
    /// The audience does not have 1 to 255 bytes of visible text
    Audience,
    /// The claim is already set, by the issuer or before, or its value is not JSON
    Claim,
    /// The client or the impersonator does not have 1 to 255 bytes of visible text
    Client,
    /// The key could not sign
    Key,
    /// Less than 1 second or more than 24 hours
    Lifetime,
    /// The operating system gave no random bytes
    NoRandomness,
    /// The user does not have 1 to 255 bytes of visible text
    Subject,
    /// More than 8 KiB, which verifiers reject
    TooLong,
}

/// A token was not issued.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IssueError(IssueErrorKind);

impl IssueError {
    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> IssueErrorKind {
        self.0
    }
}

impl From<IssueErrorKind> for IssueError {
    fn from(kind: IssueErrorKind) -> Self {
        Self(kind)
    }
}

impl fmt::Display for IssueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            IssueErrorKind::Audience => "the audience must have 1 to 255 bytes of visible text",
            IssueErrorKind::Claim => {
                "the claim is one that the issuer sets, or was set before, or its value cannot be written as JSON"
            }
            IssueErrorKind::Client => "the client and the actor must have 1 to 255 bytes of visible text",
            IssueErrorKind::Key => "the key did not sign",
            IssueErrorKind::Lifetime => "the lifetime must be 1 second to 24 hours",
            IssueErrorKind::NoRandomness => "the operating system gives no random bytes",
            IssueErrorKind::Subject => "the subject must have 1 to 255 bytes of visible text",
            IssueErrorKind::TooLong => "the token would be longer than 8 KiB; put less into its claims",
        })
    }
}

impl Error for IssueError {}
