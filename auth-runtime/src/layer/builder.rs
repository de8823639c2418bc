//! The options of the layer.

use std::{fmt, sync::Arc};

use axum::response::IntoResponse;
use tower_layer::Layer;

use super::{AuthService, Config, SiteData, Unjudged, clear_site_data};
use crate::{
    authorization::{AuthorizationPolicy, GroupSource},
    clock::Clock,
    cross_origin::InvalidOrigin,
    identity::IdentityPolicy,
    local_path::{InvalidLocalPath, LocalPath},
    refusal::{BasePath, LoginPage, Refusal},
    revocation::Revocation,
    users::UserLoader,
    watch::Watches,
};

/// Lets the guards and handlers of a router know who is asking.
///
/// It does nothing by itself: what no guard or handler asks is not found out. Put it around all routes, as the last
/// call on the router. A layer that turns panics into responses belongs inside, that is, before this one: what a handler
/// changed is written on the responses that pass through here.
///
/// A response that depended on the user goes out with `Vary` and, unless the handler has its own
/// `Cache-Control`, with `Cache-Control: private, no-store`, so that neither a shared cache nor the back
/// button shows it after a log-out. With a `Set-Cookie` of this layer a handler's choice that shared caches
/// could use is replaced by the same. For pages that browsers may keep, let the handler say `private,
/// max-age=…`; a layer around this one has the last word.
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
    /// Finds users by this policy; they are in no groups.
    pub fn new(identity: impl IdentityPolicy) -> Self {
        Self::sharing(Arc::new(identity))
    }

    /// Finds users by a policy that others hold, too.
    pub(crate) fn sharing(identity: Arc<dyn IdentityPolicy>) -> Self {
        Self { config: Arc::new(Config::new(identity)) }
    }

    fn with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(Arc::make_mut(&mut self.config));
        self
    }

    /// Says that everything behind the layer has a guard or a reason to have none.
    pub(crate) fn around_guarded_router(self) -> Self {
        self.with(|config| config.unjudged = Unjudged::Impossible)
    }

    /// Withholds every response that no guard has judged: the client gets 500, and the log says at ERROR which route it was
    /// and what to write.
    ///
    /// On axum's own router the compiler does not see a forgotten guard; this finds it at the first request. Judged is a
    /// response once one of these has decided about the request, either way:
    ///
    /// - a guard on the handler, `#[allow_anonymous]` and [`Permit`](crate::guard::Permit) included;
    /// - a [`GuardLayer`](crate::guard::GuardLayer) around it, [`guard::anonymous`](crate::guard::anonymous) included, which is
    ///   for routes and services that are public on purpose;
    /// - the handler, by those methods of [`Auth`](crate::Auth) that reject: `check_authorized`, `check_permission`,
    ///   `check_fresh`, `watch` and its kin. Extractors such as [`UserId`](crate::UserId), and questions such as
    ///   `permits`, do not count;
    /// - a [`PageGate`](crate::gate::PageGate) that answers by itself.
    ///
    /// Three responses without a body, as a router and a CORS layer give them by themselves, are sent all the same as long as
    /// nothing has changed who the user is: 404, 405, and a success to an `OPTIONS` request. Layers inside that answer in other
    /// ways (time limits, size limits) belong outside the `AuthLayer`.
    ///
    /// The default is to send all responses; the layers of the feature `testing`, such as
    /// `testing::acting_as`, withhold them. On a [`guarded::Router`](crate::guarded::Router) it changes nothing, since nothing
    /// there is without a guard or a reason.
    ///
    /// # Security
    ///
    /// The handler has run when its response is withheld. A change of the user's identity is undone, but nothing else that
    /// the handler did. It is a net for mistakes, not a guard; a `guarded::Router` refuses to compile instead.
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

    /// Sends responses that no guard has judged, too, as a layer does that does not [demand guards](Self::demand_guards).
    ///
    /// It is for tests of routes that have no guard on purpose, with the layers of the `testing` module.
    pub fn allow_unguarded(self) -> Self {
        self.with(|config| config.unjudged = Unjudged::Sent)
    }

    /// Asks `groups` for the groups of users. The default is that nobody is in a group.
    pub fn with_groups(self, groups: impl GroupSource) -> Self {
        self.with(|config| config.groups = Some(Arc::new(groups)))
    }

    /// Lets the application's own policy say who an identity is and answer `#[permission_required(…)]`.
    ///
    /// The default takes identities for user ids, and answers `#[permission_required(…)]` with 500 and a line in the
    /// log.
    pub fn with_policy(self, policy: impl AuthorizationPolicy) -> Self {
        self.with(|config| config.authorization = Some(Arc::new(policy)))
    }

    /// Refuses credentials that are on this list, and lets `Auth::log_out_everywhere` add to it. The default is that a
    /// credential is valid until it expires, unless its policy keeps it in a store.
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

    /// Loads the application's own users: for handlers that take a [`CurrentUser`](crate::CurrentUser), and so that
    /// no guard lets somebody pass who no longer exists. See [`users`](crate::users).
    ///
    /// The default is that whoever has a valid credential is a user.
    pub fn with_users(self, users: impl UserLoader) -> Self {
        self.with(|config| config.users = Some(Arc::new(users)))
    }

    /// Says how often [watches](crate::watch) of long-lived streams ask again, and lets the application tell them to. The default
    /// is every 30 seconds, and at once when something is revoked or a handler logs the user out.
    pub fn with_watches(self, watches: Watches) -> Self {
        self.with(|config| {
            if let Some(revocation) = &config.revocation {
                watches.listen_to(&**revocation);
            }
            config.watches = watches;
        })
    }

    /// Reads the time from `clock`. The default is the [`SystemClock`](crate::clock::SystemClock).
    pub fn with_clock(self, clock: impl Clock) -> Self {
        self.with(|config| config.clock = Arc::new(clock))
    }

    /// Asks browsers at every log-out to delete this data of the site, by `Clear-Site-Data`. The default is
    /// to delete the credential only.
    ///
    /// The header goes out when [`Auth::forget`](crate::Auth::forget) or
    /// [`Auth::log_out_everywhere`](crate::Auth::log_out_everywhere) succeeded and no log-in followed in the
    /// same request; never when the log-out failed or was rejected. Browsers obey it over https only, and
    /// some take a second or longer to delete the cache.
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
        let value = clear_site_data::value(kinds);
        self.with(|config| config.clear_site_data = value)
    }

    /// Sends people who are not logged in to `path`, with the way back in the query parameter `next`.
    ///
    /// Only navigations are sent there (GET and HEAD that prefer HTML), by 303; anything else still gets 401. The
    /// default is to send nobody anywhere.
    ///
    /// The log-in page is public: mark its handler with `#[allow_anonymous]`. A guard that stands before it answers
    /// 401 instead of redirecting to the same page, and the log names the route.
    pub fn with_login_page(self, path: LocalPath) -> Self {
        self.with(|config| config.login_page = Some(LoginPage::new(path, "next")))
    }

    /// Sends people to the log-in page as [`with_login_page`](Self::with_login_page) does, under another name for the
    /// query parameter.
    pub fn with_login_page_and_parameter(self, path: LocalPath, parameter: &'static str) -> Self {
        self.with(|config| config.login_page = Some(LoginPage::new(path, parameter)))
    }

    /// Sets the path under which the public reaches the application, behind a proxy that strips this prefix. The default
    /// is `/`: nothing is stripped.
    ///
    /// With `/app`, a request that the proxy passes on as `/orders` was `/app/orders` for the browser. Redirects to the
    /// log-in page and to the main page of a [`PageGate`](crate::gate::PageGate), and the post-login redirect target
    /// ([`Refusal::return_path`]), then start with `/app`.
    ///
    /// Paths that the application writes for this crate stay those of its router: the log-in page, the pages and
    /// patterns of a gate, the routes of the [access table](crate::access). The redirects of handlers, and the `Path` of a
    /// cookie (`with_path` of its policy; by default `/`), are read by browsers and have the prefix in them.
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
    /// Fails when it is not a [`LocalPath`], has a query, or ends with `/` (alone, `/` is the default).
    ///
    /// # Security
    ///
    /// Headers such as `X-Forwarded-Prefix` are never read: a client can send them too.
    pub fn with_base_path(mut self, path: &str) -> Result<Self, InvalidLocalPath> {
        Arc::make_mut(&mut self.config).base_path = BasePath::parse(path)?;
        Ok(self)
    }

    /// Answers refusals with what `render` makes of them, where no router or guard has its own way.
    pub fn with_refusal<F, R>(self, render: F) -> Self
    where
        F: Fn(&Refusal) -> R + Send + Sync + 'static,
        R: IntoResponse,
    {
        self.with(|config| config.render = Some(Arc::new(move |refusal| render(refusal).into_response())))
    }

    /// Names the missing permission in problem details. The default is to keep the application's vocabulary to itself.
    pub fn with_disclosed_permissions(self) -> Self {
        self.with(|config| config.discloses_permissions = true)
    }

    /// Takes unsafe requests from this origin for the user's own. It is a scheme and a host, with a port where the
    /// scheme's own is not meant: `https://app.example.com`, `tauri://localhost`, `capacitor://localhost`,
    /// `chrome-extension://…`.
    ///
    /// # Errors
    ///
    /// Fails when the text is not an origin: `null`, one with a path, a query, a user name or a wildcard, and an
    /// international host name that is not written as `xn--…`.
    pub fn with_trusted_origin(mut self, origin: &str) -> Result<Self, InvalidOrigin> {
        Arc::make_mut(&mut self.config).origins.trust(origin)?;
        Ok(self)
    }

    /// Takes unsafe requests from every origin for the user's own.
    ///
    /// # Security
    ///
    /// Any site can then make a visitor's browser do whatever the visitor may do here. Only an application that
    /// defends itself by other means, such as a token in each form, may switch this on.
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
        AuthService::new(inner, self)
    }
}
