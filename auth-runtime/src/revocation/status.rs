//! What a list of revocations answers.

use std::{error::Error, fmt};

use crate::clock::UnixTime;

/// What has been revoked of one user and one credential.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct RevocationStatus {
    epoch: Option<UnixTime>,
    listed: bool,
}

impl RevocationStatus {
    /// Nothing was revoked.
    pub const fn none() -> Self {
        Self { epoch: None, listed: false }
    }

    /// Says that the user's credentials of this time and earlier are revoked.
    pub const fn with_epoch(mut self, epoch: UnixTime) -> Self {
        self.epoch = Some(epoch);
        self
    }

    /// Says whether the credential itself is revoked.
    pub const fn with_listed(mut self, listed: bool) -> Self {
        self.listed = listed;
        self
    }

    /// Returns the last second whose credentials are revoked.
    #[must_use]
    pub const fn epoch(&self) -> Option<UnixTime> {
        self.epoch
    }

    /// Returns whether a credential is revoked whose user proved who they are at this time. One that does not tell is
    /// revoked as soon as anything of its user is.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{clock::UnixTime, revocation::RevocationStatus};
    ///
    /// let status = RevocationStatus::none().with_epoch(UnixTime::from_secs(100));
    /// assert!(status.revokes(Some(UnixTime::from_secs(100))));
    /// assert!(!status.revokes(Some(UnixTime::from_secs(101))));
    /// assert!(status.revokes(None));
    /// assert!(!RevocationStatus::none().revokes(None));
    /// ```
    #[must_use]
    pub fn revokes(&self, proved_at: Option<UnixTime>) -> bool {
        self.listed || self.epoch.is_some_and(|epoch| proved_at.is_none_or(|time| time <= epoch))
    }
}

/// A list of revocations has no room left. Nothing that still matters is dropped from it; give it more room.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RevocationFull;

impl fmt::Display for RevocationFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the list of revocations is full; give it more room, or a shorter longest lifetime")
    }
}

impl Error for RevocationFull {}
