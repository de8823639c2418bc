//! Defines the extension point for token introspection: the trait [`TokenIntrospector`].

use super::ActiveToken;
use crate::{BoxError, answer_future::Answer};

/// Asks the authorization server about a token.
///
/// Async closures `|token: String| async move { … }` implement it.
pub trait TokenIntrospector: Send + Sync + 'static {
    /// Returns what is known about an active token; `None` for one that is not active.
    ///
    /// # Errors
    ///
    /// Fails if the server does not answer; the request gets 503.
    ///
    /// # Security
    ///
    /// The token is a credential: do not log it, and send it over https to the authorization server only, which
    /// has to authenticate this application (RFC 7662, section 2.1).
    fn introspect<'a>(&'a self, token: &'a str) -> Answer<'a, Result<Option<ActiveToken>, BoxError>>;
}

#[diagnostic::do_not_recommend]
impl<F, Fut> TokenIntrospector for F
where
    F: Fn(String) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<ActiveToken>, BoxError>> + Send + 'static,
{
    fn introspect<'a>(&'a self, token: &'a str) -> Answer<'a, Result<Option<ActiveToken>, BoxError>> {
        Answer::later(self(token.to_owned()))
    }
}
