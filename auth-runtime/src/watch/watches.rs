//! How often watches look, and who tells them to look at once.

use std::{sync::Arc, time::Duration};

use super::seats::Seats;
use crate::{
    identity::UserId,
    revocation::{Push, Revocation},
};

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_hours(24);

/// What all watches of an [`AuthLayer`](crate::AuthLayer) have in common. Clones share the watches: one goes into the
/// layer, another stays with the application.
///
/// A watch asks its question every 30 seconds. It asks at once when the layer's list of revocations takes something back
/// from its user, when a handler of the layer logs its user in or out, and when [`check`](Self::check) or a
/// [push](Self::with_push) says so.
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
/// // After a change of somebody's groups:
/// watches.check(&UserId::new("alice")?);
/// # Ok::<(), auth_runtime::identity::InvalidId>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Watches {
    pub(super) seats: Arc<Seats>,
    pub(super) interval: Duration,
    pub(super) grace: Duration,
}

impl Watches {
    /// No watches yet.
    pub fn new() -> Self {
        Self { seats: Arc::default(), interval: Duration::from_secs(30), grace: Duration::from_secs(30) }
    }

    /// Says how often each watch asks its question when nobody tells it to: at least every day, at most every second. The
    /// default is 30 seconds.
    ///
    /// For so long a stream may go on after its credential has expired, or after a change that nobody told of. Each time costs
    /// what a request costs that carries this credential: a look-up for a session, a hash for a password.
    pub fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval.clamp(SHORTEST, LONGEST);
        self
    }

    /// Says how long a watch stays open while its question cannot be answered, because a store is down, say: a day at most.
    /// The default is 30 seconds.
    ///
    /// An answer that takes more than ten seconds is none.
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace.min(LONGEST);
        self
    }

    /// Makes watches ask at once when caches are told to forget what their question depends on.
    pub fn with_push(self, push: &impl Push) -> Self {
        let seats = Arc::downgrade(&self.seats);
        push.listen(Arc::new(move |what| {
            let Some(seats) = seats.upgrade() else { return false };
            seats.tell_invalidated(what);
            true
        }));
        self
    }

    /// Makes all watches of this user ask at once: call it after something changed of which the layer does not know, such as the
    /// user's groups, or a session that was ended by an administrator.
    pub fn check(&self, user: &UserId) {
        self.seats.tell_user(user);
    }

    /// Makes every watch ask at once.
    pub fn check_all(&self) {
        self.seats.tell_all();
    }

    /// Returns how many watches there are now.
    #[must_use]
    pub fn count(&self) -> usize {
        self.seats.count()
    }

    pub(crate) fn listen_to(&self, revocation: &dyn Revocation) {
        let seats = Arc::downgrade(&self.seats);
        revocation.listen(Arc::new(move |what| {
            let Some(seats) = seats.upgrade() else { return false };
            seats.tell_revoked(what);
            true
        }));
    }
}

impl Default for Watches {
    fn default() -> Self {
        Self::new()
    }
}
