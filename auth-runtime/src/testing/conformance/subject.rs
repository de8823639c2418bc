//! [`Subject`]: the identity policy under test, and what it declares about itself.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use axum::extract::ConnectInfo;
use http::{Request, request::Parts};

use crate::{
    clock::UnixTime,
    identity::{Identity, IdentityPolicy},
    testing::FrozenClock,
};

type Presented = Pin<Box<dyn Future<Output = Option<Parts>>>>;

/// The other end of every connection, unless a request says something else.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 40_000);

/// How clients of the policy come by their credentials.
pub(super) enum Credentials {
    /// The policy remembers with cookies.
    Remembered,
    /// Somebody else issues them.
    Presented(Box<dyn Fn(Identity, UnixTime) -> Presented>),
}

/// An identity policy to be put through [`conformance!`](crate::testing::conformance!), and what is to be known about it.
#[must_use]
#[expect(clippy::struct_excessive_bools, reason = "each says one thing, and none depends on another")]
pub struct Subject {
    pub(super) policy: Arc<dyn IdentityPolicy>,
    pub(super) credentials: Credentials,
    pub(super) clock: FrozenClock,
    pub(super) stateless: bool,
    pub(super) trusting: bool,
    pub(super) keeps_data: bool,
    pub(super) proves_each_time: bool,
    pub(super) absolute: Option<Duration>,
    pub(super) breakage: Option<Box<dyn FnOnce()>>,
    pub(super) other: Option<Arc<dyn IdentityPolicy>>,
    pub(super) bad: Vec<Parts>,
    pub(super) request: Parts,
    pub(super) depends_on_target: bool,
    pub(super) depends_on_peer: bool,
}

impl Subject {
    /// A policy that logs users in with cookies: the tests log in, and keep the cookies as a browser does.
    pub fn new(policy: impl IdentityPolicy) -> Self {
        Self::of(policy, Credentials::Remembered)
    }

    /// A policy whose credentials come from elsewhere: `present` makes a request with a valid one for an identity, at a
    /// time. It returns `None` if there can be none for this identity; there must be some for `alice` and `bob`.
    ///
    /// What the request has beyond [`with_request`](Self::with_request) is the credential: headers, query parameters and
    /// extensions, such as a client certificate.
    pub fn presenting<F, R>(policy: impl IdentityPolicy, present: F) -> Self
    where
        F: Fn(Identity, UnixTime) -> R + 'static,
        R: Future<Output = Option<Parts>> + 'static,
    {
        let present = move |identity, now| -> Presented {
            let presented = present(identity, now);
            Box::pin(async { presented.await.map(with_peer) })
        };
        Self::of(policy, Credentials::Presented(Box::new(present)))
    }

    fn of(policy: impl IdentityPolicy, credentials: Credentials) -> Self {
        Self {
            policy: Arc::new(policy),
            credentials,
            clock: FrozenClock::at(1_700_000_000),
            stateless: false,
            trusting: false,
            keeps_data: false,
            proves_each_time: false,
            absolute: None,
            breakage: None,
            other: None,
            bad: Vec::new(),
            request: with_peer(Request::new(()).into_parts().0),
            depends_on_target: false,
            depends_on_peer: false,
        }
    }

    /// Gives the clock that the policy's store goes by, so that the tests move both. The default is one of the tests' own,
    /// which policies see in their requests.
    pub fn with_clock(mut self, clock: FrozenClock) -> Self {
        self.clock = clock;
        self
    }

    /// Says that a credential is valid until it expires, even when its user has logged out or in again since. Without it,
    /// the tests demand that it is not.
    pub const fn stateless(mut self) -> Self {
        self.stateless = true;
        self
    }

    /// Says that the policy believes whatever name a request carries, because something in front of the application has
    /// made sure of it. The tests then do not demand that changed credentials are nobody's.
    pub const fn trusting(mut self) -> Self {
        self.trusting = true;
        self
    }

    /// Says that the policy keeps data beside the user, as sessions do. The tests then demand that they are found again, that
    /// a log-in drops them, and that a rotation gives another credential.
    pub const fn keeping_data(mut self) -> Self {
        self.keeps_data = true;
        self
    }

    /// Says that each request proves anew who its user is, as one with a password does: every request counts as a log-in.
    pub const fn proving_each_time(mut self) -> Self {
        self.proves_each_time = true;
        self
    }

    /// Gives the time after a log-in at which the credential ends, whatever renews it.
    pub const fn with_absolute_lifetime(mut self, lifetime: Duration) -> Self {
        self.absolute = Some(lifetime);
        self
    }

    /// Gives what makes the policy's store fail, for policies that have one.
    pub fn with_failing_store(mut self, fail: impl FnOnce() + 'static) -> Self {
        self.breakage = Some(Box::new(fail));
        self
    }

    /// Gives the same policy as another application has it: with other keys, or another name of its cookie. It must not
    /// take this one's credentials.
    pub fn with_other_application(mut self, other: impl IdentityPolicy) -> Self {
        self.other = Some(Arc::new(other));
        self
    }

    /// Gives requests whose credentials are not valid, beside those that the tests make up.
    pub fn with_bad_credentials(mut self, bad: impl IntoIterator<Item = Parts>) -> Self {
        self.bad.extend(bad.into_iter().map(with_peer));
        self
    }

    /// Sets the request of a client without a credential: method, target, version, headers and extensions. The default is
    /// `GET /` of HTTP/1.1 without headers.
    ///
    /// A request without the extension `ConnectInfo<SocketAddr>` comes from 127.0.0.1.
    pub fn with_request(mut self, request: Parts) -> Self {
        self.request = with_peer(request);
        self
    }

    /// Says that a credential is valid for some methods, paths or queries only, such as that of a signed request. Without
    /// it, the tests demand that the method and the target change nothing.
    pub const fn depending_on_target(mut self) -> Self {
        self.depends_on_target = true;
        self
    }

    /// Says that a credential is valid for some addresses of clients only. Without it, the tests demand that the address
    /// and the headers of proxies (`Forwarded`, `X-Forwarded-For`, `X-Real-IP`) change nothing.
    pub const fn depending_on_peer(mut self) -> Self {
        self.depends_on_peer = true;
        self
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").finish_non_exhaustive()
    }
}

fn with_peer(mut request: Parts) -> Parts {
    request.extensions.get_or_insert_with(|| ConnectInfo(PEER));
    request
}
