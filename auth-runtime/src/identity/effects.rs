//! What a policy wants to be written on the response.

use std::fmt;

use http::{HeaderName, HeaderValue, header::SET_COOKIE};
use smallvec::SmallVec;

use super::{Identified, IdentityError};

/// Headers that a policy adds to the response, whatever the handler answers.
#[derive(Debug, Default)]
pub struct Effects {
    headers: SmallVec<[(HeaderName, HeaderValue); 1]>,
    cookies: SmallVec<[String; 1]>,
    identified: Option<Box<Identified>>,
    undo: Option<Undo>,
    failure: Option<Box<IdentityError>>,
    failure_unless_revoked: Option<Box<IdentityError>>,
}

/// What to do when the effects are lost.
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
    /// Changes nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Sets the cookie `name`; `value` is the whole `Set-Cookie` value.
    ///
    /// Of the response's `Set-Cookie` lines with this name only this one will remain.
    #[must_use]
    pub fn set_cookie(name: impl Into<String>, value: HeaderValue) -> Self {
        Self { cookies: smallvec::smallvec![name.into()], ..Self::default() }.and_header(SET_COOKIE, value)
    }

    /// Adds another header line. A cookie's value is marked as sensitive, so that it is not printed with the response.
    #[must_use]
    pub fn and_header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(value.is_sensitive() || name == SET_COOKIE);
        self.headers.push((name, value));
        self
    }

    /// Adds what another policy wants to be written. What the rest of the request finds is as these effects say; the call
    /// fails if that of either does.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.headers.extend(other.headers);
        self.cookies.extend(other.cookies);
        self.failure = self.failure.or(other.failure);
        self.failure_unless_revoked = self.failure_unless_revoked.or(other.failure_unless_revoked);
        self.undo = match (self.undo, other.undo) {
            // Each runs when the pair is dropped, and neither once the pair has been settled.
            (Some(first), Some(second)) => Some(first.and(second)),
            (first, second) => first.or(second),
        };
        self
    }

    /// Says what the rest of this request finds. Without it, a log-in leaves its identity, and nothing beside it.
    #[must_use]
    pub fn with_identified(mut self, identified: Identified) -> Self {
        self.identified = Some(Box::new(identified));
        self
    }

    /// Says what to do if these effects never reach a response, because the client is gone or a later change of the same
    /// request takes their place. It must not block.
    #[must_use]
    pub fn or_undo(mut self, undo: impl FnOnce() + Send + Sync + 'static) -> Self {
        self.undo = Some(Undo(Some(Box::new(undo))));
        self
    }

    /// Says that these effects are written and the call fails all the same: the browser's cookie is removed although
    /// the store that keeps the session could not be told.
    #[must_use]
    pub fn with_failure(mut self, failure: IdentityError) -> Self {
        self.failure = Some(Box::new(failure));
        self
    }

    /// Says that a credential may be left in the client, so that the call fails unless a list of revocations ends it.
    pub(super) fn with_failure_unless_revoked(mut self, failure: IdentityError) -> Self {
        self.failure_unless_revoked = Some(Box::new(failure));
        self
    }

    /// Takes what the call fails with where no list of revocations ends what is left in the client.
    pub(crate) fn take_failure_unless_revoked(&mut self) -> Option<IdentityError> {
        self.failure_unless_revoked.take().map(|failure| *failure)
    }

    /// Takes what the call fails with.
    pub(crate) fn take_failure(&mut self) -> Option<IdentityError> {
        self.failure.take().map(|failure| *failure)
    }

    /// Takes what the rest of the request finds.
    pub(crate) fn take_identified(&mut self) -> Option<Identified> {
        self.identified.take().map(|identified| *identified)
    }

    /// Says that the effects have reached their response.
    pub(crate) fn settle(&mut self) {
        if let Some(undo) = &mut self.undo {
            undo.0 = None;
        }
    }

    /// Puts these effects in the place of earlier ones of the same request. What writes nothing leaves what was to be
    /// written.
    pub(crate) fn replace(mut self, earlier: Option<Self>) -> Self {
        match earlier {
            Some(mut earlier) if self.is_empty() => {
                earlier.identified = self.identified.take();
                earlier
            }
            _ => self,
        }
    }

    /// Returns whether nothing is to be written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// Returns whether a cookie is set that browsers send with no request of another site.
    pub(crate) fn sets_strict_cookie(&self) -> bool {
        let mut cookies = self.headers.iter().filter(|(name, _)| *name == SET_COOKIE);
        cookies.any(|(_, line)| {
            let mut attributes = line.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            attributes.any(|attribute| attribute.eq_ignore_ascii_case(b"samesite=strict"))
        })
    }

    /// Returns the lines to be written.
    pub fn headers(&self) -> impl Iterator<Item = &(HeaderName, HeaderValue)> {
        self.headers.iter()
    }

    /// Returns the name of the cookie that is set or removed; the first one where there are several.
    #[must_use]
    pub fn cookie_name(&self) -> Option<&str> {
        self.cookie_names().next()
    }

    /// Returns the names of the cookies that are set or removed.
    pub fn cookie_names(&self) -> impl Iterator<Item = &str> {
        self.cookies.iter().map(String::as_str)
    }
}
