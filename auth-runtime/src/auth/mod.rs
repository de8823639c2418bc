//! Lets a handler query its user, and log users in and out: [`Auth`].

mod acl_decisions;
mod auth_extractor;
mod change_identity;
mod check_step_up;
#[cfg(feature = "jwt")]
mod claims_extractor;
mod condition_answers;
mod credential_facts;
mod credential_questions;
mod csrf_state;
mod current_user;
mod error;
mod filter_lists;
mod guard_decision;
mod impersonate;
#[cfg(feature = "throttle")]
mod login_attempt;
mod policy_decisions;
mod reject_cross_site;
mod request_state;
mod resource_decisions;
mod revocation_and_account_check;
mod revoke_credentials;
#[cfg(any(feature = "encrypted-cookie", feature = "session"))]
mod session_extractor;
mod start_watch;
#[cfg(feature = "csrf")]
mod verify_csrf_token;

use std::{any::Any, fmt, sync::Arc};

use http::request::Parts;

pub(crate) use auth_extractor::refuse;
#[cfg(feature = "jwt")]
pub use claims_extractor::Claims;
pub(crate) use condition_answers::Answers;
pub(crate) use credential_facts::Facts;
pub use current_user::{CurrentUser, CurrentUserId};
pub use error::AuthError;
pub(crate) use guard_decision::{GuardDecision, RuleId};
#[cfg(feature = "throttle")]
pub use login_attempt::LoginAttempt;
pub(crate) use policy_decisions::{PolicyQuestion, wrong_vocabulary};
pub(crate) use request_state::{CurrentFacts, Outcome, RequestState, Upkeep};
#[cfg(any(feature = "encrypted-cookie", feature = "session"))]
pub use session_extractor::Session;

pub use crate::error_kind::AuthErrorKind;
use crate::{
    acl::{Groups, OverlayRules},
    identity::{CredentialId, DataEdits, Identity, LoginOptions, UserId},
};

/// Queries the user of the request, and logs users in and out.
///
/// Any handler under an [`AuthLayer`](crate::AuthLayer) can take one as an argument. Each fact is resolved
/// once per request and shared with guards and other extractors; after [`remember`](Self::remember) and
/// [`forget`](Self::forget) the same request sees the new state. Changes are written to every kind of
/// response, including errors and redirects; the last change wins.
///
/// # Example
///
/// ```
/// use auth_runtime::{Auth, AuthError};
/// use axum::{Form, response::Redirect};
///
/// #[derive(serde::Deserialize)]
/// struct Login {
///     name: String,
/// }
///
/// async fn login(auth: Auth, Form(form): Form<Login>) -> Result<Redirect, AuthError> {
///     // the application checks the password here
///     auth.remember(&form.name).await?;
///     Ok(Redirect::to("/profile"))
/// }
///
/// async fn logout(auth: Auth) -> Result<Redirect, AuthError> {
///     auth.forget().await?;
///     Ok(Redirect::to("/"))
/// }
/// ```
///
/// # Errors
///
/// Every method fails with [`Unavailable`](AuthErrorKind::Unavailable) if a policy or callback fails, with
/// [`CrossOrigin`](AuthErrorKind::CrossOrigin) on a cross-site request that is unsafe or changes the identity
/// (CSRF), with [`CsrfToken`](AuthErrorKind::CsrfToken) on one without the token that the layer demands, and with
/// [`InvalidCredential`](AuthErrorKind::InvalidCredential) if its credentials are invalid or
/// contradict each other. An error is never "anonymous" and never "allowed" (fail closed).
#[derive(Clone)]
pub struct Auth {
    state: Arc<RequestState>,
    /// For watches, which repeat a question after the end of the request
    head: Arc<Parts>,
    /// The handler has allowed changes of the identity on cross-site requests
    allows_cross_site: bool,
}

