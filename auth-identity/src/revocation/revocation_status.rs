//! Reports the result of a denylist look-up: [`RevocationStatus`].

use std::{error::Error, fmt};

use crate::clock::UnixTime;

/// The revocations of one user and one credential.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct RevocationStatus {
    epoch: Option<UnixTime>,
    listed: bool,
}

impl RevocationStatus {
    /// Creates a status without revocations.
    pub const fn none() -> Self {
        Self { epoch: None, listed: false }
    }

    /// Sets the user's epoch: credentials of this time and earlier are revoked.
    pub const fn with_epoch(mut self, epoch: UnixTime) -> Self {
        self.epoch = Some(epoch);
        self
    }

    /// Sets whether the credential itself is revoked.
    pub const fn with_listed(mut self, listed: bool) -> Self {
        self.listed = listed;
        self
    }

    /// Returns the user's epoch.
    #[must_use]
    pub const fn epoch(&self) -> Option<UnixTime> {
        self.epoch
    }

    /// Returns whether a credential is revoked whose user authenticated at this time. One without an
    /// authentication time is revoked as soon as the user has an epoch.
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

/// A denylist is full. Relevant entries are not dropped; increase its capacity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RevocationFull;

impl fmt::Display for RevocationFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the list of revocations is full; give it more room, or a shorter longest lifetime")
    }
}

impl Error for RevocationFull {}
