//! How long a list remembers, and how much; the options that say so, written once.

use std::time::Duration;

/// How long the list remembers, and how much.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) capacity: usize,
    pub(super) longest_lifetime: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { capacity: 1_000_000, longest_lifetime: Duration::from_hours(24 * 90) }
    }
}

/// Writes the options into the `impl` of a list, or of its options, with the fields `limits` and `clock`.
macro_rules! limit_options {
    () => {
        /// Reads the time from `clock`, which should be the layer's. The default is the
        /// [`SystemClock`](crate::clock::SystemClock).
        pub fn with_clock(mut self, clock: impl crate::clock::Clock) -> Self {
            self.clock = std::sync::Arc::new(clock);
            self
        }

        /// Keeps at most this many users and credentials. The default is 1,000,000.
        ///
        /// When there is no room left, revoking fails; nothing that still matters is dropped.
        pub const fn with_capacity(mut self, capacity: usize) -> Self {
            self.limits.capacity = capacity;
            self
        }

        /// Says how long a credential may be valid, from log-in on, in whole seconds: for that long a revocation is kept.
        /// The default is 90 days.
        ///
        /// # Security
        ///
        /// A credential that lives longer becomes valid again when its revocation is dropped.
        pub const fn with_longest_lifetime(mut self, lifetime: std::time::Duration) -> Self {
            self.limits.longest_lifetime = lifetime;
            self
        }
    };
}

pub(super) use limit_options;
