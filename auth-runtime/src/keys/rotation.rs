//! When keys change.

use std::time::Duration;

use super::{KeyError, KeyErrorKind};
use crate::clock::{Interval, InvalidInterval, UnixTime};

/// The most keys that a rotation may need at a time.
pub(super) const MAX_LIVE: u64 = 64;
/// Machines, threads and slow handlers disagree by some seconds at least.
const MIN_LEAD: u64 = 10;
const MAX_DEFAULT_LEAD: u64 = 3600;

/// How often a ring gets a new signing key, and for how long the old ones verify.
///
/// | option | default |
/// |---|---|
/// | credential lifetime: the longest that anything signed by these keys is valid | 7 days |
/// | skew: how far apart the clocks of two machines may be | 60 seconds |
/// | lead: how long before its use a key is known to verifiers | an hour, or half the interval when that is less |
///
/// A key is *pending* for the lead, *active* for the interval, *verify-only* for the credential lifetime and the skew,
/// and then retired. The lead is never less than twice the skew, nor than ten seconds.
///
/// # Example
///
/// ```
/// use auth_runtime::keys::Rotation;
///
/// let rotation = Rotation::every("30d")?.with_credential_lifetime("8h")?;
/// assert_eq!(rotation.interval().to_string(), "30d");
/// assert!(Rotation::every("monthly").is_err());
/// # Ok::<(), auth_runtime::clock::InvalidInterval>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct Rotation {
    interval: Interval,
    lifetime: Duration,
    skew: Duration,
    lead: Option<Duration>,
}

impl Rotation {
    /// Makes one with a new signing key every so often: a text such as `30d` ([`Interval`]) or a
    /// [`Duration`].
    ///
    /// # Errors
    ///
    /// Fails when it is no interval.
    pub fn every<I>(interval: I) -> Result<Self, InvalidInterval>
    where
        I: TryInto<Interval, Error: Into<InvalidInterval>>,
    {
        Ok(Self {
            interval: interval.try_into().map_err(Into::into)?,
            lifetime: Duration::from_hours(7 * 24),
            skew: Duration::from_mins(1),
            lead: None,
        })
    }

    /// Sets the longest time for which anything that these keys sign is valid. The default is 7 days.
    ///
    /// Policies issue nothing that lives longer.
    ///
    /// # Errors
    ///
    /// Fails when it is no interval.
    pub fn with_credential_lifetime<I>(mut self, lifetime: I) -> Result<Self, InvalidInterval>
    where
        I: TryInto<Interval, Error: Into<InvalidInterval>>,
    {
        self.lifetime = lifetime.try_into().map_err(Into::into)?.as_duration();
        Ok(self)
    }

    /// Sets how far apart the clocks of two machines may be, in whole seconds. The default is 60 seconds.
    ///
    /// It should not be less than the skew that policies allow.
    pub const fn with_skew(mut self, skew: Duration) -> Self {
        self.skew = Duration::from_secs(skew.as_secs());
        self
    }

    /// Sets how long before its use a key is known to verifiers. The default is an hour, or half the interval when that
    /// is less; less than twice the skew, or than ten seconds, counts as that.
    ///
    /// # Errors
    ///
    /// Fails when it is no interval.
    pub fn with_lead<I>(mut self, lead: I) -> Result<Self, InvalidInterval>
    where
        I: TryInto<Interval, Error: Into<InvalidInterval>>,
    {
        self.lead = Some(lead.try_into().map_err(Into::into)?.as_duration());
        Ok(self)
    }

    /// Returns how often the signing key changes.
    #[must_use]
    pub const fn interval(&self) -> Interval {
        self.interval
    }

    /// Returns the longest time for which anything that these keys sign is valid.
    #[must_use]
    pub const fn credential_lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Returns how far apart the clocks of two machines may be.
    #[must_use]
    pub const fn skew(&self) -> Duration {
        self.skew
    }

    /// Returns how long before its use a key is known to verifiers.
    #[must_use]
    pub fn lead(&self) -> Duration {
        let least = self.skew.as_secs().saturating_mul(2).max(MIN_LEAD);
        let wanted = self
            .lead
            .map_or_else(|| MAX_DEFAULT_LEAD.min(self.interval.as_secs() / 2), |lead| lead.as_secs());
        Duration::from_secs(wanted.max(least))
    }

    /// How long a key verifies after its last use as the signing key.
    pub(super) const fn after_use(&self) -> Duration {
        self.lifetime.saturating_add(self.skew)
    }

    /// When a key retires that was last used to sign at `end`.
    pub(super) const fn retirement(&self, end: UnixTime) -> UnixTime {
        end.plus(self.after_use())
    }

    pub(super) fn check(&self) -> Result<(), KeyError> {
        let span = self.after_use().saturating_add(self.lead()).as_secs();
        let needed = span.div_ceil(self.interval.as_secs()).saturating_add(2);
        if needed > MAX_LIVE { Err(KeyError::new(KeyErrorKind::TooManyKeys)) } else { Ok(()) }
    }
}
