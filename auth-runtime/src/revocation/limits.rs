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

        /// Keeps at most this many credentials, and as many users. The default is 1,000,000.
        ///
        /// Users and credentials have room of their own: however many credentials are revoked, users can be, and
        /// everybody takes no room. When there is no room left, revoking fails; nothing that still matters is dropped.
        /// When three quarters of a room are taken, `revocation list nearly full` is logged at WARN; with the feature
        /// `metrics`, the gauge `auth_revocation_entries` tells the number for each `kind`: `credential` and `user`.
        pub const fn with_capacity(mut self, capacity: usize) -> Self {
            self.limits.capacity = capacity;
            self
        }

        /// Says how long a credential may be valid, from log-in on, in whole seconds. The default is 90 days.
        ///
        /// For that long the revocation of a user is kept, and that of a credential whose end is not known. A credential
        /// that tells its end ([`Identified::expires`](crate::identity::Identified::expires)) is kept until then.
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
