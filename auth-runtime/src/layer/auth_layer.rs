//! Configures authentication for a router: [`AuthLayer`].

use std::{fmt, sync::Arc};

use auth_acl::__private::Words;
use axum::response::IntoResponse;
use tower_layer::Layer;

use super::AuthService;
#[cfg(feature = "overlay")]
use crate::acl::Acl;
use crate::{
    Answer, BoxError,
    acl::Condition,
    authorization::{AuthorizationPolicy, GroupSource},
    clock::Clock,
    conditions::{ConditionQuestion, Tenant},
    config::{Config, InstalledPolicy, SiteData, Unjudged, clear_site_data},
    cross_site_requests::InvalidOrigin,
    identity::{IdentityPolicy, client_address::ClientAddress},
    local_path::{InvalidLocalPath, LocalPath},
    refusal::{BasePath, Language, LoginRedirect, Refusal},
    revocation::Revocation,
    users::UserLoader,
    watch::Watches,
};

/// Provides guards and handlers of a router with the user of the request.
///
/// It resolves nothing by itself, only what a guard or handler asks for. Add it around all routes, as the
/// last call on the router. A layer that turns panics into responses belongs inside, that is, before this
/// one: changes of a handler are written to the responses that pass through here.
///
/// A response that depended on the user gets `Vary` and, unless the handler has set `Cache-Control` itself,
/// `Cache-Control: private, no-store`, so that neither a shared cache nor the back button shows it after a
/// log-out. If this layer adds a `Set-Cookie`, a handler's choice that would allow shared caching is replaced
/// by the same. For pages that browsers may cache, set `private, max-age=…` in the handler; a layer around
/// this one can override it.
///
/// # Example
///
/// ```
/// use auth_runtime::{auth_required, AuthLayer, Groups, KeyRing, TicketCookie, UserId};
/// use axum::{Router, routing::get};
///
/// #[auth_required]
/// async fn profile(user: UserId) -> String {
///     format!("hello {user}")
/// }
///
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random()))
///     .with_groups(|user: Option<UserId>| async move {
///         let _ = user; // a look-up
///         Ok(Some(Groups::from(["editors"])))
///     });
///
/// let app: Router = Router::new().route("/profile", get(profile)).layer(auth);
/// ```
#[derive(Clone)]
#[must_use]
pub struct AuthLayer {
    pub(super) config: Arc<Config>,
}

impl AuthLayer {
    /// Resolves users by this policy; they are in no groups.
    pub fn new(identity: impl IdentityPolicy) -> Self {
        Self::sharing(Arc::new(identity))
    }

    /// Resolves users by a policy that is shared.
    pub(crate) fn sharing(identity: Arc<dyn IdentityPolicy>) -> Self {
        Self { config: Arc::new(Config::new(identity)) }
    }

