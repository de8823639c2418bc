//! Holds a value that is ready, or a future of it: [`Answer`].

use std::{
    fmt,
    future::IntoFuture,
    pin::Pin,
    task::{Context, Poll},
};

/// A value that is ready, or a future of it.
///
/// Identity policies, group sources, user loaders, revocation lists and key sources return one, so that a
/// ready value needs no boxed future. It can be awaited; `into_future` converts it for combinators.
///
/// # Example
///
/// ```
/// use auth_runtime::Answer;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let answers = [Answer::Now(1), Answer::later(async { 2 })];
/// let mut sum = 0;
/// for answer in answers {
///     sum += answer.await;
/// }
/// assert_eq!(sum, 3);
/// # }
/// ```
#[must_use = "an answer that has to be waited for does nothing until it is awaited"]
pub enum Answer<'a, T> {
    /// The value is ready.
    Now(T),
    /// The future returns the value.
    Later(Pin<Box<dyn Future<Output = T> + Send + 'a>>),
}

impl<'a, T> Answer<'a, T> {
    /// Creates an answer from a future.
    pub fn later(future: impl Future<Output = T> + Send + 'a) -> Self {
        Self::Later(Box::pin(future))
    }

    /// Returns the value if it is ready.
    pub fn now(self) -> Option<T> {
        match self {
            Self::Now(answer) => Some(answer),
            Self::Later(_) => None,
        }
    }

    /// Applies a function to the value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U + Send + 'a) -> Answer<'a, U>
    where
        T: 'a,
    {
        match self {
            Self::Now(answer) => Answer::Now(change(answer)),
            Self::Later(future) => Answer::later(async move { change(future.await) }),
        }
    }

    /// Passes the value to a function that returns the next answer.
    pub fn then<U>(self, next: impl FnOnce(T) -> Answer<'a, U> + Send + 'a) -> Answer<'a, U>
    where
        T: 'a,
        U: Send + 'a,
    {
        match self {
            Self::Now(answer) => next(answer),
            Self::Later(future) => Answer::later(async move { next(future.await).await }),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Answer<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(answer) => f.debug_tuple("Now").field(answer).finish(),
            Self::Later(_) => f.write_str("Later(..)"),
        }
    }
}

impl<'a, T> IntoFuture for Answer<'a, T> {
    type Output = T;
    type IntoFuture = AnswerFuture<'a, T>;

    fn into_future(self) -> AnswerFuture<'a, T> {
        AnswerFuture(match self {
            Self::Now(answer) => State::Now(Some(answer)),
            Self::Later(future) => State::Later(future),
        })
    }
}

/// The future of an [`Answer`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct AnswerFuture<'a, T>(State<'a, T>);

enum State<'a, T> {
    Now(Option<T>),
    Later(Pin<Box<dyn Future<Output = T> + Send + 'a>>),
}

/// The value is never pinned: it is moved out.
impl<T> Unpin for AnswerFuture<'_, T> {}

impl<T> Future for AnswerFuture<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match &mut self.0 {
            // A completed future is not polled again.
            State::Now(answer) => answer.take().map_or(Poll::Pending, Poll::Ready),
            State::Later(future) => future.as_mut().poll(context),
        }
    }
}

impl<T> fmt::Debug for AnswerFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnswerFuture")
    }
}
