//! Starts watches, which repeat a question about the same credential later.

use std::{pin::Pin, sync::Arc, time::Duration};

use auth_acl::__private::Words;
use http::request::Parts;

use super::{
    Auth, AuthError, GuardDecision, PolicyQuestion,
    request_state::RequestState,
    resource_decisions::permission_of,
    revocation_and_account_check::{Rejection, credential_of},
};
use crate::{
    BoxError,
    acl::{Decision, Denial, Permission, Principals, Resource, Rule, Vocabulary},
    config::Config,
    error_kind::AuthErrorKind,
    identity::UserId,
    watch::{self, EndReason, Watch, Watches},
};

/// A question about the user of a request.
enum Question {
    AnyUser,
    /// The permissions are those of the enum that it is a variant of.
    ByPolicy(Box<dyn Permission + Send + Sync>, Words),
    ByRules(Box<dyn Permission + Send + Sync>, Vec<Rule<'static>>),
    /// The resource is loaded each time.
    ByResource(Box<dyn AboutResource>),
    /// The application decides.
    ByFunction(Box<dyn Fn(&Principals<'_>) -> Decision + Send + Sync>),
}

/// A question about a resource of any type.
trait AboutResource: Send + Sync {
    fn ask<'a>(
        &'a self,
        state: &'a RequestState,
        head: &'a Parts,
    ) -> Pin<Box<dyn Future<Output = Result<Decision, AuthError>> + Send + 'a>>;
}

impl<P, L, F, R> AboutResource for (P, L)
where
    P: Permission + Send + Sync,
    L: Fn() -> F + Send + Sync,
    F: Future<Output = Result<Option<R>, BoxError>> + Send,
    R: Resource + Send,
{
    fn ask<'a>(
        &'a self,
        state: &'a RequestState,
        head: &'a Parts,
    ) -> Pin<Box<dyn Future<Output = Result<Decision, AuthError>> + Send + 'a>> {
        let (permission, load) = self;
        Box::pin(async move {
            let loaded = load().await.map_err(|error| AuthError::dependency("resource", error))?;
            match loaded {
                Some(resource) => state.decide_about(head, permission, resource).await,
                None => Ok(Decision::Deny(Denial::NoRule)),
            }
        })
    }
}

/// A question, with everything that is needed to repeat it.
struct Asked {
    config: Arc<Config>,
    head: Arc<Parts>,
    question: Question,
    /// The request's credential was valid, so repeating the question does not count as a use of it
    is_used: bool,
}

impl watch::Question for Asked {
    fn watches(&self) -> &Watches {
        &self.config.watches
    }

    fn changes_in(&self) -> Option<Duration> {
        let Question::ByRules(permission, rules) = &self.question else { return None };
        let (name, now) = (permission.name(), self.config.clock.now().as_secs());
        let rules = rules.iter().filter(|rule| rule.permissions().hold(name));
        let conditions = rules.flat_map(Rule::conditions);
        conditions.filter_map(|condition| condition.changes_in(now)).min().map(Duration::from_secs)
    }

    async fn ask(&self, user: Option<&UserId>) -> Result<(), EndReason> {
        let state = RequestState::new(Arc::clone(&self.config), tracing::Span::none());
        let answer = self.answer(&state, user).await;
        // An invalid credential is anonymous or an error; the reason is stored separately.
        match (answer, state.carried().rejection()) {
            (Err(_), Some(Rejection::Gone)) => Err(EndReason::Gone),
            (Err(_), Some(Rejection::Revoked)) => Err(EndReason::Revoked),
            (answer, _) => answer,
        }
    }
}

