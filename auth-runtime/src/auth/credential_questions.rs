//! Answers questions of handlers about the credential: how the user authenticated (step-up authentication),
//! and the scopes.

use std::time::Duration;

use super::{Auth, AuthError};
use crate::{
    clock::UnixTime,
    error_kind::AuthErrorKind,
    identity::{Acr, CredentialId, Scopes, StepUp, UserId},
};

impl Auth {
    /// Returns the time of the user's last authentication; `None` for an anonymous request, and if the
    /// credential does not contain it.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn authenticated_at(&self) -> Result<Option<UnixTime>, AuthError> {
        let identified = self.state.identified().await?;
        Ok(identified.identity().and_then(|_| identified.proven_at()))
    }

    /// Returns the context of the user's last authentication (`acr`); `None` for an anonymous request, and if the
    /// credential does not contain it.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn acr(&self) -> Result<Option<Acr>, AuthError> {
        let identified = self.state.identified().await?;
        Ok(identified.identity().and_then(|_| identified.acr().cloned()))
    }

    /// Returns the user if they authenticated in one of these contexts, like `#[auth_required(acr = "phr")]`
    /// (step-up authentication).
    ///
    /// Otherwise it fails with an error that responds with 401 and asks for another log-in (403 for a blocked
    /// user). Contexts are compared byte by byte. A credential without a context is rejected.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Auth, AuthError};
    ///
    /// async fn approve(auth: Auth) -> Result<String, AuthError> {
    ///     let user = auth.check_acr(&["phr", "phrh"]).await?;
    ///     Ok(format!("approved by {user}"))
    /// }
    /// # let _ = approve;
    /// ```
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails with [`InsufficientAcr`](AuthErrorKind::InsufficientAcr) if the context is
    /// another one, or `accepted` is empty.
    pub async fn check_acr(&self, accepted: &'static [&'static str]) -> Result<UserId, AuthError> {
        let user = self.check_authorized().await?;
        if accepted.is_empty() {
            let error = AuthError::new(AuthErrorKind::InsufficientAcr { accepted });
            self.report("", &error.into());
            return Err(error);
        }
        self.check_step_up(user, StepUp::new().with_acr_values(accepted))
    }

    /// Returns the user if they logged in at most `max_age` ago, like `#[auth_required(fresh = "10m")]`
    /// (step-up authentication).
    ///
    /// Otherwise it fails with an error that responds with 401 and asks for another log-in (403 for a blocked
    /// user). A log-in exactly `max_age` ago is recent enough; one at an unknown time, or more than a minute
    /// in the future, is not. Times are whole seconds.
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
    /// See [`Auth`]; also fails with [`Stale`](AuthErrorKind::Stale) if the log-in is older.
    pub async fn check_fresh(&self, max_age: Duration) -> Result<UserId, AuthError> {
        let user = self.check_authorized().await?;
        self.check_step_up(user, StepUp::new().with_max_age(max_age))
    }

    fn check_step_up(&self, user: UserId, wanted: StepUp) -> Result<UserId, AuthError> {
        let checked = self.state.facts().check_step_up(self.state.config(), wanted);
        if let Err(error) = checked {
            self.report("", &error.into());
        }
        checked.map(|()| user)
    }

    /// Returns the [id of the log-in](crate::LoginOptions::with_login_id), if it was given one: unlike the
    /// [credential's id](Self::credential_id) it stays the same after a rotation and during an impersonation.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn login_id(&self) -> Result<Option<CredentialId>, AuthError> {
        Ok(self.state.identified().await?.login_id().cloned())
    }

    /// Returns when a log-in that was given an id ends at the latest: its absolute timeout.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn login_ends(&self) -> Result<Option<UnixTime>, AuthError> {
        Ok(self.state.identified().await?.login_ends())
    }

    /// Returns the scopes of the request's access token; `None` for credentials without scopes.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn scopes(&self) -> Result<Option<Scopes>, AuthError> {
        Ok(self.state.identified().await?.scopes().cloned())
    }

    /// Returns whether the request's access token has this scope, compared byte by byte.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn has_scope(&self, scope: impl AsRef<str>) -> Result<bool, AuthError> {
        Ok(self.scopes().await?.is_some_and(|scopes| scopes.contains(scope.as_ref())))
    }
}
