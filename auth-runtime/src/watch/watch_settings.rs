//! Sets options of all watches of a layer: [`Watches`].

use std::{sync::Arc, time::Duration};

use super::subscriptions::Subscriptions;
use crate::{
    identity::UserId,
    revocation::{Push, Revocation},
};

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_hours(24);

/// The settings of all watches of an [`AuthLayer`](crate::AuthLayer). Clones share the watches: pass one to
/// the layer and keep another in the application.
///
/// A watch repeats its check every 30 seconds. It checks immediately when the layer's denylist revokes a
/// credential of its user, when a handler of the layer logs its user in or out, when an overlay changes, and
/// when [`check`](Self::check) or a [push](Self::with_push) triggers it.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, KeyRing, TicketCookie, UserId, watch::Watches};
/// use std::time::Duration;
///
/// let watches = Watches::new().with_interval(Duration::from_secs(10));
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_watches(watches.clone());
/// # let _ = auth;
/// // After a change of a user's groups:
/// watches.check(&UserId::new("alice")?);
/// # Ok::<(), auth_runtime::identity::InvalidId>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Watches {
    pub(super) subscriptions: Arc<Subscriptions>,
    pub(super) interval: Duration,
    pub(super) grace: Duration,
}

impl Watches {
    /// Creates settings without watches.
    pub fn new() -> Self {
        Self {
            subscriptions: Arc::default(),
            interval: Duration::from_secs(30),
            grace: Duration::from_secs(30),
        }
    }

    /// Sets the interval of checks without a notification, from a second to a day. The default is 30 seconds.
    ///
    /// A stream may continue for this long after its credential has expired, or after a change without a
    /// notification. Each check costs as much as a request with this credential: a look-up for a session, a
    /// hash for a password.
    pub fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval.clamp(SHORTEST, LONGEST);
        self
    }

    /// Sets how long a watch stays open while its decision fails, for example because a store is down: a day
    /// at most. The default is 30 seconds.
    ///
    /// A decision that takes more than ten seconds counts as failed.
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace.min(LONGEST);
        self
    }

    /// Triggers a check when a cache that the decision depends on is invalidated.
    pub fn with_push(self, push: &impl Push) -> Self {
        let subscriptions = Arc::downgrade(&self.subscriptions);
        push.listen(Arc::new(move |what| {
            let Some(subscriptions) = subscriptions.upgrade() else { return false };
            subscriptions.notify_invalidated(what);
            true
        }));
        self
    }

    /// Triggers a check of all watches of this user. Call it after a change that the layer does not know of,
    /// such as a change of the user's groups.
    pub fn check(&self, user: &UserId) {
        self.subscriptions.notify_user(user);
    }

    /// Triggers a check of every watch.
    pub fn check_all(&self) {
        self.subscriptions.notify_all();
    }

    /// Returns the number of open watches.
    #[must_use]
    pub fn count(&self) -> usize {
        self.subscriptions.count()
    }

    #[cfg(feature = "overlay")]
    pub(crate) fn listen_to_overlay(&self, overlay: &crate::overlay::Overlay) {
        let subscriptions = Arc::downgrade(&self.subscriptions);
        overlay.listen(Arc::new(move || {
            let Some(subscriptions) = subscriptions.upgrade() else { return false };
            subscriptions.notify_all();
            true
        }));
    }

    pub(crate) fn listen_to(&self, revocation: &dyn Revocation) {
        let subscriptions = Arc::downgrade(&self.subscriptions);
        revocation.listen(Arc::new(move |what| {
            let Some(subscriptions) = subscriptions.upgrade() else { return false };
            subscriptions.notify_revoked(what);
            true
        }));
    }
}

impl Default for Watches {
    fn default() -> Self {
        Self::new()
    }
}
