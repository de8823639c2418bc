//! Guards for what is not a handler function.

use std::{
    borrow::Cow,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::response::{IntoResponse, Response};
use http::{Request, request::Parts};
use tower_layer::Layer;
use tower_service::Service;

use super::{
    conclude::{Terms, rejection},
    credential::by_all_scopes,
    judge::authenticated,
    shadow,
};
use crate::{
    acl::{Acl, Name, Permission, check, decide},
    auth::{GuardDecision, RequestState},
    identity::Scopes,
    refusal::{self, Lacking, Refusal},
};

/// A guard as a tower layer, for what is not a handler function: files, services, foreign routers.
///
/// Put it on with `route_layer`, or around the service itself; an [`AuthLayer`](crate::AuthLayer) must stand outside.
/// It decides before the service sees the request.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, guard, Acl, AuthLayer, KeyRing, TicketCookie};
/// use axum::{Router, routing::get};
///
/// const FILES: Acl = acl![(Allow, Group("staff"), ["read"])];
///
/// let files: Router = Router::new().route("/files/{name}", get(|| async { "a file" }));
/// let app: Router = Router::new()
///     .merge(files.route_layer(guard::acl("read", FILES)))
///     .layer(AuthLayer::new(TicketCookie::new(KeyRing::random())));
/// ```
///
/// # Security
///
/// `route_layer` guards the routes that the router has at that moment: a route added later is not guarded.
#[derive(Clone)]
#[must_use]
pub struct GuardLayer {
    pub(super) guard: Arc<LayerGuard>,
}

#[derive(Clone)]
pub(super) struct LayerGuard {
    pub(super) demand: Demand,
    pub(super) max_age: Option<Duration>,
    pub(super) hide: bool,
    refusal: Option<refusal::Render>,
    /// Asked as well, and does not decide
    pub(super) shadow: Option<Acl>,
}

#[derive(Clone)]
pub(super) enum Demand {
    Anonymous { reason: &'static str },
    Authenticated,
    Acl(Owned, Acl),
    Permission(Owned),
    Scopes(Scopes),
}

#[derive(Clone)]
pub(super) enum Owned {
    Number(i64),
    Text(String),
}

impl Owned {
    fn of(permission: &impl Permission) -> Self {
        match permission.name() {
            Name::Number(number) => Self::Number(number),
            Name::Text(text) => Self::Text(text.to_owned()),
        }
    }

    pub(super) fn name(&self) -> Name<'_> {
        match self {
            Self::Number(number) => Name::Number(*number),
            Self::Text(text) => Name::Text(text),
        }
    }
}

/// Demands nothing, as `#[allow_anonymous]` does, and says why.
///
/// It is for what is public on purpose where a guard is wanted: around a service on a
/// [`guarded::Router`](crate::guarded::Router), or on a router of axum's own whose
/// [`AuthLayer` demands guards](crate::AuthLayer::demand_guards). It needs no `AuthLayer`. On the same route as other guards it
/// changes nothing.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, KeyRing, TicketCookie, guard};
/// use axum::{Router, routing::get};
///
/// let health: Router = Router::new().route("/health", get(|| async { "up" }));
/// let app: Router = Router::new()
///     .merge(health.route_layer(guard::anonymous("the load balancer has no account")))
///     .layer(AuthLayer::new(TicketCookie::new(KeyRing::random())).demand_guards());
/// ```
///
/// # Panics
///
/// Panics when the reason is empty: the application then does not start.
#[track_caller]
pub fn anonymous(reason: &'static str) -> GuardLayer {
    assert!(
        !reason.trim_ascii().is_empty(),
        "the reason is empty; say why anonymous requests may call this, for the review of the routes"
    );
    GuardLayer::new(Demand::Anonymous { reason })
}

/// Demands a user, as `#[auth_required]` does.
pub fn auth() -> GuardLayer {
    GuardLayer::new(Demand::Authenticated)
}

/// Demands a permission that `context` grants, as `#[acl_required(…)]` does.
///
/// # Panics
///
/// Panics when no rule of `context` mentions the permission: the application then does not start.
#[track_caller]
pub fn acl(permission: impl Permission, context: Acl) -> GuardLayer {
    check::check_variant(&context, "the context", permission.name());
    GuardLayer::new(Demand::Acl(Owned::of(&permission), context))
}

/// Demands a permission that the application's policy grants, as `#[permission_required(…)]` does.
pub fn permission(permission: impl Permission) -> GuardLayer {
    GuardLayer::new(Demand::Permission(Owned::of(&permission)))
}

/// Demands an access token that was issued for all these scopes, as `#[scope_required(…)]` does.
///
/// # Example
///
/// ```
/// use auth_runtime::guard;
/// use axum::{Router, routing::get};
///
/// let files: Router = Router::new().route("/files/{name}", get(|| async { "a file" }));
/// let files = files.route_layer(guard::scope(["files:read"]));
/// # let _: Router = files;
/// ```
///
/// # Panics
///
/// Panics when there is none, or when one is no scope token (RFC 6749, section 3.3): the application then does not start.
#[track_caller]
pub fn scope<T: AsRef<str>>(scopes: impl IntoIterator<Item = T>) -> GuardLayer {
    let scopes = Scopes::new(scopes);
    assert!(
        scopes.is_ok(),
        "one of these is not a scope; write for example `guard::scope([\"articles:read\"])`"
    );
    let scopes = scopes.unwrap_or_default();
    assert!(
        !scopes.is_empty(),
        "no scope is asked for; write for example `guard::scope([\"articles:read\"])`"
    );
    GuardLayer::new(Demand::Scopes(scopes))
}

impl GuardLayer {
    fn new(demand: Demand) -> Self {
        Self {
            guard: Arc::new(LayerGuard { demand, max_age: None, hide: false, refusal: None, shadow: None }),
        }
    }

    /// Stands before a service, as `layer` does.
    ///
    /// A [`guarded::Router`](crate::guarded::Router) takes services, and routers of axum's own, with a guard around them.
    pub fn around<S>(self, inner: S) -> GuardService<S> {
        GuardService { inner, guard: self.guard }
    }

    /// Demands a log-in that is at most so long ago, as `fresh = "…"` does in an attribute.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::guard;
    /// use std::time::Duration;
    ///
    /// let guard = guard::auth().fresh(Duration::from_secs(600));
    /// # let _ = guard;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics when it is less than a second, and on [`anonymous`], which asks for no log-in.
    #[track_caller]
    pub fn fresh(mut self, max_age: Duration) -> Self {
        assert!(
            !matches!(self.guard.demand, Demand::Anonymous { .. }),
            "this guard allows anonymous requests, which have no log-in; write `guard::auth()`"
        );
        assert!(max_age >= Duration::from_secs(1), "no log-in is that recent; give it at least a second");
        Arc::make_mut(&mut self.guard).max_age = Some(max_age);
        self
    }

    /// Asks `next` as well, and tells of answers that differ, as `shadow = …` does in an attribute. What the guard answers
    /// stays the same.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{acl, guard, Acl};
    ///
    /// const FILES: Acl = acl![(Allow, Authenticated, ["read"])];
    /// const FILES_NEXT: Acl = acl![(Allow, Group("staff"), ["read"])];
    ///
    /// let guard = guard::acl("read", FILES).shadow(FILES_NEXT);
    /// # let _ = guard;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics when this is not a guard by a list, or when no rule of `next` mentions the permission: the application then does
    /// not start. A permission that nobody shall have any more is denied to `Everyone` there.
    #[track_caller]
    pub fn shadow(mut self, next: Acl) -> Self {
        let permission = self.permission();
        assert!(
            self.context().is_some() && permission.is_some(),
            "this guard asks no list; a shadow belongs to `guard::acl(…)`"
        );
        if let Some(permission) = permission {
            check::check_shadow_variant(&next, "the shadow", permission);
        }
        Arc::make_mut(&mut self.guard).shadow = Some(next);
        self
    }

    /// Answers 404 to whom the guard refuses.
    ///
    /// On a [`guarded::Router`](crate::guarded::Router), put it on before the routes are added; then the other methods of their
    /// paths answer 404, too. Axum adds `Allow` to any other response to a method that a route does not have.
    pub fn hide(mut self) -> Self {
        Arc::make_mut(&mut self.guard).hide = true;
        self
    }

    /// Answers with what `refusal` makes of a refusal.
    pub fn with_refusal<F, R>(mut self, refusal: F) -> Self
    where
        F: Fn(&Refusal) -> R + Send + Sync + 'static,
        R: IntoResponse,
    {
        Arc::make_mut(&mut self.guard).refusal = Some(Arc::new(move |it| refusal(it).into_response()));
        self
    }
}

impl fmt::Debug for GuardLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardLayer").finish_non_exhaustive()
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = GuardService<S>;

    fn layer(&self, inner: S) -> GuardService<S> {
        GuardService { inner, guard: Arc::clone(&self.guard) }
    }
}

