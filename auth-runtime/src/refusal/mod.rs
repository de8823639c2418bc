//! What a refused client is told.

mod base_path;
mod body;
mod facts;
mod login_page;
mod render;

use std::borrow::Cow;

use axum::response::Response;
use http::{HeaderValue, StatusCode};

pub(crate) use base_path::BasePath;
pub(crate) use facts::{Facts, NoPages, asks_for_a_page, reduced, target};
pub(crate) use login_page::{LoginPage, see_other};
use render::RouterRender;
pub(crate) use render::{
    Hiding, Render, WithoutMethods, hidden, is_unnegotiated, renegotiate, respond, respond_with,
    unnegotiated, without_methods,
};
pub use render::{RefusalLayer, RefusalService};

use crate::{error_kind::AuthErrorKind, events, identity::Challenges, local_path::LocalPath};

/// What a refused request lacks, as far as the client may be told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lacking {
    permission: Option<Cow<'static, str>>,
    scopes: Option<Cow<'static, str>>,
}

impl Lacking {
    /// A permission; the empty one is none.
    pub(crate) fn permission(permission: Cow<'static, str>) -> Self {
        Self { permission: Some(permission).filter(|permission| !permission.is_empty()), scopes: None }
    }

    /// Scopes, with a space between each two.
    pub(crate) const fn scopes(scopes: Cow<'static, str>) -> Self {
        Self { permission: None, scopes: Some(scopes) }
    }

    pub(crate) fn wanted_scopes(&self) -> &str {
        self.scopes.as_deref().unwrap_or_default()
    }

    /// Keeps the name of a permission to ourselves.
    pub(crate) fn undisclosed(mut self) -> Self {
        self.permission = None;
        self
    }
}

/// A refusal that wants to be put into a response.
///
/// The answer can be replaced for the application (`AuthLayer::with_refusal`), for a router ([`RefusalLayer`]) and
/// for a guard (`#[auth_required(refusal = my_refusal)]`); the nearest one is asked.
///
/// # Example
///
/// ```
/// use auth_runtime::{auth_required, Refusal};
/// use axum::response::{IntoResponse, Response};
///
/// fn teapot(refusal: &Refusal) -> Response {
///     if refusal.is_navigation() {
///         return refusal.default_response();
///     }
///     (refusal.status(), "short and stout").into_response()
/// }
///
/// #[auth_required(refusal = teapot)]
/// async fn brew() -> &'static str {
///     "tea"
/// }
/// ```
///
/// Whatever the replacement answers, a 401 gets its `WWW-Authenticate` and every refusal its `Cache-Control` and
/// `Vary` where they are missing.
#[derive(Clone, Debug)]
pub struct Refusal {
    kind: AuthErrorKind,
    facts: Facts,
    challenges: Challenges,
    vary: HeaderValue,
    login_page: Option<LoginPage>,
    lacking: Lacking,
}

impl Refusal {
    pub(crate) const fn new(
        kind: AuthErrorKind,
        facts: Facts,
        challenges: Challenges,
        vary: HeaderValue,
        login_page: Option<LoginPage>,
        lacking: Lacking,
    ) -> Self {
        Self { kind, facts, challenges, vary, login_page, lacking }
    }

    /// Returns why.
    #[must_use]
    pub const fn kind(&self) -> AuthErrorKind {
        self.kind
    }

    /// Returns the status of the default answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// Returns the `WWW-Authenticate` values of the answer.
    #[must_use]
    pub const fn challenges(&self) -> &Challenges {
        &self.challenges
    }

    /// Returns whether the client would rather have a page than problem details.
    #[must_use]
    pub const fn prefers_html(&self) -> bool {
        self.facts.html
    }

    /// Returns whether a person is on the way to another page, as opposed to a script fetching something.
    #[must_use]
    pub const fn is_navigation(&self) -> bool {
        self.facts.navigation
    }

    /// Returns the path that was asked for, if it is one to come back to after a log-in: one of this site, asked for
    /// by GET or HEAD. It starts with the [base path](crate::AuthLayer::with_base_path).
    #[must_use]
    pub fn return_path(&self) -> Option<LocalPath> {
        self.facts.return_path()
    }

    /// Returns the permission that is missing, where the layer was told to disclose it.
    #[must_use]
    pub fn permission(&self) -> Option<&str> {
        self.lacking.permission.as_deref()
    }

    /// Returns the scopes that an access token would have to be issued for, with a space between each two.
    #[must_use]
    pub fn scopes(&self) -> Option<&str> {
        self.lacking.scopes.as_deref()
    }

    /// Logs that the log-in page itself asks for a log-in: no user can log in there.
    fn report_guarded_login_page(&self, page: &LoginPage) {
        events::misconfigured(&format!(
            "a guard refuses `{} {}`, which is the log-in page `{}`; mark its handler with `#[allow_anonymous]`, and write \
             the path that a proxy strips in `AuthLayer::with_base_path`",
            self.facts.method(),
            self.facts.path(),
            page.path(),
        ));
    }

    /// Returns how the router wants its refusals answered.
    const fn router(&self) -> Option<&RouterRender> {
        self.facts.router.as_ref()
    }

    /// Returns the answer that is given when nothing else is asked for.
    #[must_use]
    pub fn default_response(&self) -> Response {
        if let Some(page) = &self.login_page
            && self.kind.wants_a_user()
        {
            if let Some(response) = page.redirect(&self.facts) {
                return response;
            }
            if self.facts.navigation {
                self.report_guarded_login_page(page);
            }
        }
        if self.kind == AuthErrorKind::Hidden {
            return body::missing(self.facts.is_head());
        }
        body::of(self.kind, self.facts.html, self.permission())
    }
}
