//! Configures the page gate: [`PageGate`].

use std::{fmt, sync::Arc};

use axum::{handler::Handler, routing::get};
use tower_layer::Layer;

use super::{
    check_normal_path::is_normal_path,
    page_responder::{PageInPlace, PageResponder},
    page_service::PageService,
    path_patterns::PathPatterns,
};
use crate::{local_path::LocalPath, refusal::LoginRedirect};

/// Shows visitors the log-in page, the main page, or the page that they requested.
///
/// [The module](crate::gate) has the table. Add this layer to the routes by `Router::layer`, after the last
/// route and the fallback, and an [`AuthLayer`](crate::AuthLayer) around it; without one, every response is
/// 500, and an error is logged. A CORS layer belongs outside of both: it responds to preflights, which carry
/// no credential. Clones share their patterns.
///
/// # Example
///
/// ```
/// use auth_runtime::{
///     allow_anonymous, auth_required,
///     gate::PageGate,
///     guarded::{get, App, Router},
///     AuthLayer, KeyRing, LocalPath, TicketCookie, UserId,
/// };
/// # use axum::{body::Body, http::{header, Request, StatusCode}};
/// # use tower::ServiceExt;
///
/// #[allow_anonymous(reason = "users log in here")]
/// async fn login_page() -> &'static str {
///     "a form"
/// }
///
/// #[auth_required]
/// async fn main_page(user: UserId) -> String {
///     format!("hello {user}")
/// }
///
/// #[auth_required]
/// async fn orders() -> &'static str {
///     "[]"
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let gate = PageGate::new(LocalPath::from_static("/login"), LocalPath::from_static("/"))
///     .with_public(["/assets/{*path}", "/about"])
///     .with_protected(["/api/{*path}"]);
///
/// let app: App = Router::new()
///     .route("/login", get(login_page))
///     .route("/", get(main_page))
///     .route("/api/orders", get(orders))
///     .layer(gate)
///     .with_auth(AuthLayer::new(TicketCookie::new(KeyRing::random())));
/// # let browser = |path| Request::get(path).header(header::ACCEPT, "text/html").body(Body::empty()).unwrap();
///
/// // A visitor who is not signed in is sent to log in, whether there is such a page or not, and comes back to it.
/// let answer = app.clone().oneshot(browser("/settings")).await.unwrap();
/// assert_eq!(answer.status(), StatusCode::SEE_OTHER);
/// assert_eq!(answer.headers()[header::LOCATION], "/login?next=%2Fsettings");
///
/// // The API never returns a page.
/// let answer = app.clone().oneshot(browser("/api/orders")).await.unwrap();
/// assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
/// assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
/// # }
/// ```
///
/// # Security
///
/// It applies to the routes that the router has at that moment: a route that is added later is not behind it.
/// [The module](crate::gate#security) lists what it protects, and what it does not.
#[derive(Clone)]
#[must_use]
pub struct PageGate {
    gate: Arc<Gate>,
}

/// The configuration of a gate.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) pages: PageResponder,
    pub(super) protected: PathPatterns,
    pub(super) public: PathPatterns,
}

impl PageGate {
    /// Redirects visitors to the log-in page or to the main page, with 303.
    ///
    /// The query parameter `next` of the log-in page contains the requested page, if that is a valid redirect
    /// target: a [`LocalPath`]. The router must have both pages, and the log-in page must be public.
    ///
    /// # Panics
    ///
    /// Panics if one of the paths is not in normal form, since the gate rejects such paths: the application
    /// then does not start.
    #[track_caller]
    pub fn new(login: LocalPath, main: LocalPath) -> Self {
        let pages = [login.path(), main.path()];
        assert!(
            pages.iter().all(|page| is_normal_path(page.as_bytes())),
            "the log-in page or the main page is at a path that is refused; write it without `;`, and with no more escapes \
             than it needs"
        );
        let (protected, public) = (PathPatterns::except(pages), PathPatterns::except([]));
        Self { gate: Arc::new(Gate { pages: PageResponder::new(login, main), protected, public }) }
    }

    fn with_pages(mut self, change: impl FnOnce(&mut PageResponder)) -> Self {
        change(&mut Arc::make_mut(&mut self.gate).pages);
        self
    }

