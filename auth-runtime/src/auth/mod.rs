//! The handle by which a handler asks about its user, and changes who that is.

mod account;
mod account_check;
mod change;
mod credential;
mod cross_site;
mod decide;
mod decision;
mod error;
mod extract;
mod facts;
mod impersonate;
mod request_state;
mod response_order;
mod revoke;
#[cfg(any(feature = "encrypted-cookie", feature = "session"))]
mod session;
#[cfg(feature = "jwt")]
mod tokens;
mod watch;

use std::{any::Any, fmt, sync::Arc};

use http::request::Parts;

pub use account::{CurrentUser, CurrentUserId};
pub(crate) use decision::GuardDecision;
pub use error::AuthError;
pub(crate) use extract::refuse;
pub(crate) use facts::Facts;
pub(crate) use request_state::{CurrentFacts, Outcome, People, RequestState, Upkeep};
pub(crate) use response_order::ResponseOrder;
#[cfg(any(feature = "encrypted-cookie", feature = "session"))]
pub use session::Session;
#[cfg(feature = "jwt")]
pub use tokens::Claims;
pub(crate) use watch::Asked;

#[cfg(not(feature = "rule-hits"))]
use crate::acl::decide;
pub use crate::error_kind::AuthErrorKind;
use crate::{
    acl::{Decision, Explanation, Groups, Permission, Principals, Rule, explain},
    events,
    identity::{CredentialId, DataEdits, Identity, LoginOptions, UserId},
};

/// Asks about the user of the request, and logs users in and out.
///
/// Any handler under an [`AuthLayer`](crate::AuthLayer) can take one as an argument. Everything is found out once
/// per request, whoever asks; after [`remember`](Self::remember) and [`forget`](Self::forget) the same request sees
/// the new state. What was changed is written on every kind of response that the handler gives, errors and
/// redirects included; the last change wins.
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
/// Every method fails with [`Unavailable`](AuthErrorKind::Unavailable) when a policy or callback that has to
/// be asked fails, with [`CrossOrigin`](AuthErrorKind::CrossOrigin) when an unsafe request, or a change of
/// the identity, is one that another site made the browser send, and with
/// [`InvalidCredential`](AuthErrorKind::InvalidCredential) when its credentials are refused or contradict
/// each other. An error is never "anonymous" and never "allowed".
#[derive(Clone)]
pub struct Auth {
    state: Arc<RequestState>,
    /// For whoever has to ask again when the request is long gone
    head: Arc<Parts>,
    /// The route has said that its cross-site requests may change the identity
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
        match self.state.facts().authorized_user(self.state.config()).await {
            Ok(user) => Ok(Some(user.clone())),
            Err(error) if error.kind().is_decided() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns whether no user is known.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn is_anonymous(&self) -> Result<bool, AuthError> {
        Ok(self.user_id().await?.is_none())
    }

    /// Returns the user's groups; `None` for a user who is blocked.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn groups(&self) -> Result<Option<Groups>, AuthError> {
        self.state.groups().await
    }

