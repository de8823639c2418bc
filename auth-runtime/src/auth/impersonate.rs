//! Starts and ends impersonation.

use super::{Auth, AuthError, GuardDecision};
use crate::identity::{Identity, UserId};

impl Auth {
    /// Returns the user who impersonates the current one, if any: see [`impersonate`](Self::impersonate).
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn actor(&self) -> Result<Option<UserId>, AuthError> {
        let user = self.user_id().await?;
        Ok(user.and_then(|_| self.state.facts().actor().cloned()))
    }

    /// Lets the user impersonate another one: the rest of this request and the client's following ones have
    /// the other's identity, and the user's own as the [`actor`](Self::actor). Guards and groups see the
    /// impersonated user.
    ///
    /// Whether the user may do so is the application's decision, by a guard of its own. The handler must also
    /// reject users who must not be impersonated, such as administrators.
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
    /// As [`remember`](Self::remember); responds with 401 to an anonymous request, and with 403 to a user who
    /// is blocked, who impersonates a user already, who asks for themselves, or whose credential cannot store
    /// both identities while that of a log-in could, such as an API key in a `FirstOf`. It also fails with
    /// [`Misconfigured`](crate::AuthErrorKind::Misconfigured) if the identity policy cannot store both
    /// identities.
    ///
    /// # Security
    ///
    /// The new credential expires when the user's own log-in would have expired: both have the same log-in
    /// time. Other contents of the old credential (tokens, session data) are not copied. Every decision in
    /// the log names the actor. An authorization policy that maps identities to users is asked about the
    /// actor, too: if it no longer knows the actor, the request is anonymous, and if the groups callback
    /// blocks the actor, the request is blocked. A guard with `fresh` uses the actor's log-in time.
    ///
    /// The guard of this route is asked at the begin only. Where roles change, end the sessions in which the user is
    /// impersonated, or has lost the permission to impersonate; a new role would otherwise be the actor's, too.
    ///
    /// With a revocation list the old encrypted cookie is revoked. An old ticket is not, because the list
    /// identifies tickets by their log-in, which continues. A log-out during the impersonation revokes it as
    /// well.
    pub async fn impersonate(&self, user: impl AsRef<str>) -> Result<(), AuthError> {
        let identity = Identity::new(user)?;
        self.check_site()?;
        let outcome = match self.state.facts().authorized_user(self.state.config(), &self.head).await {
            Ok(_) => self.state.impersonate(&identity).await,
            Err(error) => Err(error),
        };
        outcome.inspect_err(|error| {
            self.report("", &GuardDecision { reason: "impersonation", ..(*error).into() });
        })
    }

    /// Ends an impersonation: the rest of this request and the client's following ones have the actor's
    /// identity again, in a new credential, which expires when the actor's own log-in would have expired.
    ///
    /// # Errors
    ///
    /// As [`remember`](Self::remember); responds with 403 if there is no impersonation.
    pub async fn stop_impersonating(&self) -> Result<(), AuthError> {
        self.check_site()?;
        self.state.stop_impersonating().await
    }
}
