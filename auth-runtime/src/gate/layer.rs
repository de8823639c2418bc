//! The options of the gate.

use std::{fmt, sync::Arc};

use axum::{handler::Handler, routing::get};
use tower_layer::Layer;

use super::{
    page::{InPlace, Pages},
    patterns::PathPatterns,
    service::PageService,
};
use crate::{local_path::LocalPath, refusal::LoginPage};

/// Shows visitors the page that is theirs: the log-in page or the main page, see [the table](self#).
///
/// It is a layer: put it around the routes by `Router::layer`, behind the last route and the fallback, and the
/// [`AuthLayer`](crate::AuthLayer) around it. A layer for CORS belongs outside of both, so that it answers preflights, which
/// carry no credential. Clones share the patterns.
///
/// # Example
///
/// ```
/// use auth_runtime::{allow_anonymous, auth_required, gate::PageGate, AuthLayer, KeyRing, LocalPath, TicketCookie, UserId};
/// use auth_runtime::guarded::{get, Router};
/// # use axum::{body::Body, http::{header, Request, StatusCode}};
/// # use tower::ServiceExt;
///
/// #[allow_anonymous(reason = "whoever logs in is not logged in yet")]
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
/// let gate = PageGate::new(LocalPath::from_static("/login"), LocalPath::from_static("/"))
///     .with_public(["/assets/{*path}", "/about"])
///     .with_protected(["/api/{*path}"]);
///
/// let app: axum::Router = Router::new()
///     .route("/login", get(login_page))
///     .route("/", get(main_page))
///     .route("/api/orders", get(orders))
///     .layer(gate)
///     .with_auth(AuthLayer::new(TicketCookie::new(KeyRing::random())));
/// # #[tokio::main(flavor = "current_thread")] async fn main_of_this(app: axum::Router) {
/// # let browser = |path| Request::get(path).header(header::ACCEPT, "text/html").body(Body::empty()).unwrap();
///
/// // A visitor who is not signed in is sent to log in, whether there is such a page or not, and comes back to it.
/// let answer = app.clone().oneshot(browser("/settings")).await.unwrap();
/// assert_eq!(answer.status(), StatusCode::SEE_OTHER);
/// assert_eq!(answer.headers()[header::LOCATION], "/login?next=%2Fsettings");
///
/// // Nobody gets a page from the API.
/// let answer = app.clone().oneshot(browser("/api/orders")).await.unwrap();
/// assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
/// assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
/// # }
/// # main_of_this(app);
/// ```
///
/// # Security
///
/// See [the module](self#security).
#[derive(Clone)]
#[must_use]
pub struct PageGate {
    gate: Arc<Gate>,
}

/// What a gate was told.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) pages: Pages,
    pub(super) protected: PathPatterns,
    pub(super) public: PathPatterns,
}

impl PageGate {
    /// Sends visitors to the log-in page or to the main page, by 303.
    ///
    /// To the log-in page goes, in the query parameter `next`, the path that was asked for, where it is one to come back to:
    /// [`LocalPath`] has the rules. Both pages are served by the router; what there stands before the log-in page must let everybody pass.
    pub fn new(login: LocalPath, main: LocalPath) -> Self {
        let (protected, public) = (PathPatterns::new(), PathPatterns::new());
        Self { gate: Arc::new(Gate { pages: Pages::new(login, main), protected, public }) }
    }

    fn with_pages(mut self, change: impl FnOnce(&mut Pages)) -> Self {
        change(&mut Arc::make_mut(&mut self.gate).pages);
        self
    }

    /// Calls the query parameter with the way back by another name than `next`.
    ///
    /// It must be the name that guards use, that is [`AuthLayer::with_login_page_and_parameter`]. By it the gate sees that a
    /// guard sent somebody to the log-in page who is signed in, because their last log-in was too long ago, and does not send
    /// them on to the main page.
    ///
    /// [`AuthLayer::with_login_page_and_parameter`]: crate::AuthLayer::with_login_page_and_parameter
    pub fn with_return_parameter(self, parameter: &'static str) -> Self {
        self.with_pages(|pages| {
            let path = pages.login.path().clone();
            pages.login = LoginPage::new(path, parameter);
        })
    }

    /// Serves the log-in page in place of what was asked for, instead of sending visitors to it.
    ///
    /// At its own path its status is the handler's. Elsewhere it is 401 instead of 200 (other statuses are left alone), with the challenges of
    /// the identity policy. Neither is kept by a cache: it is sent with `Cache-Control: no-store`, whatever the handler says,
    /// with `Vary` for what was read, and without validators; nor does the handler see validators or ranges that belong
    /// to another page. For a service, such as a file, write `get_service(service)`.
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
    /// It is shown to everybody, and a guard before it would only stand in the way. A [`guarded::Router`] does not know
    /// of it.
    ///
    /// [`guarded::Router`]: crate::guarded::Router
    pub fn with_login_page_in_place<H: Handler<T, ()>, T: 'static>(self, page: H) -> Self {
        self.with_pages(|pages| pages.login_in_place = Some(InPlace::new(get(page))))
    }

    /// Serves the main page in place of the log-in page and of pages that are not there, instead of sending visitors to it.
    ///
    /// Its status is the handler's. Caches are told what
    /// [`with_login_page_in_place`](Self::with_login_page_in_place) tells them.
    ///
    /// # Security
    ///
    /// It is shown to whoever is signed in. A guard may stand before it, and is asked.
    pub fn with_main_page_in_place<H: Handler<T, ()>, T: 'static>(self, page: H) -> Self {
        self.with_pages(|pages| pages.main_in_place = Some(InPlace::new(get(page))))
    }

    /// Leaves these paths to the router. It is not asked who the visitor is, so what is sent there can be kept by caches, and there is no
    /// other page in place of what is not there.
    ///
    /// # Panics
    ///
    /// Panics when one of them is no [pattern](PathPatterns): the application then does not start.
    #[track_caller]
    pub fn with_public<T: AsRef<str>>(self, patterns: impl IntoIterator<Item = T>) -> Self {
        add_all(&self.gate.public, patterns);
        self
    }

    /// Never answers with a page at these paths, whoever asks and by whatever method: without a user the answer is 401, to
    /// a user who is barred or disabled it is 403, as that of a guard and in its form, and others get what the router
    /// answers. Refusals by guards are problem details there. Paths that are public as well are protected.
    ///
    /// # Panics
    ///
    /// Panics when one of them is no [pattern](PathPatterns), or is that of the log-in page or of the main page: the application then does not start.
    #[track_caller]
    pub fn with_protected<T: AsRef<str>>(self, patterns: impl IntoIterator<Item = T>) -> Self {
        add_all(&self.gate.protected, patterns);
        let pages = [self.gate.pages.login.path(), &self.gate.pages.main];
        assert!(
            !pages.iter().any(|page| self.gate.protected.matches(page.path())),
            "the log-in page or the main page is at a protected path, where nobody gets a page; take another path"
        );
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
    for text in texts {
        if let Err(error) = patterns.add(text.as_ref()) {
            panic!("{error}");
        }
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
