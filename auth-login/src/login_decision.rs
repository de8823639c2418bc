//! Carries the application's decision about a user who has authenticated at a provider: [`LoginDecision`].

use auth_runtime::{BoxError, Identity, LoginOptions, UserId};

/// What the application decides about a user who has authenticated at a provider.
///
/// User ids and identities become one by `into`, and so does an `Option` of them: `None` rejects the account.
///
/// ```
/// use auth_login::LoginDecision;
/// use auth_runtime::UserId;
///
/// let accepted: LoginDecision = UserId::new("alice")?.into();
/// let rejected: LoginDecision = None::<UserId>.into();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct LoginDecision(pub(crate) Option<(String, LoginOptions)>);

impl LoginDecision {
    /// Logs the user in with this identity.
    pub fn accept(identity: impl Into<String>) -> Self {
        Self::accept_with(identity, LoginOptions::new())
    }

    /// Logs the user in with this identity and options, such as a lifetime.
    pub fn accept_with(identity: impl Into<String>, options: LoginOptions) -> Self {
        Self(Some((identity.into(), options)))
    }

    /// Rejects the account: the response is 403 with a page that offers another account.
    #[must_use]
    pub const fn reject() -> Self {
        Self(None)
    }
}

impl From<UserId> for LoginDecision {
    fn from(user: UserId) -> Self {
        Self::accept(user.as_str())
    }
}

impl From<Identity> for LoginDecision {
    fn from(identity: Identity) -> Self {
        Self::accept(identity.as_str())
    }
}

impl From<String> for LoginDecision {
    fn from(identity: String) -> Self {
        Self::accept(identity)
    }
}

impl From<&str> for LoginDecision {
    fn from(identity: &str) -> Self {
        Self::accept(identity)
    }
}

impl<T: Into<Self>> From<Option<T>> for LoginDecision {
    fn from(found: Option<T>) -> Self {
        found.map_or(Self(None), Into::into)
    }
}

/// What the closure of [`Logins::on_login`](crate::Logins::on_login) returns: a `Result` whose value becomes a
/// [`LoginDecision`].
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this does not decide a log-in; write `async move {{ Ok::<_, BoxError>(LoginDecision::accept(id)) }}`",
    label = "expected a `Result` of what becomes a `LoginDecision`",
    note = "a `UserId`, an `Identity`, text and an `Option` of them become a `LoginDecision`"
)]
pub trait LoginAnswer {
    fn into_decision(self) -> Result<LoginDecision, BoxError>;
}

#[diagnostic::do_not_recommend]
impl<T: Into<LoginDecision>, E: Into<BoxError>> LoginAnswer for Result<T, E> {
    fn into_decision(self) -> Result<LoginDecision, BoxError> {
        self.map(Into::into).map_err(Into::into)
    }
}
