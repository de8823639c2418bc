//! Sets options of a Redis denylist, and its behavior without a connection: [`RedisOptions`] and
//! [`WhenAway`].

use std::{fmt, sync::Arc, time::Duration};

use zeroize::Zeroizing;

use super::super::denylist_limits::{Limits, limit_options};
use crate::clock::{Clock, SystemClock};

/// The behavior of an instance that cannot reach the Redis server, and so cannot know what others revoke.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum WhenAway {
    /// Uses its copy for this long, and then responds 503 to all requests until it has caught up (fail
    /// closed)
    DenyAfter(Duration),
    /// Uses its copy without a time limit
    ///
    /// # Security
    ///
    /// Revocations of other instances are not effective meanwhile.
    AllowLastKnown,
}

/// Options of a [`RedisRevocation`](super::RedisRevocation); an address suffices.
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
    /// It may contain a password
    pub(super) address: Zeroizing<String>,
    pub(super) prefix: String,
    pub(super) when_away: WhenAway,
    pub(super) deadline: Duration,
    pub(super) clock_tolerance: Duration,
    pub(super) limits: Limits,
    pub(super) clock: Arc<dyn Clock>,
}

impl RedisOptions {
    /// Connects to this address: `redis://`, `redis-cluster://` or `redis-sentinel://`; with the feature
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

    /// Sets the prefix of the keys and the channel, so that several applications can share a server. The
    /// default is `auth`.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the behavior while the server is unavailable. The default is [`DenyAfter`](WhenAway::DenyAfter) 5
    /// seconds.
    pub const fn when_away(mut self, what: WhenAway) -> Self {
        self.when_away = what;
        self
    }

    /// Sets the timeout of a command. The default is 1 second.
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets the maximum difference between the clocks of the instances, in whole seconds. The default is 1
    /// second.
    ///
    /// The epoch of a user who logs out everywhere is this much later than now, so that it covers tickets of
    /// an instance whose clock is ahead.
    pub const fn with_clock_tolerance(mut self, tolerance: Duration) -> Self {
        self.clock_tolerance = tolerance;
        self
    }

    limit_options!();

    /// Returns how often an instance checks that it is in sync: four times within the grace period, and every
    /// second.
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
