//! Carries the response headers of a policy, and undoes its change if they are not sent: [`Effects`].

use std::fmt;

use http::{HeaderName, HeaderValue, header::SET_COOKIE};
use smallvec::SmallVec;

use super::{Identified, IdentityError};

/// Headers that a policy adds to the response, regardless of the handler's response.
#[derive(Debug, Default)]
pub struct Effects {
    headers: SmallVec<[(HeaderName, HeaderValue); 1]>,
    cookies: SmallVec<[String; 1]>,
    identified: Option<Box<Identified>>,
    undo: Option<Undo>,
    failure: Option<Box<IdentityError>>,
    failure_unless_revoked: Option<Box<IdentityError>>,
}

/// The rollback, which runs if the effects are dropped before they are committed.
struct Undo(Option<Box<dyn FnOnce() + Send + Sync>>);

impl Undo {
    fn and(mut self, mut other: Self) -> Self {
        let (first, second) = (self.0.take(), other.0.take());
        Self(Some(Box::new(move || {
            for undo in [first, second].into_iter().flatten() {
                undo();
            }
        })))
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        if let Some(undo) = self.0.take() {
            undo();
        }
    }
}

impl fmt::Debug for Undo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Undo")
    }
}

impl Effects {
    /// Creates effects that change nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Sets the cookie `name`; `value` is the whole `Set-Cookie` value.
    ///
    /// It replaces all `Set-Cookie` headers of the response with this name.
    #[must_use]
    pub fn set_cookie(name: impl Into<String>, value: HeaderValue) -> Self {
        Self { cookies: smallvec::smallvec![name.into()], ..Self::default() }.and_header(SET_COOKIE, value)
    }

    /// Adds another header. A cookie's value is marked sensitive, so that it is not printed with the
    /// response.
    #[must_use]
    pub fn and_header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(value.is_sensitive() || name == SET_COOKIE);
        self.headers.push((name, value));
        self
    }

    /// Adds the effects of another policy. The new identity is that of `other`; the call fails if either has
    /// a failure.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.headers.extend(other.headers);
        self.cookies.extend(other.cookies);
        self.failure = self.failure.or(other.failure);
        self.failure_unless_revoked = self.failure_unless_revoked.or(other.failure_unless_revoked);
        self.undo = match (self.undo, other.undo) {
            // Each rollback runs when the pair is dropped uncommitted.
            (Some(first), Some(second)) => Some(first.and(second)),
            (first, second) => first.or(second),
        };
        self
    }

    /// Sets the new identity for the rest of this request. Without it, a log-in sets its identity without
    /// further details.
    #[must_use]
    pub fn with_identified(mut self, identified: Identified) -> Self {
        self.identified = Some(Box::new(identified));
        self
    }

    /// Sets a rollback, which runs if these effects never reach a response, because the client disconnected
    /// or a later change of the same request replaces them. It must not block.
    #[must_use]
    pub fn on_discard(mut self, undo: impl FnOnce() + Send + Sync + 'static) -> Self {
        self.undo = Some(Undo(Some(Box::new(undo))));
        self
    }

    /// Sets a failure: the effects are written, but the call fails. For example, the browser's cookie is
    /// removed, but the session store is unavailable.
    #[must_use]
    pub fn with_failure(mut self, failure: IdentityError) -> Self {
        self.failure = Some(Box::new(failure));
        self
    }

    /// Sets a failure that applies unless a denylist revokes a credential that may be left in the client.
    pub(super) fn with_failure_unless_revoked(mut self, failure: IdentityError) -> Self {
        self.failure_unless_revoked = Some(Box::new(failure));
        self
    }

    /// Takes the failure that applies without a denylist.
    #[doc(hidden)]
    pub fn take_failure_unless_revoked(&mut self) -> Option<IdentityError> {
        self.failure_unless_revoked.take().map(|failure| *failure)
    }

    /// Takes the failure.
    #[doc(hidden)]
    pub fn take_failure(&mut self) -> Option<IdentityError> {
        self.failure.take().map(|failure| *failure)
    }

    /// Takes the new identity.
    #[doc(hidden)]
    pub fn take_identified(&mut self) -> Option<Identified> {
        self.identified.take().map(|identified| *identified)
    }

    /// Marks the effects as written, so that the rollback does not run.
    #[doc(hidden)]
    pub fn commit(&mut self) {
        if let Some(undo) = &mut self.undo {
            undo.0 = None;
        }
    }

    /// Replaces earlier effects of the same request. Effects without headers keep the earlier headers.
    #[doc(hidden)]
    #[must_use]
    pub fn replace(mut self, earlier: Option<Self>) -> Self {
        match earlier {
            Some(mut earlier) if self.is_empty() => {
                earlier.identified = self.identified.take();
                earlier
            }
            _ => self,
        }
    }

    /// Returns whether there are no headers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// Returns whether a cookie with `SameSite=Strict` is set.
    #[doc(hidden)]
    pub fn sets_strict_cookie(&self) -> bool {
        let mut cookies = self.headers.iter().filter(|(name, _)| *name == SET_COOKIE);
        cookies.any(|(_, line)| {
            let mut attributes = line.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            attributes.any(|attribute| attribute.eq_ignore_ascii_case(b"samesite=strict"))
        })
    }

    /// Returns the headers.
    pub fn headers(&self) -> impl Iterator<Item = &(HeaderName, HeaderValue)> {
        self.headers.iter()
    }

    /// Returns the name of the first cookie that is set or removed.
    #[must_use]
    pub fn cookie_name(&self) -> Option<&str> {
        self.cookie_names().next()
    }

    /// Returns the names of the cookies that are set or removed.
    pub fn cookie_names(&self) -> impl Iterator<Item = &str> {
        self.cookies.iter().map(String::as_str)
    }
}
