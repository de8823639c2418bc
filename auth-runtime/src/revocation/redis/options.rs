//! How a list on a Redis server is reached, and what holds while it is not.

use std::{fmt, sync::Arc, time::Duration};

use zeroize::Zeroizing;

use super::super::limits::{Limits, limit_options};
use crate::clock::{Clock, SystemClock};

/// What an instance does while it cannot reach the Redis server, and so cannot know what others revoke.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum WhenAway {
    /// Goes by what it knows for this long, and then refuses everybody with 503, until it has caught up
    DenyAfter(Duration),
    /// Goes by what it knows for as long as it takes
    ///
    /// # Security
    ///
    /// What other instances revoke meanwhile is not revoked here.
    AllowLastKnown,
}

/// Options of a [`RedisRevocation`](super::RedisRevocation); an address is enough.
///
/// # Example
///
/// ```
/// use auth_runtime::revocation::{RedisOptions, WhenAway};
/// use std::time::Duration;
///
/// let options = RedisOptions::new("redis://127.0.0.1:6379")
///     .with_prefix("shop")
///     .when_away(WhenAway::DenyAfter(Duration::from_secs(30)));
/// # let _ = options;
/// ```
#[derive(Clone)]
#[must_use]
pub struct RedisOptions {
    /// A password may be in it
    pub(super) address: Zeroizing<String>,
    pub(super) prefix: String,
    pub(super) when_away: WhenAway,
    pub(super) deadline: Duration,
    pub(super) clock_tolerance: Duration,
    pub(super) limits: Limits,
    pub(super) clock: Arc<dyn Clock>,
}

impl RedisOptions {
    /// Reaches the server at this address: `redis://`, `redis-cluster://` or `redis-sentinel://`; with the feature
    /// `redis-tls` also `rediss://`, `rediss-cluster://` or `rediss-sentinel://`. See
    /// [`redis_config`](crate::redis_config).
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: Zeroizing::new(address.into()),
            prefix: "auth".to_owned(),
            when_away: WhenAway::DenyAfter(Duration::from_secs(5)),
            deadline: Duration::from_secs(1),
            clock_tolerance: Duration::from_secs(1),
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Puts this before the names of keys and of the channel, so that several applications can share a server. The
    /// default is `auth`.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Says what holds while the server cannot be reached. The default is
    /// [`DenyAfter`](WhenAway::DenyAfter) 5 seconds.
    pub const fn when_away(mut self, what: WhenAway) -> Self {
        self.when_away = what;
        self
    }

    /// Gives up a command after this time. The default is 1 second.
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Says how far the clocks of the instances may be apart, in whole seconds. The default is 1 second.
    ///
    /// So much later than the present is the epoch of a user who logs out everywhere, that no ticket of an instance whose
    /// clock is ahead outlives it.
    pub const fn with_clock_tolerance(mut self, tolerance: Duration) -> Self {
        self.clock_tolerance = tolerance;
        self
    }

    limit_options!();

    /// How often an instance makes sure that it knows everything: four times in the time of grace, and each second.
    pub(super) fn interval(&self) -> Duration {
        let longest = Duration::from_secs(1);
        match self.when_away {
            WhenAway::DenyAfter(grace) => {
                grace.checked_div(4).unwrap_or(longest).clamp(Duration::from_millis(20), longest)
            }
            WhenAway::AllowLastKnown => longest,
        }
    }
}

impl From<&str> for RedisOptions {
    fn from(address: &str) -> Self {
        Self::new(address)
    }
}

impl From<String> for RedisOptions {
    fn from(address: String) -> Self {
        Self::new(address)
    }
}

impl fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisOptions")
            .field("prefix", &self.prefix)
            .field("when_away", &self.when_away)
            .field("deadline", &self.deadline)
            .field("clock_tolerance", &self.clock_tolerance)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