impl Auth {
    /// Returns the identity that the request carries.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn identity(&self) -> Result<Option<Identity>, AuthError> {
        Ok(self.state.identified().await?.identity().cloned())
    }

    /// Returns the user; `None` for an anonymous request.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn user_id(&self) -> Result<Option<UserId>, AuthError> {
        self.state.user().await
    }

    /// Returns the user unless they are blocked.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn authorized_userid(&self) -> Result<Option<UserId>, AuthError> {
        match self.state.facts().authorized_user(self.state.config(), &self.head).await {
            Ok(user) => Ok(Some(user.clone())),
            Err(error) if error.kind().is_decided() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns whether the request is anonymous.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn is_anonymous(&self) -> Result<bool, AuthError> {
        Ok(self.user_id().await?.is_none())
    }

    /// Returns the user's groups; `None` for a blocked user.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn groups(&self) -> Result<Option<Groups>, AuthError> {
        self.state.groups(&self.head).await
    }

    /// Returns the rules of overlays that are in force.
    pub(crate) fn overlay_rules(&self) -> Option<Arc<OverlayRules>> {
        self.state.config().overlay_rules()
    }

    /// Returns the user, or the error that responds with 401 (403 for a blocked user).
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn check_authorized(&self) -> Result<UserId, AuthError> {
        self.state.note_judged();
        let facts = self.state.facts();
        let user = facts.authorized_user(self.state.config(), &self.head).await;
        self.report("", &user.map(drop).into());
        user.cloned()
    }

    /// Logs the decision of a check in the handler. Failures were logged where they occurred.
    fn report(&self, permission: &str, decision: &GuardDecision) {
        let rejection = decision.rejection();
        if rejection.is_none_or(AuthErrorKind::is_decided) {
            let status = rejection.map(AuthErrorKind::status);
            self.state.facts().report(
                &crate::guard::Site::new("handler", "", 0),
                [permission, ""],
                decision,
                status,
            );
        }
    }

    /// Returns the data that the identity policy stores with the credential, such as the
    /// [`TicketData`](crate::identity::TicketData) of a ticket with tokens or public data.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn credential_data<T: Any + Send + Sync>(&self) -> Result<Option<Arc<T>>, AuthError> {
        Ok(self.state.identified().await?.memo())
    }

    /// Returns the id of the request's credential, if it has one: it serves to list and to end a session, but
    /// not to use it.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn credential_id(&self) -> Result<Option<CredentialId>, AuthError> {
        Ok(self.state.identified().await?.credential_id().cloned())
    }

    /// Logs a user in: sets the identity of the rest of this request and of the client's following ones.
    ///
    /// A log-in over another log-in replaces it. With a revocation list the cookies of the request are
    /// revoked; if the list is unavailable, the log-in fails and the client keeps its identity. API keys and
    /// tokens that a client sends explicitly stay valid.
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails with [`InvalidIdentity`](AuthErrorKind::InvalidIdentity) if the text is
    /// empty, too long, or contains control characters, and with [`TooLarge`](AuthErrorKind::TooLarge) if it
    /// does not fit into the credential.
    ///
    /// # Security
    ///
    /// The caller must have authenticated the user. A cross-site request fails with
    /// [`CrossOrigin`](AuthErrorKind::CrossOrigin) (login CSRF), with any method, unless the handle
    /// [allows it](Self::allowing_cross_site). It is detected by `Sec-Fetch-Site` and `Origin`; a browser
    /// that sends neither with a GET (before Chrome 76, Firefox 90 and Safari 16.4) is not protected, so log
    /// in by POST. Credentials that browsers do not attach by themselves, such as bearer tokens, do not need
    /// this check.
    pub async fn remember(&self, identity: impl AsRef<str>) -> Result<(), AuthError> {
        self.remember_with(identity, &LoginOptions::new()).await
    }

    /// Logs a user in with options, such as another lifetime.
    ///
    /// # Errors
    ///
    /// As [`remember`](Self::remember).
    pub async fn remember_with(
        &self,
        identity: impl AsRef<str>,
        options: &LoginOptions,
    ) -> Result<(), AuthError> {
        let identity = Identity::new(identity)?;
        self.check_site()?;
        self.state.remember(&identity, options).await
    }

    /// Logs the user out: the rest of this request and the client's following ones are anonymous.
    ///
    /// A log-out of an anonymous client is not an error. If the revocation list or the store is unavailable
    /// it fails, but the client loses its cookie all the same. With a revocation list, or with sessions in a
    /// store, a copy of the credential is invalid from now on, too. Otherwise a copied ticket or token stays
    /// valid until it expires.
    ///
    /// If the request carries several cookies of one name, all of them are ended. The log-out fails with
    /// [`InvalidCredential`](AuthErrorKind::InvalidCredential) if the browser may be left with a valid one: a
    /// request contains only the name and value of a cookie, so cookies with another domain or path cannot
    /// all be removed, and without a revocation list they are not revoked.
    ///
    /// A slower request cannot undo it, if the same instance serves both within five minutes: its renewal is
    /// not sent, and a write of it fails.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    ///
    /// # Security
    ///
    /// A cross-site request logs the user out only if the handle [allows it](Self::allowing_cross_site), as
    /// for [`remember`](Self::remember).
    pub async fn forget(&self) -> Result<(), AuthError> {
        self.check_site()?;
        self.state.forget().await
    }

    /// Logs the user out everywhere: all credentials issued to them so far are revoked, of every policy and
    /// including copies, and this client loses its own. A log-in after that is valid at once.
    ///
    /// On an anonymous request it does nothing. If all credentials are sessions, `Sessions::end_all` works
    /// without a revocation list.
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails with [`Misconfigured`](AuthErrorKind::Misconfigured) if the layer has no
    /// revocation list. If it fails, the user is still logged in.
    pub async fn log_out_everywhere(&self) -> Result<(), AuthError> {
        self.check_site()?;
        self.state.log_out_everywhere().await
    }

    /// Logs the user out everywhere else: this client gets a new credential for the same identity, with these
    /// options. Offer it to users who change their password.
    ///
    /// # Errors
    ///
    /// As [`log_out_everywhere`](Self::log_out_everywhere) and [`remember`](Self::remember); responds with
    /// 403, and revokes nothing, during an impersonation. If only `remember` fails, the user is logged out
    /// here, too.
    ///
    /// # Security
    ///
    /// Ask for the password before. The user authenticated when and how the old credential says, unless the
    /// options state it: after a password check, state
    /// [`AuthTime::LogIn`](crate::identity::AuthTime::LogIn), or a guard with `fresh` asks again.
    ///
    /// The new credential has an absolute timeout of its own, except if the log-in has an
    /// [id](LoginOptions::with_login_id): then it keeps the id, and ends when the log-in would have ended.
    pub async fn log_out_elsewhere(&self, options: &LoginOptions) -> Result<(), AuthError> {
        self.check_site()?;
        self.state.log_out_elsewhere(options).await
    }

    /// Replaces the client's credential with another one for the same user, and ends the old one: call it
    /// when the user's privileges have changed (session fixation).
    ///
    /// For credentials that carry no privileges of their own, such as tickets, it does nothing.
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails with [`InvalidCredential`](AuthErrorKind::InvalidCredential) if another
    /// request has ended the log-in meanwhile.
    pub async fn rotate(&self) -> Result<(), AuthError> {
        self.check_site()?;
        self.check_use()?;
        self.state.rotate().await
    }

    /// Changes the data that is stored with the identity.
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails with [`Misconfigured`](AuthErrorKind::Misconfigured) if the identity policy
    /// stores no data, and with [`InvalidCredential`](AuthErrorKind::InvalidCredential) if another request
    /// has ended the log-in meanwhile.
    ///
    /// # Security
    ///
    /// An unsafe cross-site request changes nothing (CSRF). A cross-site GET, such as a link from a search
    /// engine, may change the data of its session and may start an anonymous session, except if the cookie
    /// has `SameSite=Strict`: the browser then withholds the cookie of a user, which the new one would
    /// overwrite.
    pub async fn store(&self, edits: &DataEdits) -> Result<(), AuthError> {
        self.check_use()?;
        self.state.store(edits, |effects| self.may_begin(effects)).await
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").finish_non_exhaustive()
    }
}
