//! What is put to the test, and what is to be known about it.

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use http::HeaderMap;

use crate::{
    clock::UnixTime,
    identity::{Identity, IdentityPolicy},
    testing::FrozenClock,
};

type Presented = Pin<Box<dyn Future<Output = Option<HeaderMap>>>>;

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
    pub(super) bad: Vec<HeaderMap>,
}

impl Subject {
    /// A policy that logs users in with cookies: the tests log in, and keep the cookies as a browser does.
    pub fn new(policy: impl IdentityPolicy) -> Self {
        Self::of(policy, Credentials::Remembered)
    }

    /// A policy whose credentials come from elsewhere: `present` makes the headers of a request with a valid one for an
    /// identity, at a time; `None` when there can be none for this identity. There must be some for `alice` and `bob`.
    pub fn presenting<F, R>(policy: impl IdentityPolicy, present: F) -> Self
    where
        F: Fn(Identity, UnixTime) -> R + 'static,
        R: Future<Output = Option<HeaderMap>> + 'static,
    {
        let present = move |identity, now| -> Presented { Box::pin(present(identity, now)) };
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
    pub fn with_bad_credentials(mut self, bad: impl IntoIterator<Item = HeaderMap>) -> Self {
        self.bad.extend(bad);
        self
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").finish_non_exhaustive()
    }
}
