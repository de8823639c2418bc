//! Configures the schedule of a rotation: [`Rotation`].

use std::time::Duration;

use super::{KeyError, KeyErrorKind};
use crate::clock::{Interval, InvalidInterval, UnixTime};

/// The maximum number of keys that a rotation may need at a time.
pub(super) const MAX_LIVE: u64 = 64;
/// The minimum activation delay: instances, threads and slow handlers differ by some seconds.
const MIN_DELAY: u64 = 10;
const MAX_DEFAULT_DELAY: u64 = 3600;

/// How often a ring gets a new signing key, and how long the old ones verify.
///
/// | option | default |
/// |---|---|
/// | credential lifetime: the maximum validity of anything that these keys sign | 7 days |
/// | skew: the maximum difference between the clocks of two instances | 60 seconds |
/// | activation delay: how long a key is published before it signs | an hour, or half the interval if that is less |
///
/// A key is *pending* for the activation delay, *active* for the interval, *verify-only* for the credential
/// lifetime and the skew, and then retired. The activation delay is at least twice the skew and at least ten
/// seconds.
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
    delay: Option<Duration>,
}

impl Rotation {
    /// Creates a rotation with a new signing key per interval: a text such as `30d` ([`Interval`]) or a
    /// [`Duration`].
    ///
    /// # Errors
    ///
    /// Fails if it is not a valid interval.
    pub fn every<I>(interval: I) -> Result<Self, InvalidInterval>
    where
        I: TryInto<Interval, Error: Into<InvalidInterval>>,
    {
        Ok(Self {
            interval: interval.try_into().map_err(Into::into)?,
            lifetime: Duration::from_hours(7 * 24),
            skew: Duration::from_mins(1),
            delay: None,
        })
    }

    /// Sets the maximum validity of anything that these keys sign. The default is 7 days.
    ///
    /// Policies issue nothing that lives longer.
    ///
    /// # Errors
    ///
    /// Fails if it is not a valid interval.
    pub fn with_credential_lifetime<I>(mut self, lifetime: I) -> Result<Self, InvalidInterval>
    where
        I: TryInto<Interval, Error: Into<InvalidInterval>>,
    {
        self.lifetime = lifetime.try_into().map_err(Into::into)?.as_duration();
        Ok(self)
    }

    /// Sets the maximum difference between the clocks of two instances, in whole seconds. The default is 60
    /// seconds.
    ///
    /// It should be at least the skew that policies allow.
    pub const fn with_skew(mut self, skew: Duration) -> Self {
        self.skew = Duration::from_secs(skew.as_secs());
        self
    }

    /// Sets how long a key is published before it signs. The default is an hour, or half the interval if that
    /// is less. The minimum is twice the skew and ten seconds.
    ///
    /// # Errors
    ///
    /// Fails if it is not a valid interval.
    pub fn with_activation_delay<I>(mut self, delay: I) -> Result<Self, InvalidInterval>
    where
        I: TryInto<Interval, Error: Into<InvalidInterval>>,
    {
        self.delay = Some(delay.try_into().map_err(Into::into)?.as_duration());
        Ok(self)
    }

    /// Returns how often the signing key changes.
    #[must_use]
    pub const fn interval(&self) -> Interval {
        self.interval
    }

    /// Returns the maximum validity of anything that these keys sign.
    #[must_use]
    pub const fn credential_lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Returns the maximum difference between the clocks of two instances.
    #[must_use]
    pub const fn skew(&self) -> Duration {
        self.skew
    }

    /// Returns how long a key is published before it signs.
    #[must_use]
    pub fn activation_delay(&self) -> Duration {
        let least = self.skew.as_secs().saturating_mul(2).max(MIN_DELAY);
        let wanted = self
            .delay
            .map_or_else(|| MAX_DEFAULT_DELAY.min(self.interval.as_secs() / 2), |delay| delay.as_secs());
        Duration::from_secs(wanted.max(least))
    }

    /// Returns how long a key verifies after its last use for signing.
    pub(super) const fn after_use(&self) -> Duration {
        self.lifetime.saturating_add(self.skew)
    }

    /// Returns when a key retires that last signed at `end`.
    pub(super) const fn retirement(&self, end: UnixTime) -> UnixTime {
        end.plus(self.after_use())
    }

    pub(super) fn check(&self) -> Result<(), KeyError> {
        let span = self.after_use().saturating_add(self.activation_delay()).as_secs();
        let needed = span.div_ceil(self.interval.as_secs()).saturating_add(2);
        if needed > MAX_LIVE { Err(KeyError::new(KeyErrorKind::TooManyKeys)) } else { Ok(()) }
    }
}
