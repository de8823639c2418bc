//! Limits denylists, with options as a macro: [`Limits`].

use std::time::Duration;

/// How long a denylist keeps entries, and how many.
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

/// Implements the options for a type with the fields `limits` and `clock`.
macro_rules! limit_options {
    () => {
        /// Sets the clock, which should be the layer's. The default is the
        /// [`SystemClock`](crate::clock::SystemClock).
        pub fn with_clock(mut self, clock: impl crate::clock::Clock) -> Self {
            self.clock = std::sync::Arc::new(clock);
            self
        }

        /// Sets the capacity for credentials and, separately, for users. The default is 1,000,000.
        ///
        /// Revoked credentials never use the capacity for users, and the revocation of everybody needs none.
        /// When it is full, revoking fails; no relevant entry is dropped. At three quarters, `revocation list
        /// nearly full` is logged at WARN. With the feature `metrics`, the gauge `auth_revocation_entries`
        /// has the number for each `kind`: `credential` and `user`.
        pub const fn with_capacity(mut self, capacity: usize) -> Self {
            self.limits.capacity = capacity;
            self
        }

        /// Sets the maximum validity of a credential from its log-in, in whole seconds. The default is 90
        /// days.
        ///
        /// The revocation of a user is kept for that long, and so is that of a credential with an unknown
        /// expiry. A credential with a known expiry
        /// ([`Identified::expires`](crate::identity::Identified::expires)) is kept until then.
        ///
        /// # Security
        ///
        /// A credential that lives longer becomes valid again when its entry is dropped.
        pub const fn with_longest_lifetime(mut self, lifetime: std::time::Duration) -> Self {
            self.limits.longest_lifetime = lifetime;
            self
        }
    };
}

pub(super) use limit_options;
