//! Proves that a user has authenticated recently, before identities of the account are changed:
//! [`ReauthenticatedUser`].

use std::{error::Error, fmt, time::Duration};

use auth_runtime::{Auth, AuthError, UserId};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// A user who is signed in, has logged in recently and is not impersonated. Made by [`of`](Self::of) alone.
///
/// ```
/// use auth_login::accounts::{Accounts, ReauthenticatedUser, ReauthenticatedUserError, LastIdentity};
/// use auth_login::profile::AccountKey;
/// use auth_runtime::Auth;
/// use std::time::Duration;
///
/// async fn unlink(auth: Auth, accounts: impl Accounts, identity: AccountKey) -> Result<(), ReauthenticatedUserError> {
///     let user = ReauthenticatedUser::of(&auth, Duration::from_secs(600)).await?;
///     let _ = accounts.unlink(&user, &identity, LastIdentity::Keep).await;
///     Ok(())
/// }
/// # let _ = |auth, identity| unlink(auth, auth_login::accounts::MemoryAccounts::new(), identity);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReauthenticatedUser(UserId);

impl ReauthenticatedUser {
    /// Returns the user of a request, if they logged in at most `max_age` ago.
    ///
    /// # Errors
    ///
    /// Fails as [`Auth::check_fresh`] does, and if the user is impersonated: who acts for another user could
    /// otherwise link an identity of their own, and keep a way into the account.
    pub async fn of(auth: &Auth, max_age: Duration) -> Result<Self, ReauthenticatedUserError> {
        let user = auth.check_fresh(max_age).await.map_err(ReauthenticatedUserError::Auth)?;
        match auth.actor().await.map_err(ReauthenticatedUserError::Auth)? {
            None => Ok(Self(user)),
            Some(_) => Err(ReauthenticatedUserError::Impersonated),
        }
    }

    /// Returns the user's id.
    #[must_use]
    pub const fn id(&self) -> &UserId {
        &self.0
    }
}

/// Why a request has no [`ReauthenticatedUser`]. As a response: that of the [`AuthError`], or 403.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReauthenticatedUserError {
    /// The user is anonymous or blocked, logged in too long ago, or could not be determined.
    Auth(AuthError),
    /// The user is impersonated.
    Impersonated,
}

impl fmt::Display for ReauthenticatedUserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auth(error) => fmt::Display::fmt(error, f),
            Self::Impersonated => f.write_str("identities cannot be changed while the user is impersonated"),
        }
    }
}

impl Error for ReauthenticatedUserError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Auth(error) => Some(error),
            Self::Impersonated => None,
        }
    }
}

impl IntoResponse for ReauthenticatedUserError {
    fn into_response(self) -> Response {
        match self {
            Self::Auth(error) => error.into_response(),
            Self::Impersonated => StatusCode::FORBIDDEN.into_response(),
        }
    }
}
