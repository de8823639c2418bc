//! The moment of a change.

use super::Identified;
use crate::clock::UnixTime;

/// The moment at which a policy is asked to change something.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    now: UnixTime,
    identified: &'a Identified,
    current: &'a Identified,
}

impl<'a> Occasion<'a> {
    /// Puts one together; applications need this for tests of their own policies only.
    #[must_use]
    pub const fn new(now: UnixTime, identified: &'a Identified) -> Self {
        Self { now, identified, current: identified }
    }

    /// Says what earlier changes in the same request have made of what it carried.
    #[must_use]
    pub const fn with_current(mut self, current: &'a Identified) -> Self {
        self.current = current;
        self
    }

    /// Returns the time of the change, which may be long after the request has begun.
    #[must_use]
    pub const fn now(&self) -> UnixTime {
        self.now
    }

    /// Returns what the policy found in this request; what it carried, whatever has been changed since.
    #[must_use]
    pub const fn identified(&self) -> &'a Identified {
        self.identified
    }

    /// Returns what the request stands for now: what was found, or what the last change made of it.
    #[must_use]
    pub const fn current(&self) -> &'a Identified {
        self.current
    }
}
