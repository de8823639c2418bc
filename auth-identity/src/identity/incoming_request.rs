//! Shows identity policies the request: [`Incoming`].

use std::{fmt, net::SocketAddr};

use http::{Extensions, HeaderMap, Method, Uri, request::Parts};

use crate::clock::UnixTime;

/// The head of a request, its peer address and its time.
///
/// It has no body: a body is not read before a guard has decided.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    parts: &'a Parts,
    peer: Peer,
    now: UnixTime,
    target: fn(&Parts) -> &Uri,
    is_asked_again: bool,
}

/// The peer address, or how to determine it, because few policies need it.
#[derive(Clone, Copy, Debug)]
enum Peer {
    Known(Option<SocketAddr>),
    Of(fn(&Parts) -> Option<SocketAddr>),
}

impl<'a> Incoming<'a> {
    /// Creates one; applications need it only to test their policies.
    #[must_use]
    pub const fn new(parts: &'a Parts, peer: Option<SocketAddr>, now: UnixTime) -> Self {
        Self { parts, peer: Peer::Known(peer), now, target: own_target, is_asked_again: false }
    }

    #[doc(hidden)]
    pub const fn of_runtime(
        parts: &'a Parts,
        peer: fn(&Parts) -> Option<SocketAddr>,
        target: fn(&Parts) -> &Uri,
        now: UnixTime,
    ) -> Self {
        Self { parts, peer: Peer::Of(peer), now, target, is_asked_again: false }
    }

    /// Marks a repeated check of a request by its watch.
    #[doc(hidden)]
    #[must_use]
    pub const fn asked_again(mut self, again: bool) -> Self {
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

    /// Returns the request's URI as the handler's router sees it.
    #[must_use]
    pub const fn uri(&self) -> &'a Uri {
        &self.parts.uri
    }

    /// Returns the URI as the client requested it: routers that nest others shorten the path of [`uri`](Self::uri).
    #[must_use]
    pub fn original_uri(&self) -> &'a Uri {
        (self.target)(self.parts)
    }

    /// Returns the request's extensions.
    #[must_use]
    pub const fn extensions(&self) -> &'a Extensions {
        &self.parts.extensions
    }

    /// Returns the peer address of the connection, or `None` if the server does not pass it on (see
    /// `Router::into_make_service_with_connect_info` of axum).
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        match self.peer {
            Peer::Known(peer) => peer,
            Peer::Of(peer) => peer(self.parts),
        }
    }

    /// Returns the time at which this request was first authenticated.
    #[must_use]
    pub const fn now(&self) -> UnixTime {
        self.now
    }

    /// Returns whether a watch repeats the check of a request that was authenticated before.
    /// This is not a further use: a policy that counts uses (replay protection) does not count it.
    ///
    /// # Security
    ///
    /// Only a watch of the request itself makes this `true`, never a client.
    #[must_use]
    pub const fn is_asked_again(&self) -> bool {
        self.is_asked_again
    }
}

const fn own_target(parts: &Parts) -> &Uri {
    &parts.uri
}

impl fmt::Debug for Incoming<'_> {
    /// Omits headers and query, which may contain credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("method", self.method())
            .field("path", &self.uri().path())
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}
