//! An answer that may be there already.

use std::{fmt, pin::Pin};

/// An answer that is there, or one that has to be waited for.
///
/// A source that knows its answer pays for no boxed future.
pub enum Answer<'a, T> {
    /// The answer is this.
    Now(T),
    /// The answer will be this future's.
    Later(Pin<Box<dyn Future<Output = T> + Send + 'a>>),
}

impl<'a, T> Answer<'a, T> {
    /// Answers with what the future will say.
    pub fn later(future: impl Future<Output = T> + Send + 'a) -> Self {
        Self::Later(Box::pin(future))
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