impl Asked {
    async fn answer(&self, state: &RequestState, user: Option<&UserId>) -> Result<(), EndReason> {
        state.carried().identify(&self.config, &self.head, self.is_used).await?;
        let now = state.user().await?;
        if now.as_ref() != user {
            return Err(EndReason::SignedOut);
        }
        let decision = match &self.question {
            Question::AnyUser => {
                state.carried().authorized_user(&self.config, &self.head).await?;
                return Ok(());
            }
            Question::ByPolicy(permission, words) => {
                let question =
                    PolicyQuestion { permission: permission.name(), words: *words, resource: None };
                state.facts().ask_policy(&self.config, question, &self.head).await?
            }
            Question::ByRules(permission, rules) => {
                let overlay = self.config.overlay_rules();
                let rules = (rules.iter().copied(), overlay.as_deref());
                state.decide(&self.head, rules, permission.name()).await?.0
            }
            Question::ByResource(about) => about.ask(state, &self.head).await?,
            Question::ByFunction(decide) => state.look(&self.head, decide).await?,
        };
        match decision {
            Decision::Allow(_) => Ok(()),
            Decision::Deny(Denial::Blocked) => Err(EndReason::Blocked),
            Decision::Deny(_) => Err(EndReason::Forbidden),
        }
    }
}

impl From<AuthError> for EndReason {
    fn from(error: AuthError) -> Self {
        match error.kind() {
            AuthErrorKind::BadRequest
            | AuthErrorKind::CrossOrigin
            | AuthErrorKind::InvalidCredential
            | AuthErrorKind::Unauthenticated => Self::SignedOut,
            AuthErrorKind::Forbidden => Self::Blocked,
            _ => Self::Unavailable,
        }
    }
}

impl Auth {
    /// Watches whether `context` still grants `permission` to the user: the returned future resolves when it
    /// does not. See [`watch`](mod@crate::watch) for sockets and streams that end then.
    ///
    /// It asks immediately, as the guard did, and is bound to the user of the request. Anonymous requests can
    /// be watched, too. [Conditions](crate::conditions) of the rules are answered each time; when a period of time
    /// begins or ends, the watch asks at once.
    ///
    /// # Errors
    ///
    /// See [`Auth`]. It also fails as [`check_permission`](Self::check_permission) does if the answer is
    /// already no, and with [`Misconfigured`](AuthErrorKind::Misconfigured) if this request has changed its
    /// user, since the new credential does not exist yet.
    pub async fn watch<P, C>(&self, permission: P, context: C) -> Result<Watch, AuthError>
    where
        P: Permission + Send + Sync + 'static,
        C: IntoIterator<Item = Rule<'static>>,
    {
        let rules = context.into_iter().collect();
        self.begin_watch(Question::ByRules(Box::new(permission), rules)).await
    }

