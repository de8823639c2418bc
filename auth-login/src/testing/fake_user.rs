//! Describes a user of a fake provider: [`FakeUser`].

use auth_runtime::clock::UnixTime;
use serde::Serialize;
use serde_json::{Map, Value};

/// A user of a [`FakeProvider`](super::FakeProvider).
///
/// ```
/// use auth_login::testing::FakeUser;
///
/// let alice = FakeUser::new("alice").with_name("Alice").with_email("alice@example.com", true);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeUser {
    pub(super) subject: String,
    pub(super) claims: Map<String, Value>,
    pub(super) acr: Option<String>,
    pub(super) session_since: Option<UnixTime>,
}

impl FakeUser {
    /// Returns a user with a subject and no other claims.
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), claims: Map::new(), acr: None, session_since: None }
    }

    /// Sets the whole name.
    pub fn with_name(self, name: &str) -> Self {
        self.with_claim("name", name)
    }

    /// Sets the e-mail address, and whether the provider asserts that it belongs to the user.
    pub fn with_email(self, email: &str, is_verified: bool) -> Self {
        self.with_claim("email", email).with_claim("email_verified", is_verified)
    }

    /// Sets the authentication context (`acr`) of the user's log-ins at the provider, for every request. By default
    /// it is the first one of the request's `acr_values`.
    pub fn with_acr(mut self, acr: impl Into<String>) -> Self {
        self.acr = Some(acr.into());
        self
    }

    /// Gives the user a session at the provider, which began then: `auth_time` is its beginning, unless a request has
    /// `prompt=login` or a `max_age` that is shorter. By default the user authenticates at each log-in.
    pub const fn with_session_since(mut self, time: UnixTime) -> Self {
        self.session_since = Some(time);
        self
    }

    /// Sets a claim of the userinfo response.
    ///
    /// A value that cannot be written as JSON is `null`.
    pub fn with_claim(mut self, name: &str, value: impl Serialize) -> Self {
        self.claims.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
        self
    }
}
