//! What a handler may ask about the credential: when its user logged in, and what it was issued for.

use std::time::Duration;

use super::{Auth, AuthError};
use crate::{
    clock::UnixTime,
    error_kind::AuthErrorKind,
    identity::{Scopes, UserId},
};

impl Auth {
    /// Returns when the user last proved who they are; `None` for an anonymous request, and where the credential does
    /// not tell.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn authenticated_at(&self) -> Result<Option<UnixTime>, AuthError> {
        let identified = self.state.identified().await?;
        Ok(identified.identity().and_then(|_| identified.authenticated_at()))
    }

    /// Returns the user if they logged in at most `max_age` ago, as `#[auth_required(fresh = "10m")]` demands.
    ///
    /// Otherwise it fails with the error that answers 401 and asks for another log-in (403 for a user who is blocked).
    /// Exactly `max_age` ago is recent enough; a log-in at a time that is not known, or more than a minute ahead, is not.
    /// Times are whole seconds.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Auth, AuthError};
    /// use std::time::Duration;
    ///
    /// async fn transfer(auth: Auth, amount: u32) -> Result<String, AuthError> {
    ///     let user = if amount > 1000 {
    ///         auth.check_fresh(Duration::from_secs(600)).await?
    ///     } else {
    ///         auth.check_authorized().await?
    ///     };
    ///     Ok(format!("{user} sends {amount}"))
    /// }
    /// # let _ = transfer;
    /// ```
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails with [`Stale`](AuthErrorKind::Stale) when the log-in was earlier.
    pub async fn check_fresh(&self, max_age: Duration) -> Result<UserId, AuthError> {
        let user = self.check_authorized().await?;
        if self.state.facts().is_fresh(self.state.config(), max_age)? {
            return Ok(user);
        }
        let error = AuthError::new(AuthErrorKind::Stale { max_age });
        self.report("", &error.into());
        Err(error)
    }

    /// Returns what the request's access token was issued for; `None` for credentials that have no scopes.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn scopes(&self) -> Result<Option<Scopes>, AuthError> {
        Ok(self.state.identified().await?.scopes().cloned())
    }

    /// Returns whether the request's access token was issued for this scope, compared byte by byte.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn has_scope(&self, scope: impl AsRef<str>) -> Result<bool, AuthError> {
        Ok(self.scopes().await?.is_some_and(|scopes| scopes.contains(scope.as_ref())))
    }
}
