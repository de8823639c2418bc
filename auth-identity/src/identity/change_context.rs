//! Carries the request's state into a change of identity: [`ChangeContext`].

use super::Identified;
use crate::clock::UnixTime;

/// The time and the credentials with which a policy makes a change.
#[derive(Clone, Copy, Debug)]
pub struct ChangeContext<'a> {
    now: UnixTime,
    identified: &'a Identified,
    current: &'a Identified,
}

impl<'a> ChangeContext<'a> {
    /// Creates one; applications need it only to test their policies.
    #[must_use]
    pub const fn new(now: UnixTime, identified: &'a Identified) -> Self {
        Self { now, identified, current: identified }
    }

    /// Sets the result of earlier changes in the same request.
    #[must_use]
    pub const fn with_current(mut self, current: &'a Identified) -> Self {
        self.current = current;
        self
    }

    /// Returns the time of the change, which may be long after the start of the request.
    #[must_use]
    pub const fn now(&self) -> UnixTime {
        self.now
    }

    /// Returns the credentials of the request, regardless of changes since.
    #[must_use]
    pub const fn identified(&self) -> &'a Identified {
        self.identified
    }

    /// Returns the present identity: that of the request, or of the last change.
    #[must_use]
    pub const fn current(&self) -> &'a Identified {
        self.current
    }
}
