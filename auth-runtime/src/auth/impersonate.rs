//! Acting for another user.

use super::{Auth, AuthError, GuardDecision};
use crate::identity::{Identity, UserId};

impl Auth {
    /// Returns who acts for the user, when that is somebody else: see [`impersonate`](Self::impersonate).
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn actor(&self) -> Result<Option<UserId>, AuthError> {
        let user = self.user_id().await?;
        Ok(user.and_then(|_| self.state.people().actor))
    }

    /// Lets the user act for another one: this request from here on and the client's following ones carry the other's
    /// identity, and the user's own beside it, as the [`actor`](Self::actor). Guards and groups see the other user.
    ///
    /// Whether the user may do so is the application's decision, by a guard of its own. Keep from whose account nobody may
    /// act, such as an administrator's, out of reach in the handler.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{acl, acl_required, auth_required, Acl, Auth, AuthError};
    /// use axum::{extract::Path, response::Redirect};
    ///
    /// const SUPPORT: Acl = acl![(Allow, Group("support"), ["impersonate"])];
    ///
    /// #[acl_required("impersonate", SUPPORT)]
    /// async fn act_as(auth: Auth, Path(user): Path<String>) -> Result<Redirect, AuthError> {
    ///     // the application checks that `user` exists and may be acted for
    ///     auth.impersonate(&user).await?;
    ///     Ok(Redirect::to("/"))
    /// }
    ///
    /// #[auth_required]
    /// async fn back(auth: Auth) -> Result<Redirect, AuthError> {
    ///     auth.stop_impersonating().await?;
    ///     Ok(Redirect::to("/"))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`remember`](Self::remember); answers 401 where no user is known, and 403 to a user who is blocked, who acts for
    /// somebody already, or who asks for themselves. It also fails with
    /// [`Misconfigured`](crate::AuthErrorKind::Misconfigured) when the identity policy cannot keep both.
    ///
    /// # Security
    ///
    /// The new credential ends when the user's own log-in would have ended: it counts as old as that one. What the old
    /// one held besides (tokens, session data) is not in the new one. Every decision in the log names the actor. Where
    /// an authorization policy says who users are, it is asked about the actor, too: one whom it does not know any more
    /// acts for nobody, and one whom the groups bar is blocked in the other's name, too. A guard that demands a recent log-in goes by the actor's.
    ///
    /// With a list of revocations the old encrypted cookie is revoked. An old ticket is not: a list names tickets by their
    /// log-in, which goes on. A log-out while acting revokes it as well.
    pub async fn impersonate(&self, user: impl AsRef<str>) -> Result<(), AuthError> {
        let identity = Identity::new(user)?;
        self.check_site()?;
        let outcome = match self.state.facts().authorized_user(self.state.config()).await {
            Ok(_) => self.state.impersonate(&identity).await,
            Err(error) => Err(error),
        };
        outcome.inspect_err(|error| {
            self.report("", &GuardDecision { reason: "impersonation", ..(*error).into() });
        })
    }

    /// Ends an impersonation: this request from here on and the client's following ones carry the actor's identity again,
    /// in a new credential, which ends when their own log-in would have ended.
    ///
    /// # Errors
    ///
    /// As [`remember`](Self::remember); answers 403 where nobody acts for anybody.
    pub async fn stop_impersonating(&self) -> Result<(), AuthError> {
        self.check_site()?;
        self.state.stop_impersonating().await
    }
}