    /// Returns whether the user may do `permission`, judged by `context`.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{acl, Acl, Auth, AuthError};
    ///
    /// const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];
    ///
    /// async fn view(auth: Auth) -> Result<&'static str, AuthError> {
    ///     Ok(if auth.permits("edit", ARTICLES).await? { "with an edit button" } else { "without" })
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn permits<'r>(
        &self,
        permission: impl Permission,
        context: impl IntoIterator<Item = Rule<'r>>,
    ) -> Result<bool, AuthError> {
        Ok(self.decide(permission, context).await?.is_allow())
    }

    /// Decides whether the user may do `permission`, and says which rule of `context` decided.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn decide<'r>(
        &self,
        permission: impl Permission,
        context: impl IntoIterator<Item = Rule<'r>>,
    ) -> Result<Decision, AuthError> {
        let name = permission.name();
        #[cfg(feature = "rule-hits")]
        let decide = |principals: &Principals<'_>| crate::hits::counting(context, name, principals);
        #[cfg(not(feature = "rule-hits"))]
        let decide = |principals: &Principals<'_>| decide(context, name, principals);
        self.state.look(decide).await
    }

    /// Decides whether the user may do `permission`, and says why: each rule in order, and what would have been enough.
    ///
    /// It is made for logs and consoles, not for the client.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn explain<'r>(
        &self,
        permission: impl Permission,
        context: impl IntoIterator<Item = Rule<'r>>,
    ) -> Result<Explanation, AuthError> {
        let name = permission.name();
        self.state.look(|principals| explain(context, name, principals)).await
    }

    /// Asks the application's own policy whether the user may do `permission`.
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails with [`Misconfigured`](AuthErrorKind::Misconfigured) when the layer has no policy.
    pub async fn policy_permits(&self, permission: impl Permission) -> Result<bool, AuthError> {
        Ok(self.state.ask_policy(permission.name(), None).await?.is_allow())
    }

    /// Returns the user, or the error that answers 401 (403 for a user who is blocked).
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn check_authorized(&self) -> Result<UserId, AuthError> {
        self.state.note_judged();
        let facts = self.state.facts();
        let user = facts.authorized_user(self.state.config()).await;
        self.report("", &user.map(drop).into());
        user.cloned()
    }

    /// Returns the user if the rules allow `permission`, or else the error that answers 401 to the anonymous and
    /// 403 to the others.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn check_permission<'r>(
        &self,
        permission: impl Permission,
        context: impl IntoIterator<Item = Rule<'r>>,
    ) -> Result<Option<UserId>, AuthError> {
        self.state.note_judged();
        let name = permission.name();
        let rules: Vec<Rule<'r>> = context.into_iter().collect();
        let decision = self.decide(name, rules.iter().copied()).await?;
        let user = self.user_id().await?;
        let decision = GuardDecision::of_rules(&self.state.facts(), Ok(decision));
        self.report(&name.to_string(), &decision);
        if decision.outcome.is_err() && events::explanations_wanted() {
            let why = explain(rules, name, &self.state.facts().principals());
            events::explained(&"handler", &why);
        }
        decision.outcome.map(|()| user)
    }

    /// Logs what a check in the handler decided. What kept it from deciding was logged where it failed.
    fn report(&self, permission: &str, decision: &GuardDecision) {
        let rejection = decision.rejection();
        if rejection.is_none_or(AuthErrorKind::is_decided) {
            let status = rejection.map(AuthErrorKind::status);
            self.state.facts().report(&"handler", [permission, ""], decision, status);
        }
    }

    /// Returns what the identity policy keeps beside the credential, such as the
    /// [`TicketData`](crate::identity::TicketData) of a ticket that carries tokens or public data.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn credential_data<T: Any + Send + Sync>(&self) -> Result<Option<Arc<T>>, AuthError> {
        Ok(self.state.identified().await?.memo())
    }

    /// Returns the name of the request's credential, where it has one: enough to list and to end a session, not enough
    /// to use it.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    pub async fn credential_id(&self) -> Result<Option<CredentialId>, AuthError> {
        Ok(self.state.identified().await?.credential_id().cloned())
    }

    /// Logs a user in: this request from here on and the client's following ones carry `identity`.
    ///
    /// A log-in over another log-in takes its place. With a list of revocations the cookies that the request carried are
    /// revoked; when the list does not answer, the log-in fails and the client stays who it was. API keys and tokens that
    /// a client sends on purpose stay valid.
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails with [`InvalidIdentity`](AuthErrorKind::InvalidIdentity) when the text is empty, too
    /// long, or not one line of visible text, and with [`TooLarge`](AuthErrorKind::TooLarge) when it does not fit.
    ///
    /// # Security
    ///
    /// The caller must have checked who the user is. A cross-site request, by whichever method, fails with
    /// [`CrossOrigin`](AuthErrorKind::CrossOrigin) (login CSRF), unless the handle [allows
    /// it](Self::allowing_cross_site). It is recognised by `Sec-Fetch-Site` and `Origin`; a browser that
    /// sends neither with a GET (before Chrome 76, Firefox 90 and Safari 16.4) is not protected there, so log
    /// in by POST. Credentials that no browser sends by itself, such as bearer tokens, need no such check.
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

    /// Logs the user out: this request from here on and the client's following ones carry no identity.
    ///
    /// A log-out of an anonymous client is not an error. When the list or the store does not answer it fails, and the client
    /// has lost its cookie all the same. With a list of revocations, or with sessions in a store, a copy of the credential
    /// is of no use from here on, either. Without, a copied ticket or token stays valid until it expires.
    ///
    /// Where the request carries several cookies of one name, all of them end. It fails with
    /// [`InvalidCredential`](AuthErrorKind::InvalidCredential) where the browser may be left with a valid one: no more is
    /// sent than name and value, so cookies with another domain or path cannot all be removed, and without a list they are
    /// not revoked.
    ///
    /// A slower request does not undo it, if the same instance serves both within five minutes: its renewal is not sent, and
    /// a write of it fails.
    ///
    /// # Errors
    ///
    /// See [`Auth`].
    ///
    /// # Security
    ///
    /// A cross-site request logs the user out only where the handle [allows it](Self::allowing_cross_site),
    /// as for [`remember`](Self::remember).
    pub async fn forget(&self) -> Result<(), AuthError> {
        self.check_site()?;
        self.state.forget().await
    }

    /// Logs the user out everywhere: every credential that they have by now is refused from here on, whatever its policy
    /// and wherever it was copied to, and this client forgets its own. A log-in after that is good at once.
    ///
    /// For nobody it does nothing. Where all credentials are sessions, `Sessions::end_all` does without a list.
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails with [`Misconfigured`](AuthErrorKind::Misconfigured) when the layer has no list of
    /// revocations. When it fails, the user is still logged in.
    pub async fn log_out_everywhere(&self) -> Result<(), AuthError> {
        self.check_site()?;
        self.state.log_out_everywhere().await
    }

    /// Logs the user out everywhere but here: this client gets another credential for the same identity, with these options.
    /// Offer it to users who change their password.
    ///
    /// # Errors
    ///
    /// As [`log_out_everywhere`](Self::log_out_everywhere) and [`remember`](Self::remember); answers 403, and revokes
    /// nothing, where somebody acts for the user. When only `remember` fails, the user is logged out here, too.
    ///
    /// # Security
    ///
    /// The user counts as one who has just logged in. Ask for their password before.
    pub async fn log_out_elsewhere(&self, options: &LoginOptions) -> Result<(), AuthError> {
        self.check_site()?;
        self.state.log_out_elsewhere(options).await
    }

    /// Gives the client another credential for the same user and ends the one it has: call it when the user's rights
    /// have changed.
    ///
    /// For credentials that carry no rights of their own, such as tickets, it does nothing.
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails with [`InvalidCredential`](AuthErrorKind::InvalidCredential) when another request has
    /// ended the log-in meanwhile.
    pub async fn rotate(&self) -> Result<(), AuthError> {
        self.check_site()?;
        self.check_use()?;
        self.state.rotate().await
    }

    /// Changes what is kept beside the identity.
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails with [`Misconfigured`](AuthErrorKind::Misconfigured) when the identity policy keeps
    /// nothing, and with [`InvalidCredential`](AuthErrorKind::InvalidCredential) when another request has ended the log-in
    /// meanwhile.
    ///
    /// # Security
    ///
    /// An unsafe cross-site request changes nothing. A cross-site GET, such as a link from a search engine,
    /// may change data of a session that it carries and may begin an anonymous session, except where the
    /// cookie has `SameSite=Strict`: the browser then withholds the cookie of a user, which the new one would
    /// replace.
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
