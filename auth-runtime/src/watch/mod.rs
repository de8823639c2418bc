//! Streams and sockets that end when the right to them does.
//!
//! A guard decides before a stream begins. A [`Watch`] goes on asking the same question, of the same credential, until the answer
//! is no.
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
//! A stream of events ends by itself inside [`Watch::guard`].
//!
//! # When a watch ends
//!
//! 1. The credential that the request came with is no longer valid: it expired, was revoked, or its session has ended. A renewed or
//!    rotated credential is another one; the client comes back with it.
//! 2. The user is another one, is gone, disabled or barred.
//! 3. The rules or the policy say no, for the groups that the user has now.
//! 4. Nobody could tell, for longer than [a grace](Watches::with_grace).
//!
//! [`Watches`] tells when it asks. Between two times it costs a timer and a copy of the request's head. Asking is no use of the
//! credential: a watch renews nothing, so an idle session ends under an open stream.
//!
//! # What it does not do
//!
//! It ends what polls it. A handler that waits for something else meanwhile sends on; put the watch first in a biased `select!`.

mod ended;
mod seats;
mod stream;
mod watches;

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

pub use ended::Ended;
use seats::Seat;
pub use stream::Watched;
use tokio::time::{Instant, timeout_at};
pub use watches::Watches;

use crate::{
    auth::Asked,
    events,
    identity::{CredentialId, UserId},
};

/// How soon a watch asks again when nobody could tell.
const RETRY: Duration = Duration::from_secs(5);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// A watch that was told to ask may have been told before a cache was told to forget. So it asks once more.
const SETTLING: Duration = Duration::from_millis(250);

/// Resolves when a question about the user of a request would be answered with no; see [the module](self).
///
/// `auth.watch("read", FEED)` makes one. It may be dropped at any time, and polled by reference (`&mut watch`) in any number of
/// `select!`s: nothing is asked twice for it. Once it has resolved it does so again, with the same reason.
#[must_use = "a watch ends nothing by itself; await it beside the stream, or put the stream into `guard`"]
pub struct Watch {
    life: Pin<Box<dyn Future<Output = Ended> + Send>>,
    ended: Option<Ended>,
}

impl Watch {
    /// Asks for the first time, and returns a watch if the answer is yes.
    pub(crate) async fn begin(
        asked: Asked,
        user: Option<UserId>,
        credential: Option<CredentialId>,
    ) -> Result<Self, Ended> {
        let watches = asked.watches().clone();
        // It listens before it asks, so that no change falls between the two.
        let seat = Seat::take(&watches.seats, user.clone(), credential);
        asked.ask(user.as_ref()).await?;
        let life = async move {
            let ended = last(&asked, user.as_ref(), &seat, &watches).await;
            events::watch_ended(user.as_ref(), ended.name());
            ended
        };
        Ok(Self { life: Box::pin(life), ended: None })
    }

    /// Returns why it has ended, if it was seen to.
    #[must_use]
    pub const fn ended(&self) -> Option<Ended> {
        self.ended
    }

    /// Lets a stream go on until the watch resolves.
    ///
    /// The watch is asked before each item: once it has ended nothing more comes out of the stream.
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

/// Asks again and again, until the answer is no.
async fn last(asked: &Asked, user: Option<&UserId>, seat: &Seat, watches: &Watches) -> Ended {
    let mut regular = after(Instant::now(), watches.interval);
    let mut due = regular;
    let mut failing_since = None;
    loop {
        let was_told = timeout_at(due, seat.told()).await.is_ok();
        let began = Instant::now();
        if began >= regular {
            regular = after(began, watches.interval);
        }
        let answer = timeout_at(after(began, PATIENCE), asked.ask(user)).await;
        due = match answer.unwrap_or(Err(Ended::Unavailable)) {
            Ok(()) => {
                failing_since = None;
                if was_told { regular.min(after(began, SETTLING)) } else { regular }
            }
            Err(Ended::Unavailable) => {
                let end = after(*failing_since.get_or_insert(began), watches.grace);
                if Instant::now() >= end {
                    return Ended::Unavailable;
                }
                end.min(after(Instant::now(), RETRY))
            }
            Err(ended) => return ended,
        };
    }
}

/// There is always a time a day later; if there were none, it would be time now.
fn after(time: Instant, duration: Duration) -> Instant {
    time.checked_add(duration).unwrap_or(time)
}

impl Future for Watch {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        if let Some(ended) = self.ended {
            return Poll::Ready(ended);
        }
        let polled = self.life.as_mut().poll(context);
        if let Poll::Ready(ended) = polled {
            self.ended = Some(ended);
            // Its place and the request's head are of no more use.
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
