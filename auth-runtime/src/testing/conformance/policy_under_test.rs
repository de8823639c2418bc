//! Declares the identity policy under test, and its properties: [`Subject`].

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

/// The default peer address of every connection.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 40_000);

/// How clients of the policy obtain their credentials.
pub(super) enum Credentials {
    /// The policy sets cookies.
    Remembered,
    /// Another party issues them.
    Presented(Box<dyn Fn(Identity, UnixTime) -> Presented>),
}

/// An identity policy to be tested by [`conformance!`](crate::testing::conformance!), and its declared
/// properties.
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
    /// A policy that logs users in with cookies: the tests log in, and store the cookies as a browser does.
    pub fn new(policy: impl IdentityPolicy) -> Self {
        Self::of(policy, Credentials::Remembered)
    }

    /// A policy whose credentials come from elsewhere: `present` makes a request with a valid one for an
    /// identity, at a time. It returns `None` if there can be none for this identity; `alice` and `bob` must
    /// have one.
    ///
    /// The difference between this request and [`with_request`](Self::with_request) is the credential:
    /// headers, query parameters and extensions, such as a client certificate.
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

    /// Sets the clock of the policy's store, so that the tests move both. The default is a clock of the
    /// tests, which policies see in their requests.
    pub fn with_clock(mut self, clock: FrozenClock) -> Self {
        self.clock = clock;
        self
    }

    /// Declares that a credential is valid until it expires, even if its user has logged out or in again
    /// since. By default the tests require that it is not.
    pub const fn stateless(mut self) -> Self {
        self.stateless = true;
        self
    }

    /// Declares that the policy trusts the user name of a request, because a proxy in front of the
    /// application has authenticated it. The tests then do not require that modified credentials are
    /// rejected.
    pub const fn trusting(mut self) -> Self {
        self.trusting = true;
        self
    }

    /// Declares that the policy stores data with the user, as sessions do. The tests then require that the
    /// data is found again, that a log-in drops it, and that a rotation gives another credential.
    pub const fn keeping_data(mut self) -> Self {
        self.keeps_data = true;
        self
    }

    /// Declares that each request authenticates its user again, as one with a password does: every request
    /// counts as a log-in.
    pub const fn proving_each_time(mut self) -> Self {
        self.proves_each_time = true;
        self
    }

    /// Sets the time after a log-in at which the credential expires despite renewals (absolute timeout).
    pub const fn with_absolute_lifetime(mut self, lifetime: Duration) -> Self {
        self.absolute = Some(lifetime);
        self
    }

    /// Sets a function that makes the policy's store fail, for policies that have one.
    pub fn with_failing_store(mut self, fail: impl FnOnce() + 'static) -> Self {
        self.breakage = Some(Box::new(fail));
        self
    }

    /// Sets the same policy as another application has it: with other keys, or another name of its cookie. It
    /// must not accept this one's credentials.
    pub fn with_other_application(mut self, other: impl IdentityPolicy) -> Self {
        self.other = Some(Arc::new(other));
        self
    }

    /// Adds requests with invalid credentials to those that the tests generate.
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

    /// Declares that a credential is valid for some methods, paths or queries only, such as that of a signed
    /// request. By default the tests require that the method and the target make no difference.
    pub const fn depending_on_target(mut self) -> Self {
        self.depends_on_target = true;
        self
    }

    /// Declares that a credential is valid for some client addresses only. By default the tests require that
    /// the address and the headers of proxies (`Forwarded`, `X-Forwarded-For`, `X-Real-IP`) make no
    /// difference.
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
