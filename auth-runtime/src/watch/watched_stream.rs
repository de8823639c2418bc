//! Ends a stream with its watch: [`Watched`].

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::{EndReason, Watch};

pin_project! {
    /// A stream that ends when its [`Watch`] does; created by [`Watch::guard`].
    #[must_use = "streams do nothing unless polled"]
    pub struct Watched<S> {
        watch: Watch,
        #[pin]
        stream: Option<S>,
    }
}

impl<S> Watched<S> {
    pub(super) const fn new(watch: Watch, stream: S) -> Self {
        Self { watch, stream: Some(stream) }
    }

    /// Returns the reason why the watch has ended; `None` while it is active, and if the stream ended by
    /// itself.
    #[must_use]
    pub const fn ended(&self) -> Option<EndReason> {
        self.watch.ended()
    }
}

impl<S: Stream> Stream for Watched<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        let Some(stream) = this.stream.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let next = match Pin::new(&mut *this.watch).poll(context) {
            Poll::Ready(_) => Poll::Ready(None),
            Poll::Pending => stream.poll_next(context),
        };
        if matches!(next, Poll::Ready(None)) {
            // Drop the inner stream immediately.
            this.stream.set(None);
        }
        next
    }
}

impl<S> fmt::Debug for Watched<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("watch", &self.watch).finish_non_exhaustive()
    }
}
