//! Shows a group source the user and the request that it is asked about: [`GroupQuestion`].

use std::{any::Any, fmt};

use crate::identity::{Identified, Incoming, UserId};

/// A question to a [`GroupSource`](super::GroupSource): in which groups is the user of this request?
///
/// # Example
///
/// A source whose groups are a column of the table from which the layer loads its users anyway:
///
/// ```
/// use auth_runtime::{AuthLayer, Groups, KeyRing, TicketCookie, UserId};
/// use auth_runtime::authorization::{GroupQuestion, by_request};
///
/// struct Person {
///     teams: Vec<String>,
/// }
///
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random()))
///     .with_users(|_user: UserId| async move { Ok(Some(Person { teams: vec!["editors".to_owned()] })) })
///     .with_groups(by_request(|question: GroupQuestion<'_>| {
///         let person = question.loaded_user::<Person>();
///         Ok(Some(person.map(|person| person.teams.iter().cloned().collect()).unwrap_or_default()))
///     }));
/// # let _ = auth;
/// ```
#[derive(Clone, Copy)]
#[must_use]
pub struct GroupQuestion<'a> {
    user: Option<&'a UserId>,
    request: Option<Incoming<'a>>,
    credential: Option<&'a Identified>,
    loaded: Option<&'a (dyn Any + Send + Sync)>,
}

impl<'a> GroupQuestion<'a> {
    /// Creates a question about a user alone, without a request.
    pub const fn about(user: Option<&'a UserId>) -> Self {
        Self { user, request: None, credential: None, loaded: None }
    }

    /// Adds the request.
    pub const fn with_request(mut self, request: Incoming<'a>) -> Self {
        self.request = Some(request);
        self
    }

    /// Adds the credential of the request.
    pub const fn with_credential(mut self, credential: &'a Identified) -> Self {
        self.credential = Some(credential);
        self
    }

    /// Adds the user that the layer has loaded.
    pub const fn with_loaded_user(mut self, loaded: &'a (dyn Any + Send + Sync)) -> Self {
        self.loaded = Some(loaded);
        self
    }

    /// Returns the user; `None` for an anonymous request.
    #[must_use]
    pub const fn user(&self) -> Option<&'a UserId> {
        self.user
    }

    /// Returns the request that asks first; groups are resolved once per request. `None` if a cache asks, which keeps the
    /// groups for other requests.
    #[must_use]
    pub const fn request(&self) -> Option<Incoming<'a>> {
        self.request
    }

    /// Returns the accepted credential of the request. `None` if a cache asks, or the question is about the user who
    /// impersonates that of the credential.
    #[must_use]
    pub const fn credential(&self) -> Option<&'a Identified> {
        self.credential
    }

    /// Returns the user as `AuthLayer::with_users` has loaded it. `None` if the layer loads no users, loads
    /// them [on demand](crate::users::Users::on_demand) or of another type, and where there is no
    /// [credential](Self::credential).
    #[must_use]
    pub fn loaded_user<U: Any>(&self) -> Option<&'a U> {
        self.loaded?.downcast_ref()
    }
}

impl fmt::Debug for GroupQuestion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupQuestion").field("user", &self.user).finish_non_exhaustive()
    }
}