/// The service that [`GuardLayer`] makes.
#[derive(Clone)]
pub struct GuardService<S> {
    inner: S,
    guard: Arc<LayerGuard>,
}

impl<S> GuardService<S> {
    pub(crate) fn into_inner(self) -> (S, GuardLayer) {
        (self.inner, GuardLayer { guard: self.guard })
    }
}

impl<S> fmt::Debug for GuardService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardService").finish_non_exhaustive()
    }
}

impl<S, B> Service<Request<B>> for GuardService<S>
where
    S: Service<Request<B>> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The clone has not been asked whether it is ready; the one that was goes into the future.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let guard = Arc::clone(&self.guard);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            if let Err(response) = guard.enforce(&parts).await {
                return Ok(response);
            }
            inner.call(Request::from_parts(parts, body)).await.map(IntoResponse::into_response)
        })
    }
}

impl LayerGuard {
    async fn enforce(&self, parts: &Parts) -> Result<(), Response> {
        if matches!(self.demand, Demand::Anonymous { .. }) {
            RequestState::note_public(parts);
            return Ok(());
        }
        let state = RequestState::of(parts)?;
        let decision = self.judge(state, parts).await;
        let mut rules = None;
        if let Demand::Acl(permission, context) = &self.demand {
            rules = Some((context, std::iter::once(permission.name())));
            if let Some(next) = &self.shadow {
                shadow::ask_list(state, parts, permission.name(), next, &decision).await;
            }
        }
        let permission = match &self.demand {
            Demand::Anonymous { .. } | Demand::Authenticated => String::new(),
            Demand::Acl(permission, _) | Demand::Permission(permission) => permission.name().to_string(),
            Demand::Scopes(scopes) => scopes.to_string(),
        };
        let (max_age, hide) = (self.max_age, self.hide);
        let terms = Terms { guard: &"layer", permission: &permission, context: "", max_age, hide };
        let Some(kind) = rejection(state, &terms, rules, decision) else { return Ok(()) };
        let own = self.refusal.as_deref().map(|own| own as &dyn Fn(&Refusal) -> Response);
        let lacking = match &self.demand {
            Demand::Scopes(_) => Lacking::scopes(Cow::Owned(permission)),
            _ => Lacking::permission(Cow::Owned(permission)),
        };
        Err(refusal::respond_with(state.config(), kind, parts, lacking, own))
    }

    async fn judge(&self, state: &RequestState, parts: &Parts) -> GuardDecision {
        if let Err(error) = state.identify(parts).await {
            return error.into();
        }
        let facts = state.facts();
        match &self.demand {
            Demand::Anonymous { .. } => GuardDecision::allowed("anonymous"),
            Demand::Authenticated => authenticated(&facts, state.config()).await,
            Demand::Acl(permission, context) => {
                let decision = state.look(|principals| decide(context, permission.name(), principals)).await;
                #[cfg(feature = "rule-hits")]
                if let Ok(decision) = decision
                    && crate::probe::Probe::of(&parts.extensions).is_none()
                {
                    crate::hits::count(context, permission.name(), decision);
                }
                GuardDecision::of_rules(&facts, decision)
            }
            Demand::Permission(permission) => {
                GuardDecision::of_rules(&facts, state.ask_policy(permission.name(), Some(parts)).await)
            }
            Demand::Scopes(wanted) => by_all_scopes(&facts, state.config(), wanted).await,
        }
    }
}
