//! Counts attempts to log in: [`Auth::begin_log_in`], [`LoginAttempt`].

use std::fmt;

use super::{Auth, AuthError};
use crate::{config::incoming, throttle};

/// An attempt to log in that is within the limits, of [`Auth::begin_log_in`].
#[must_use = "an attempt stays counted as a failure unless it succeeds"]
pub struct LoginAttempt {
    auth: Auth,
    attempt: throttle::Attempt,
}

impl Auth {
    /// Counts an attempt to log in to an account. Call it before the password is verified, and
    /// [`LoginAttempt::succeed`] after the last step that the user has to prove.
    ///
    /// The attempt stays counted if it does not succeed, also if the client disconnects meanwhile. `account` is what
    /// the user typed; accounts that do not exist count like others.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Auth, AuthError};
    /// # async fn is_right(_: &str, _: &str) -> bool { true }
    ///
    /// async fn log_in(auth: Auth, name: &str, password: &str) -> Result<(), AuthError> {
    ///     let attempt = auth.begin_log_in(name).await?;
    ///     if !is_right(name, password).await {
    ///         return Err(AuthError::unauthenticated());
    ///     }
    ///     attempt.succeed().await?;
    ///     auth.remember(name).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails with [`Throttled`](crate::AuthErrorKind::Throttled) if there were too many attempts: 429 with
    /// `Retry-After`. Fails with [`Misconfigured`](crate::AuthErrorKind::Misconfigured) if the layer has no
    /// [throttle](crate::AuthLayer::with_throttle), or the server does not pass on peer addresses; with
    /// [`Unavailable`](crate::AuthErrorKind::Unavailable) if the store is unavailable (fail closed).
    ///
    /// # Security
    ///
    /// A cross-site request fails with [`CrossOrigin`](crate::AuthErrorKind::CrossOrigin) and is not counted: another
    /// site could otherwise lock out its visitors with wrong passwords.
    pub async fn begin_log_in(&self, account: impl AsRef<str> + Send) -> Result<LoginAttempt, AuthError> {
        self.check_site()?;
        let config = self.state.config();
        let Some(throttle) = &config.throttle else {
            return Err(AuthError::misconfigured(
                "an attempt to log in was counted, but the layer has no throttle; add `AuthLayer::with_throttle`",
            ));
        };
        let request = incoming(&self.head, config.clock.now());
        let attempt = throttle.begin(account.as_ref(), &request).await;
        let attempt = attempt.map_err(|error| AuthError::of_credential("throttle", &error))?;
        Ok(LoginAttempt { auth: self.clone(), attempt })
    }
}

impl LoginAttempt {
    /// Records a success: the failures of this account from this client are forgotten, and the response sets the cookie
    /// of a [known device](throttle::Throttle::with_known_devices) if devices are recognized.
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable, and if the response has started.
    pub async fn succeed(self) -> Result<(), AuthError> {
        let Self { auth, attempt } = self;
        let device = attempt.succeed(auth.state.config().clock.now()).await;
        let device = device.map_err(|error| AuthError::of_credential("throttle", &error))?;
        let mut changes = auth.state.changes();
        changes.check_open()?;
        if !device.is_empty() {
            changes.device = Some(Box::new(device));
        }
        Ok(())
    }
}

impl fmt::Debug for LoginAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginAttempt").finish_non_exhaustive()
    }
}
