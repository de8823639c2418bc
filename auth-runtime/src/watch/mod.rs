//! Ends streams and sockets when their permission ends: [`Watch`].
//!
//! A guard decides before a stream begins. A [`Watch`] repeats the decision for the same credential until it
//! is denied.
//!
//! # Example
//!
//! ```
//! use auth_runtime::{acl, acl_required, Acl, Auth, AuthError};
//! use axum::{
//!     extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
//!     response::Response,
//! };
//!
//! const FEED: Acl = acl![(Allow, Group("readers"), ["read"])];
//!
//! #[acl_required("read", FEED)]
//! async fn feed(auth: Auth, upgrade: WebSocketUpgrade) -> Result<Response, AuthError> {
//!     let mut watch = auth.watch("read", FEED).await?;
//!     Ok(upgrade.on_upgrade(async move |mut socket: WebSocket| {
//!         loop {
//!             tokio::select! {
//!                 biased;
//!                 ended = &mut watch => {
//!                     let frame = CloseFrame { code: ended.close_code(), reason: ended.to_string().into() };
//!                     let _ = socket.send(Message::Close(Some(frame))).await;
//!                     return;
//!                 }
//!                 message = socket.recv() => {
//!                     let Some(Ok(_)) = message else { return };
//!                 }
//!             }
//!         }
//!     }))
//! }
//! # let _ = feed;
//! ```
//!
//! [`Watch::guard`] ends a stream of events by itself.
//!
//! # When a watch ends
//!
//! 1. The credential of the request is no longer valid: it expired, was revoked, or its session has ended. A
//!    renewed or rotated credential is a different one; the client reconnects with it.
//! 2. The user changed, was deleted, or is disabled or blocked.
//! 3. The ACL, its overlay or the policy denies it, with the user's current groups. When a period of time that
//!    a rule depends on begins or ends, the watch checks at that second.
//! 4. The decision failed for longer than [a grace period](Watches::with_grace).
//!
//! [`Watches`] sets the interval. Between two checks a watch costs a timer and a copy of the request's head.
//! A check does not count as activity: a watch renews nothing, so an idle session ends under an open stream
//! (idle timeout).
//!
//! # Limits
//!
//! A watch ends only what polls it. A handler that waits for something else meanwhile continues to send; put
//! the watch first in a biased `select!`.

mod end_reason;
mod subscriptions;
mod watch_settings;
mod watched_stream;

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

pub use end_reason::EndReason;
use subscriptions::Subscription;
use tokio::time::{Instant, timeout_at};
pub use watch_settings::Watches;
pub use watched_stream::Watched;

use crate::{
    events,
    identity::{CredentialId, UserId},
};

/// A decision that a watch repeats.
pub(crate) trait Question: Send + Sync + 'static {
    /// Returns the configuration of watches.
    fn watches(&self) -> &Watches;

    /// Returns in what time the answer may change by itself, because a period of time begins or ends.
    fn changes_in(&self) -> Option<Duration> {
        None
    }

    /// Decides as for a request of this moment. `user` is the user of the watch.
    fn ask(&self, user: Option<&UserId>) -> impl Future<Output = Result<(), EndReason>> + Send;
}

/// The interval of retries after a failed decision.
const RETRY: Duration = Duration::from_secs(5);
/// The timeout of a decision.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The delay of a second check: a notification may arrive before a cache has been invalidated.
const SECOND_CHECK: Duration = Duration::from_millis(250);

/// Resolves when a permission of the request's user ends; see [the module](self).
///
/// Created by `auth.watch("read", FEED)`. It may be dropped at any time, and polled by reference (`&mut
/// watch`) in any number of `select!`s without additional checks. After it has resolved, it resolves again
/// with the same reason.
#[must_use = "a watch ends nothing by itself; await it beside the stream, or put the stream into `guard`"]
pub struct Watch {
    life: Pin<Box<dyn Future<Output = EndReason> + Send>>,
    ended: Option<EndReason>,
}