    /// Sets the name of the query parameter with the return path; the default is `next`.
    ///
    /// By this parameter the gate detects that a guard has redirected a signed-in user to the log-in page
    /// because their last log-in is too old, and does not redirect them on to the main page. The name that
    /// guards use, set by [`AuthLayer::with_login_page_and_parameter`], counts as well; use one name for
    /// both.
    ///
    /// [`AuthLayer::with_login_page_and_parameter`]: crate::AuthLayer::with_login_page_and_parameter
    pub fn with_return_parameter(self, parameter: &'static str) -> Self {
        self.with_pages(|pages| {
            let path = pages.login.path().clone();
            pages.login = LoginRedirect::new(path, parameter);
        })
    }

    /// Serves the log-in page in place of the requested page, instead of redirecting visitors to it.
    ///
    /// At its own path its status is the handler's. Elsewhere it is 401 if the handler returns 200, with the
    /// challenges of the identity policy. It is never cached: it is sent with `Cache-Control: no-store`
    /// regardless of the handler, with `Vary` for the headers that were read, and without validators; and the
    /// handler does not see validators and ranges that belong to another page. For a service, such as a file,
    /// use `get_service(service)`.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{LocalPath, gate::PageGate};
    /// use axum::response::Html;
    ///
    /// async fn app() -> Html<&'static str> {
    ///     Html("<!doctype html><script src=/assets/app.js></script>")
    /// }
    ///
    /// let gate = PageGate::new(LocalPath::from_static("/login"), LocalPath::root())
    ///     .with_login_page_in_place(app)
    ///     .with_main_page_in_place(app)
    ///     .with_public(["/assets/{*path}"]);
    /// # let _ = gate;
    /// ```
    ///
    /// # Security
    ///
    /// It is public. The table of a [`guarded::Router`](crate::guarded::Router) does not contain it.
    pub fn with_login_page_in_place<H: Handler<T, ()>, T: 'static>(self, page: H) -> Self {
        self.with_pages(|pages| pages.login_in_place = Some(PageInPlace::new(get(page))))
    }

    /// Serves the main page in place of the log-in page and of missing pages, instead of redirecting visitors
    /// to it.
    ///
    /// Its status is the handler's. It is not cached, like
    /// [`with_login_page_in_place`](Self::with_login_page_in_place).
    ///
    /// # Security
    ///
    /// It is shown to every signed-in user. A guard on the handler applies. The table of a
    /// [`guarded::Router`](crate::guarded::Router) does not contain it.
    pub fn with_main_page_in_place<H: Handler<T, ()>, T: 'static>(self, page: H) -> Self {
        self.with_pages(|pages| pages.main_in_place = Some(PageInPlace::new(get(page))))
    }

    /// Leaves these paths to the router: the visitor is not resolved, so responses may be cached, and a
    /// missing page stays 404.
    ///
    /// # Panics
    ///
    /// Panics if one of them is not a [pattern](PathPatterns): the application then does not start.
    #[track_caller]
    pub fn with_public<T: AsRef<str>>(self, patterns: impl IntoIterator<Item = T>) -> Self {
        add_all(&self.gate.public, patterns);
        self
    }

    /// Protects these paths as those of an API, with any method: 401 for anonymous requests, and 403 for
    /// blocked or disabled users. Others get the router's response. Rejections are problem details there,
    /// including those of guards, and nothing is redirected to the log-in page. A path that is public as well
    /// is protected.
    ///
    /// # Panics
    ///
    /// Panics if one of them is not a [pattern](PathPatterns), or matches the log-in page or the main page:
    /// the application then does not start.
    #[track_caller]
    pub fn with_protected<T: AsRef<str>>(self, patterns: impl IntoIterator<Item = T>) -> Self {
        add_all(&self.gate.protected, patterns);
        self
    }

    /// Returns the patterns of public paths, which can be changed while the application runs.
    #[must_use]
    pub fn public(&self) -> PathPatterns {
        self.gate.public.clone()
    }

    /// Returns the patterns of protected paths, which can be changed while the application runs.
    #[must_use]
    pub fn protected(&self) -> PathPatterns {
        self.gate.protected.clone()
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "documented; an application that cannot be set up does not start")]
fn add_all<T: AsRef<str>>(patterns: &PathPatterns, texts: impl IntoIterator<Item = T>) {
    if let Err(error) = patterns.add_all(texts) {
        panic!("{error}");
    }
}

impl fmt::Debug for PageGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageGate")
            .field("login", self.gate.pages.login.path())
            .field("main", &self.gate.pages.main)
            .field("public", &self.gate.public)
            .field("protected", &self.gate.protected)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for PageGate {
    type Service = PageService<S>;

    fn layer(&self, inner: S) -> PageService<S> {
        PageService::new(inner, Arc::clone(&self.gate))
    }
}
