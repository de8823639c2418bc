//! What an identity policy may see of a request.

use std::{fmt, net::SocketAddr};

use http::{Extensions, HeaderMap, Method, Uri, request::Parts};

use crate::clock::UnixTime;

/// The head of a request, its peer and the time of its arrival.
///
/// There is no body in it: nothing of a body is read before a guard has decided.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    parts: &'a Parts,
    peer: Peer,
    now: UnixTime,
    is_asked_again: bool,
}

/// The peer's address, or how to find it: few policies want to know.
#[derive(Clone, Copy, Debug)]
enum Peer {
    Known(Option<SocketAddr>),
    Of(fn(&Parts) -> Option<SocketAddr>),
}

impl<'a> Incoming<'a> {
    /// Puts one together; applications need this for tests of their own policies only.
    #[must_use]
    pub const fn new(parts: &'a Parts, peer: Option<SocketAddr>, now: UnixTime) -> Self {
        Self { parts, peer: Peer::Known(peer), now, is_asked_again: false }
    }

    pub(crate) const fn with_lazy_peer(
        parts: &'a Parts,
        peer: fn(&Parts) -> Option<SocketAddr>,
        now: UnixTime,
    ) -> Self {
        Self { parts, peer: Peer::Of(peer), now, is_asked_again: false }
    }

    /// Says that the same layer has identified this very request before.
    pub(crate) const fn asked_again(mut self, again: bool) -> Self {
        self.is_asked_again = again;
        self
    }

    /// Returns the request's headers.
    #[must_use]
    pub const fn headers(&self) -> &'a HeaderMap {
        &self.parts.headers
    }

    /// Returns the request's method.
    #[must_use]
    pub const fn method(&self) -> &'a Method {
        &self.parts.method
    }

    /// Returns the request's target as the handler's router sees it.
    #[must_use]
    pub const fn uri(&self) -> &'a Uri {
        &self.parts.uri
    }

    /// Returns the request's extensions.
    #[must_use]
    pub const fn extensions(&self) -> &'a Extensions {
        &self.parts.extensions
    }

    /// Returns the address of the other end of the connection; `None` where the server does not tell
    /// (see `Router::into_make_service_with_connect_info` of axum).
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        match self.peer {
            Peer::Known(peer) => peer,
            Peer::Of(peer) => peer(self.parts),
        }
    }

    /// Returns the time at which this request's identity was first asked for.
    #[must_use]
    pub const fn now(&self) -> UnixTime {
        self.now
    }

    /// Returns whether this request's credential was found valid before, and a [watch](crate::watch) asks whether it
    /// would be still. That is no further use of it: a policy that counts uses does not count this one.
    ///
    /// # Security
    ///
    /// Only a watch of the request itself makes this `true`, never a client.
    #[must_use]
    pub const fn is_asked_again(&self) -> bool {
        self.is_asked_again
    }
}

impl fmt::Debug for Incoming<'_> {
    /// Shows neither the headers nor the query: credentials are in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("method", self.method())
            .field("path", &self.uri().path())
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}