impl Watch {
    /// Checks for the first time, and returns a watch if the request is allowed.
    pub(crate) async fn begin(
        asked: impl Question,
        user: Option<UserId>,
        credentials: impl IntoIterator<Item = CredentialId>,
    ) -> Result<Self, EndReason> {
        let watches = asked.watches().clone();
        // Subscribe before the check, so that no change is missed in between.
        let subscription = Subscription::new(&watches.subscriptions, user.clone(), credentials);
        asked.ask(user.as_ref()).await?;
        let counted = Counted::new();
        let life = async move {
            let _counted = counted;
            let ended = last(&asked, user.as_ref(), &subscription, &watches).await;
            events::watch_ended(user.as_ref(), ended.name());
            ended
        };
        Ok(Self { life: Box::pin(life), ended: None })
    }

    /// Returns the reason, if it has ended.
    #[must_use]
    pub const fn ended(&self) -> Option<EndReason> {
        self.ended
    }

    /// Forwards a stream until the watch resolves.
    ///
    /// The watch is polled before each item, so no item follows its end.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{acl, acl_required, Acl, Auth, AuthError};
    /// use axum::response::sse::{Event, Sse};
    /// use futures_util::{Stream, stream};
    /// use std::convert::Infallible;
    ///
    /// const FEED: Acl = acl![(Allow, Group("readers"), ["read"])];
    ///
    /// #[acl_required("read", FEED)]
    /// async fn events(auth: Auth) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, AuthError> {
    ///     let watch = auth.watch("read", FEED).await?;
    ///     let news = stream::repeat_with(|| Ok(Event::default().data("news")));
    ///     Ok(Sse::new(watch.guard(news)))
    /// }
    /// # let _ = events;
    /// ```
    pub const fn guard<S>(self, stream: S) -> Watched<S> {
        Watched::new(self, stream)
    }
}

/// Counts a watch for as long as it lasts, also if it is dropped before its end.
struct Counted(());

impl Counted {
    fn new() -> Self {
        #[cfg(feature = "metrics")]
        metrics::gauge!("auth_watches").increment(1.0);
        Self(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        #[cfg(feature = "metrics")]
        metrics::gauge!("auth_watches").decrement(1.0);
    }
}

/// Repeats the check until it is denied.
async fn last(
    asked: &impl Question,
    user: Option<&UserId>,
    subscription: &Subscription,
    watches: &Watches,
) -> EndReason {
    let mut regular = after(Instant::now(), watches.interval);
    let mut due = regular.min(next_change(asked));
    let mut failing_since = None;
    loop {
        let was_notified = timeout_at(due, subscription.notified()).await.is_ok();
        let began = Instant::now();
        if began >= regular {
            regular = after(began, watches.interval);
        }
        let answer = timeout_at(after(began, TIMEOUT), asked.ask(user)).await;
        due = match answer.unwrap_or(Err(EndReason::Unavailable)) {
            Ok(()) => {
                failing_since = None;
                let regular = regular.min(next_change(asked));
                if was_notified { regular.min(after(began, SECOND_CHECK)) } else { regular }
            }
            Err(EndReason::Unavailable) => {
                let end = after(*failing_since.get_or_insert(began), watches.grace);
                if Instant::now() >= end {
                    return EndReason::Unavailable;
                }
                end.min(after(Instant::now(), RETRY))
            }
            Err(ended) => return ended,
        };
    }
}

/// Returns when the answer may change by itself, at the latest in a day.
fn next_change(asked: &impl Question) -> Instant {
    after(Instant::now(), asked.changes_in().unwrap_or(Duration::MAX).min(Duration::from_hours(24)))
}

/// Adds a duration; the time does not overflow within a day.
fn after(time: Instant, duration: Duration) -> Instant {
    time.checked_add(duration).unwrap_or(time)
}

impl Future for Watch {
    type Output = EndReason;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<EndReason> {
        if let Some(ended) = self.ended {
            return Poll::Ready(ended);
        }
        let polled = self.life.as_mut().poll(context);
        if let Poll::Ready(ended) = polled {
            self.ended = Some(ended);
            // Release the subscription and the request's head early.
            self.life = Box::pin(std::future::ready(ended));
        }
        polled
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("ended", &self.ended).finish_non_exhaustive()
    }
}
