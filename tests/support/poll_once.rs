//! Polls a future once, which must not wait: [`poll_once`].

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

/// What the future answers at once.
pub(crate) fn poll_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("it waits"),
    }
}
