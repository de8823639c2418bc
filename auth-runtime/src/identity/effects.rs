//! What a policy wants to be written on the response.

use http::{HeaderName, HeaderValue, header::SET_COOKIE};
use smallvec::SmallVec;

/// Headers that a policy adds to the response, whatever the handler answers.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    headers: SmallVec<[(HeaderName, HeaderValue); 1]>,
    cookie: Option<String>,
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
        Self { headers: SmallVec::new(), cookie: Some(name.into()) }.and_header(SET_COOKIE, value)
    }

    /// Adds another header line. A cookie's value is marked as sensitive, so that it is not printed with the response.
    #[must_use]
    pub fn and_header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(value.is_sensitive() || name == SET_COOKIE);
        self.headers.push((name, value));
        self
    }

    /// Returns whether nothing is to be written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// Returns the lines to be written.
    pub fn headers(&self) -> impl Iterator<Item = &(HeaderName, HeaderValue)> {
        self.headers.iter()
    }

    /// Returns the name of the cookie that is set or removed.
    #[must_use]
    pub fn cookie_name(&self) -> Option<&str> {
        self.cookie.as_deref()
    }
}
