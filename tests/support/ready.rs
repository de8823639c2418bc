//! Futures that wait for nothing.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

/// What the future answers at once.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("it waits"),
    }
}
