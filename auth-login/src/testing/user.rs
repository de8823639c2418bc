//! [`FakeUser`]: a user of a fake provider.

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
}

impl FakeUser {
    /// Returns a user with a subject and no other claims.
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), claims: Map::new() }
    }

    /// Sets the whole name.
    pub fn with_name(self, name: &str) -> Self {
        self.with_claim("name", name)
    }

    /// Sets the e-mail address, and whether the provider asserts that it belongs to the user.
    pub fn with_email(self, email: &str, is_verified: bool) -> Self {
        self.with_claim("email", email).with_claim("email_verified", is_verified)
    }

    /// Sets a claim of the userinfo response.
    ///
    /// A value that cannot be written as JSON is `null`.
    pub fn with_claim(mut self, name: &str, value: impl Serialize) -> Self {
        self.claims.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
        self
    }
}