    /// Watches whether the rules of a resource, or those of its ancestors, still grant `permission` to the user.
    ///
    /// `load` returns the resource; it is called each time, so that a change of its rules, its owner or its tenant ends the
    /// watch. `None` says that there is no such resource any more, which denies. Otherwise it is as
    /// [`watch`](Self::watch), except that it does not know when a period of time in conditions begins or ends: it asks at
    /// the next interval ([`Watches`]).
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Auth, AuthError, Permission, Resource, Rule, User, watch::Watch};
    ///
    /// #[derive(Clone, Copy, Permission)]
    /// enum Can {
    ///     Read,
    /// }
    ///
    /// struct Document {
    ///     owner: String,
    /// }
    ///
    /// impl Resource for Document {
    ///     type Permission = Can;
    ///
    ///     fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
    ///         [Rule::allow(User(&self.owner), &[Can::Read])]
    ///     }
    /// }
    ///
    /// async fn watch_document(auth: &Auth) -> Result<Watch, AuthError> {
    ///     // an application queries its database here
    ///     auth.watch_resource(Can::Read, || async { Ok(Some(Document { owner: "ada".to_owned() })) }).await
    /// }
    /// # let _ = watch_document;
    /// ```
    ///
    /// # Errors
    ///
    /// As [`watch`](Self::watch); also fails if the resource cannot be loaded, and with
    /// [`Misconfigured`](AuthErrorKind::Misconfigured) if the permission is not one of the resource.
    pub async fn watch_resource<P, R, F>(
        &self,
        permission: P,
        load: impl Fn() -> F + Send + Sync + 'static,
    ) -> Result<Watch, AuthError>
    where
        P: Permission + Send + Sync + 'static,
        R: Resource + Send + 'static,
        F: Future<Output = Result<Option<R>, BoxError>> + Send + 'static,
    {
        permission_of::<R>(&permission)?;
        self.begin_watch(Question::ByResource(Box::new((permission, load)))).await
    }

    /// Watches a decision that the application makes itself. It is
    /// repeated when an overlay changes, but evaluates one only if the application does. Conditions of rules are
    /// answered by the application, too ([`decide_if`](crate::acl::decide_if)).
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Auth, AuthError, Name, Rule, User, decide, watch::Watch};
    ///
    /// async fn watch_document(auth: &Auth, owner: String) -> Result<Watch, AuthError> {
    ///     auth.watch_with(move |who| decide([Rule::allow(User(&owner), &["read"])], Name::Text("read"), who)).await
    /// }
    /// # let _ = watch_document;
    /// ```
    ///
    /// # Errors
    ///
    /// As [`watch`](Self::watch).
    pub async fn watch_with(
        &self,
        decide: impl Fn(&Principals<'_>) -> Decision + Send + Sync + 'static,
    ) -> Result<Watch, AuthError> {
        self.begin_watch(Question::ByFunction(Box::new(decide))).await
    }

    /// Watches whether the application's own policy still grants `permission` to the user.
    ///
    /// # Errors
    ///
    /// As [`watch`](Self::watch); also fails with [`Misconfigured`](AuthErrorKind::Misconfigured) if the
    /// layer has no policy.
    pub async fn watch_policy<P>(&self, permission: P) -> Result<Watch, AuthError>
    where
        P: Vocabulary + Permission + Send + Sync,
    {
        if self.state.config().authorization.is_none() {
            return Err(AuthError::misconfigured(
                "a permission was to be watched, but the layer has no policy; add `AuthLayer::with_policy`",
            ));
        }
        self.begin_watch(Question::ByPolicy(Box::new(permission), P::WORDS)).await
    }

    /// Watches whether the user is still signed in, and not blocked.
    ///
    /// # Errors
    ///
    /// As [`watch`](Self::watch).
    pub async fn watch_user(&self) -> Result<Watch, AuthError> {
        self.begin_watch(Question::AnyUser).await
    }

    async fn begin_watch(&self, question: Question) -> Result<Watch, AuthError> {
        self.state.note_judged();
        let user = self.user_id().await?;
        if self.state.has_changed() {
            return Err(AuthError::misconfigured(
                "a request that changed who its user is cannot be watched; let the client come back",
            ));
        }
        let (config, head) = (Arc::clone(self.state.config()), Arc::clone(&self.head));
        // The request came with a valid credential, even if its user is not accepted.
        let is_used = self.state.carried().found().is_some_and(|found| found.identity().is_some());
        let asked = Asked { config, head, question, is_used };
        let credentials = match &user {
            Some(user) => {
                let found = self.state.identified().await?;
                [credential_of(user, &found), found.login_id().cloned()]
            }
            None => [None, None],
        };
        let is_anonymous = user.is_none();
        let watch = Watch::begin(asked, user, credentials.into_iter().flatten()).await;
        watch.map_err(|ended| self.reject_watch(is_anonymous, ended))
    }

    fn reject_watch(&self, is_anonymous: bool, ended: EndReason) -> AuthError {
        let (error, reason) = match ended {
            EndReason::Unavailable => return AuthError::new(AuthErrorKind::Unavailable),
            EndReason::Blocked | EndReason::Forbidden if is_anonymous => {
                (AuthError::unauthenticated(), ended.name())
            }
            EndReason::Blocked | EndReason::Forbidden => (AuthError::forbidden(), ended.name()),
            EndReason::Gone | EndReason::Revoked | EndReason::SignedOut => {
                (AuthError::unauthenticated(), "anonymous")
            }
        };
        self.report("", &GuardDecision { reason, ..error.into() });
        error
    }
}

impl RequestState {
    /// Wakes the watches of a user after a change.
    pub(super) fn tell_watches(&self, user: Option<&UserId>) {
        if let Some(user) = user {
            self.config().watches.check(user);
        }
    }
}