    fn with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(Arc::make_mut(&mut self.config));
        self
    }

    /// Records that everything inside the layer has a guard or a stated reason.
    pub(crate) fn around_guarded_router(self) -> Self {
        self.with(|config| config.unjudged = Unjudged::Impossible)
    }

    /// Returns the permissions that the policy answers for, if there is one.
    pub(crate) fn policy_words(&self) -> Option<Words> {
        self.config.authorization.as_ref().map(InstalledPolicy::words)
    }

    /// Returns whether the overlay reads those that a list declares; a layer without an overlay reads none on
    /// purpose.
    #[cfg(feature = "overlay")]
    pub(crate) fn covers_overlay(&self, list: &Acl) -> bool {
        self.config.overlay.as_ref().is_none_or(|overlay| overlay.covers(list))
    }

    /// Withholds every response that no guard has decided about: the client gets 500, and an ERROR event
    /// names the route and what to write.
    ///
    /// On axum's own router the compiler cannot detect a forgotten guard; this detects it at the first
    /// request. One of these has to decide about the request, either way:
    ///
    /// - a guard on the handler, `#[allow_anonymous]` and [`Permit`](crate::guard::Permit) included;
    /// - a [`GuardLayer`](crate::guard::GuardLayer) around it, [`guard::anonymous!`](crate::guard::anonymous) included, which is
    ///   for routes and services that are public on purpose;
    /// - the handler, by those methods of [`Auth`](crate::Auth) that reject: `check_authorized`, `check_permission`,
    ///   `check_fresh`, `watch` and its kin. Extractors such as [`UserId`](crate::UserId), and questions such as
    ///   `permits`, do not count;
    /// - a [`PageGate`](crate::gate::PageGate) that responds by itself.
    ///
    /// Three responses without a body that a router and a CORS layer generate by themselves are sent all the
    /// same, unless the identity was changed: 404, 405, and a success to an `OPTIONS` request. Layers that
    /// respond in other cases (timeouts, size limits) belong outside the `AuthLayer`.
    ///
    /// By default all responses are sent; the layers of the feature `testing`, such as `testing::acting_as`,
    /// withhold them. On a [`guarded::Router`](crate::guarded::Router) it has no effect, since everything
    /// there has a guard or a reason.
    ///
    /// # Security
    ///
    /// The handler has already run when its response is withheld. A change of the user's identity is rolled
    /// back, but nothing else. This is a safety net, not a guard; with a `guarded::Router` the mistake does
    /// not compile.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{AuthLayer, KeyRing, TicketCookie, auth_required};
    /// use axum::{Router, body::Body, http::{Request, StatusCode}, routing::get};
    /// use tower::ServiceExt;
    ///
    /// #[auth_required]
    /// async fn profile() {}
    ///
    /// async fn invoices() -> &'static str {
    ///     "all invoices" // a guard was forgotten
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let app: Router = Router::new()
    ///     .route("/profile", get(profile))
    ///     .route("/invoices", get(invoices))
    ///     .layer(AuthLayer::new(TicketCookie::new(KeyRing::random())).demand_guards());
    ///
    /// let request = Request::get("/invoices").body(Body::empty()).unwrap();
    /// assert_eq!(app.oneshot(request).await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
    /// # }
    /// ```
    pub fn demand_guards(self) -> Self {
        self.with(|config| config.unjudged = Unjudged::Withheld)
    }

    /// Sends responses that no guard has decided about, like a layer that does not [demand
    /// guards](Self::demand_guards).
    ///
    /// It is for tests of routes that have no guard on purpose, with the layers of the `testing` module.
    pub fn allow_unguarded(self) -> Self {
        self.with(|config| config.unjudged = Unjudged::Sent)
    }

    /// Asks `groups` for the groups of users. By default users are in no groups.
    pub fn with_groups(self, groups: impl GroupSource) -> Self {
        self.with(|config| config.groups = Some(Arc::new(groups)))
    }

    /// Lets the application's own policy map identities to users and decide about
    /// `#[permission_required(…)]`.
    ///
    /// By default an identity is the user's id. A `guarded::Router` with `#[permission_required(…)]` does not start
    /// without a policy, nor with one that answers for permissions of another enum; on axum's router the guard
    /// responds with 500 and logs an error.
    pub fn with_policy(self, policy: impl AuthorizationPolicy) -> Self {
        self.with(|config| config.authorization = Some(InstalledPolicy::new(policy)))
    }

    /// Answers a condition that the application declares by [`Condition::custom`], by this function. See
    /// [`conditions`](crate::conditions).
    ///
    /// The function runs if a decision depends on the condition, at most once per request. Its error leads to 503, and
    /// is logged.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Answer, AuthLayer, Condition, KeyRing, TicketCookie};
    /// use auth_runtime::conditions::ConditionQuestion;
    ///
    /// const FROM_INTRANET: Condition = Condition::custom("from-intranet");
    ///
    /// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_condition(
    ///     FROM_INTRANET,
    ///     |question: ConditionQuestion<'_>| {
    ///         let host = question.request().headers().get("host");
    ///         Answer::Now(Ok(host.is_some_and(|host| host == "intranet.example")))
    ///     },
    /// );
    /// # let _ = auth;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the condition is bound already, or is not the application's own: the application then does not start.
    #[track_caller]
    pub fn with_condition<F>(mut self, condition: Condition, answer: F) -> Self
    where
        F: for<'a> Fn(ConditionQuestion<'a>) -> Answer<'a, Result<bool, BoxError>> + Send + Sync + 'static,
    {
        Arc::make_mut(&mut self.config).conditions.bind(condition, Arc::new(answer));
        self
    }

    /// Tells the tenant of a user, for rules with the condition [`TENANT`](crate::TENANT).
    ///
    /// `None` is a user without a tenant. The function runs if a decision depends on the tenant, at most once per
    /// request. Its error leads to 503, and is logged.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Answer, AuthLayer, KeyRing, TicketCookie, UserId};
    /// use auth_runtime::conditions::{ConditionQuestion, Tenant};
    ///
    /// struct Person {
    ///     company: i64,
    /// }
    ///
    /// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random()))
    ///     .with_users(|_user: UserId| async move { Ok(Some(Person { company: 7 })) })
    ///     .with_tenants(|question: ConditionQuestion<'_>| {
    ///         Answer::Now(Ok(question.loaded_user::<Person>().map(|person| Tenant::from(person.company))))
    ///     });
    /// # let _ = auth;
    /// ```
    pub fn with_tenants<F>(self, tenants: F) -> Self
    where
        F: for<'a> Fn(ConditionQuestion<'a>) -> Answer<'a, Result<Option<Tenant>, BoxError>>
            + Send
            + Sync
            + 'static,
    {
        self.with(|config| config.conditions.bind_tenants(Arc::new(tenants)))
    }

    /// Determines the client's address for conditions about networks ([`Condition::network`]). The default is the peer
    /// address of the connection, which behind a proxy is that of the proxy.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{AuthLayer, KeyRing, TicketCookie, identity::client_address::ClientAddress};
    ///
    /// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random()))
    ///     .with_client_address(ClientAddress::behind(["10.0.0.0/8"])?);
    /// # let _ = auth;
    /// # Ok::<(), auth_runtime::identity::client_address::InvalidProxies>(())
    /// ```
    ///
    /// # Security
    ///
    /// Networks are compared with the whole address; [`ClientAddress::with_prefixes`] has no effect here.
    pub fn with_client_address(self, address: ClientAddress) -> Self {
        self.with(|config| config.conditions.address = address)
    }

    /// Returns what to write if the layer cannot answer a condition.
    pub(crate) fn condition_problem(&self, condition: &Condition) -> Option<String> {
        self.config.conditions.problem(condition)
    }

    /// Rejects credentials that are on this revocation list, and lets `Auth::log_out_everywhere` add to it.
    /// By default a credential is valid until it expires, unless its policy keeps it in a store.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{AuthLayer, KeyRing, TicketCookie, revocation::MemoryRevocation};
    ///
    /// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_revocation(MemoryRevocation::new());
    /// # let _ = auth;
    /// ```
    pub fn with_revocation(self, revocation: impl Revocation) -> Self {
        self.with(|config| {
            config.watches.listen_to(&revocation);
            config.revocation = Some(Arc::new(revocation));
        })
    }

    /// Loads the application's own users: for handlers that take a [`CurrentUser`](crate::CurrentUser), and
    /// so that guards reject deleted users. See [`users`](crate::users).
    ///
    /// By default every valid credential belongs to a user.
    pub fn with_users(self, users: impl UserLoader) -> Self {
        self.with(|config| config.users = Some(Arc::new(users)))
    }

    /// Sets how often [watches](crate::watch) of long-lived streams repeat their question, and lets the
    /// application trigger them. By default they do so every 30 seconds, and immediately after a revocation
    /// or a log-out by a handler.
    pub fn with_watches(self, watches: Watches) -> Self {
        self.with(|config| {
            if let Some(revocation) = &config.revocation {
                watches.listen_to(&**revocation);
            }
            #[cfg(feature = "overlay")]
            if let Some(overlay) = &config.overlay {
                watches.listen_to_overlay(overlay);
            }
            config.watches = watches;
        })
    }

    /// Evaluates the rules of an overlay before those of the lists that declare it, and repeats the decisions
    /// of [watches](crate::watch) when they change. By default the constant lists alone decide.
    ///
    /// # Example
    ///
    /// See [`Overlay`](crate::overlay::Overlay).
    #[cfg(feature = "overlay")]
    pub fn with_overlay(self, overlay: crate::overlay::Overlay) -> Self {
        self.with(|config| {
            config.watches.listen_to_overlay(&overlay);
            config.overlay = Some(overlay);
        })
    }

    /// Limits attempts to log in, which `Auth::begin_log_in` counts, and requests to routes with a limit. By default
    /// there are no limits. See [`throttle`](crate::throttle).
    ///
    /// Credentials that every request carries have a limit of their own:
    /// [`Basic::with_throttle`](crate::Basic::with_throttle), [`ApiKey::with_throttle`](crate::ApiKey::with_throttle).
    #[cfg(feature = "throttle")]
    pub fn with_throttle(self, throttle: crate::throttle::Throttle) -> Self {
        self.with(|config| config.throttle = Some(throttle))
    }

    /// Demands CSRF tokens, for applications with old browsers: see [`csrf`](crate::csrf). By default cross-site requests
    /// are recognized by `Sec-Fetch-Site` and `Origin` only, which every browser since 2020 sends.
    ///
    /// Requests that use the user or the session of a cookie and may change something then need a token, and so do log-ins
    /// and log-outs.
    #[cfg(feature = "csrf")]
    pub fn with_csrf_tokens(self, tokens: crate::csrf::CsrfTokens) -> Self {
        self.with(|config| config.csrf = Some(Arc::new(tokens)))
    }

    /// Reads the time from `clock`. The default is the [`SystemClock`](crate::clock::SystemClock).
    pub fn with_clock(self, clock: impl Clock) -> Self {
        self.with(|config| config.clock = Arc::new(clock))
    }

    /// Sends `Clear-Site-Data` at every log-out, so that browsers delete this data of the site. By default
    /// only the credential is deleted.
    ///
    /// The header is sent if [`Auth::forget`](crate::Auth::forget) or
    /// [`Auth::log_out_everywhere`](crate::Auth::log_out_everywhere) succeeded and no log-in followed in the
    /// same request; never if the log-out failed or was rejected. Browsers honor it over https only, and some
    /// take a second or longer to delete the cache.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{AuthLayer, KeyRing, SiteData, TicketCookie};
    ///
    /// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random()))
    ///     .with_clear_site_data([SiteData::Cache, SiteData::Storage]);
    /// # let _ = auth;
    /// ```
    pub fn with_clear_site_data(self, kinds: impl IntoIterator<Item = SiteData>) -> Self {
        let value = clear_site_data(kinds);
        self.with(|config| config.clear_site_data = value)
    }

    /// Redirects anonymous visitors to the log-in page at `path`, with the way back in the query parameter
    /// `next`.
    ///
    /// Only navigations are redirected (GET and HEAD that prefer HTML), with 303; anything else still gets
    /// 401. That of a request by htmx has `HX-Redirect` with the way back to its page. By default nothing is
    /// redirected.
    ///
    /// The log-in page must be public: mark its handler with `#[allow_anonymous]`. A guard on it responds
    /// with 401 instead of redirecting to the same page (a loop), and the log names the route.
    ///
    /// # Panics
    ///
    /// Panics if the path is text and not a path on this site: the application then does not start.
    #[track_caller]
    pub fn with_login_page(self, path: impl TryInto<LocalPath, Error: fmt::Display>) -> Self {
        let page = LoginRedirect::new(local(path), "next");
        self.with(|config| config.login_page = Some(page))
    }

    /// Redirects to the log-in page as [`with_login_page`](Self::with_login_page) does, with another name for
    /// the query parameter.
    ///
    /// # Panics
    ///
    /// Panics as `with_login_page` does.
    #[track_caller]
    pub fn with_login_page_and_parameter(
        self,
        path: impl TryInto<LocalPath, Error: fmt::Display>,
        parameter: &'static str,
    ) -> Self {
        let page = LoginRedirect::new(local(path), parameter);
        self.with(|config| config.login_page = Some(page))
    }

    /// Sets the path prefix under which a reverse proxy that strips it exposes the application. The default
    /// is `/`: nothing is stripped.
    ///
    /// With `/app`, a request that the proxy forwards as `/orders` was `/app/orders` for the browser.
    /// Redirects to the log-in page and to the main page of a [`PageGate`](crate::gate::PageGate), and the
    /// post-login redirect target ([`Refusal::return_path`]), then start with `/app`.
    ///
    /// Paths in the configuration of this crate remain those of the router: the log-in page, the pages and
    /// patterns of a gate, the routes of the [access table](crate::access). The redirects of handlers, and
    /// the `Path` of a cookie (`with_path` of its policy; by default `/`), are interpreted by browsers and
    /// must include the prefix.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{AuthLayer, KeyRing, LocalPath, TicketCookie};
    ///
    /// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random()))
    ///     .with_login_page(LocalPath::from_static("/login")) // the route; browsers are sent to `/app/login`
    ///     .with_base_path("/app")?;
    /// # let _ = auth;
    /// # Ok::<(), auth_runtime::local_path::InvalidLocalPath>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if it is not a [`LocalPath`], has a query, or ends with `/` (except `/` itself, the default).
    ///
    /// # Security
    ///
    /// Headers such as `X-Forwarded-Prefix` are never read: a client can send them, too.
    pub fn with_base_path(mut self, path: &str) -> Result<Self, InvalidLocalPath> {
        Arc::make_mut(&mut self.config).base_path = BasePath::parse(path)?;
        Ok(self)
    }

    /// Renders rejections with `render`, unless a router or guard has its own renderer.
    pub fn with_refusal<F, R>(self, render: F) -> Self
    where
        F: Fn(&Refusal) -> R + Send + Sync + 'static,
        R: IntoResponse,
    {
        self.with(|config| config.render = Some(Arc::new(move |refusal| render(refusal).into_response())))
    }

    /// Writes default pages in the language that the client prefers (`Accept-Language`), and sends `Vary`. The first
    /// language is used if the client accepts none of them. By default pages are in English.
    ///
    /// Problem details stay in English, since programs read them.
    ///
    /// # Example
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use auth_runtime::{AuthLayer, KeyRing, TicketCookie, refusal::{English, French, German, Language, Spanish}};
    ///
    /// let languages: [Arc<dyn Language>; 4] = [Arc::new(English), Arc::new(French), Arc::new(German), Arc::new(Spanish)];
    /// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_languages(languages);
    /// # let _ = auth;
    /// ```
    pub fn with_languages(self, languages: impl IntoIterator<Item = Arc<dyn Language>>) -> Self {
        let languages = languages.into_iter().collect();
        self.with(|config| config.languages = languages)
    }

    /// Includes the missing permission in problem details. By default permission names are not disclosed.
    pub fn with_disclosed_permissions(self) -> Self {
        self.with(|config| config.discloses_permissions = true)
    }

    /// Accepts unsafe cross-site requests from this origin (an exception to the CSRF defence). An origin is a
    /// scheme and a host, with the port unless it is the scheme's default: `https://app.example.com`,
    /// `tauri://localhost`, `capacitor://localhost`, `chrome-extension://…`.
    ///
    /// # Errors
    ///
    /// Fails if the text is not an origin: `null`, one with a path, a query, a user name or a wildcard, and
    /// an international host name that is not written as `xn--…`.
    pub fn with_trusted_origin(mut self, origin: &str) -> Result<Self, InvalidOrigin> {
        Arc::make_mut(&mut self.config).origins.trust(origin)?;
        Ok(self)
    }

    /// Accepts unsafe cross-site requests from every origin (switches the CSRF defence off).
    ///
    /// # Security
    ///
    /// Any site can then make a visitor's browser do anything that the visitor may do here. Use it only if
    /// the application has another CSRF defence, such as a token in each form.
    pub fn with_insecure_cross_origin_requests(self) -> Self {
        self.with(|config| config.origins.trust_all())
    }
}

impl fmt::Debug for AuthLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthLayer").finish_non_exhaustive()
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> AuthService<S> {
        AuthService { inner, auth: self.clone() }
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "documented: an application with another log-in page does not start")]
fn local(path: impl TryInto<LocalPath, Error: fmt::Display>) -> LocalPath {
    path.try_into().unwrap_or_else(|error| panic!("{error}"))
}
