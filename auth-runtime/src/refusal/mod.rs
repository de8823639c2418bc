//! Responds to rejected requests: [`Refusal`].

mod base_path;
mod choose_renderer;
mod content_negotiation;
mod default_body;
mod grpc;
mod handler_error_response;
mod hiding_marks;
mod htmx;
mod language;
mod login_redirect;
mod refusal_function_bounds;
mod refusal_layer;

use std::{borrow::Cow, fmt};

use axum::response::Response;
use http::{HeaderValue, StatusCode};

pub(crate) use base_path::BasePath;
pub(crate) use choose_renderer::Render;
pub(crate) use content_negotiation::{ContentNegotiation, NoPages, asks_for_a_page, reduced, target};
pub(crate) use handler_error_response::{
    is_missing, is_unnegotiated, missing, take_unnegotiated, unnegotiated, with_headers_of,
};
pub(crate) use hiding_marks::{Hiding, WithoutMethods, without_methods};
pub(crate) use language::Languages;
pub use language::{English, French, German, Language, Spanish};
pub(crate) use login_redirect::{LoginRedirect, see_other};
pub use refusal_function_bounds::{RefusalFunctionArgument, RefusalFunctionResult};
use refusal_layer::RouterRender;
pub use refusal_layer::{RefusalLayer, RefusalService};

use crate::{
    error_kind::AuthErrorKind,
    events,
    identity::{Challenges, StepUp},
    local_path::LocalPath,
};

/// What a rejected request lacks, as far as that may be disclosed to the client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lacking {
    permission: Option<Cow<'static, str>>,
    scopes: Option<Cow<'static, str>>,
    step_up: StepUp,
}

impl Lacking {
    /// A permission; empty for none.
    pub(crate) fn permission(permission: Cow<'static, str>) -> Self {
        Self { permission: Some(permission).filter(|permission| !permission.is_empty()), ..Self::default() }
    }

    /// Scopes, separated by spaces.
    pub(crate) fn scopes(scopes: Cow<'static, str>) -> Self {
        Self { scopes: Some(scopes), ..Self::default() }
    }

    /// Adds what the guard requires of the authentication.
    pub(crate) const fn with_step_up(mut self, step_up: StepUp) -> Self {
        self.step_up = step_up;
        self
    }

    pub(crate) const fn step_up(&self) -> StepUp {
        self.step_up
    }

    pub(crate) fn wanted_scopes(&self) -> &str {
        self.scopes.as_deref().unwrap_or_default()
    }

    /// Does not disclose the name of a permission.
    pub(crate) fn undisclosed(mut self) -> Self {
        self.permission = None;
        self
    }
}

/// The rejection of a request, before it becomes a response.
///
/// The response can be replaced for the application (`AuthLayer::with_refusal`), for a router
/// ([`RefusalLayer`]) and for a guard (`#[auth_required(refusal = my_refusal)]`); the innermost one is used.
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
/// A 401 of the replacement gets `WWW-Authenticate` and `Auth-Reason`, a rejection because of too many attempts
/// `Retry-After`, and every response `Cache-Control` and `Vary`, if they are missing.
#[derive(Clone)]
pub struct Refusal {
    kind: AuthErrorKind,
    facts: ContentNegotiation,
    challenges: Challenges,
    vary: HeaderValue,
    login_page: Option<LoginRedirect>,
    lacking: Lacking,
    languages: Languages,
}

impl Refusal {
    pub(crate) const fn new(
        kind: AuthErrorKind,
        facts: ContentNegotiation,
        challenges: Challenges,
        vary: HeaderValue,
        login_page: Option<LoginRedirect>,
        lacking: Lacking,
        languages: Languages,
    ) -> Self {
        Self { kind, facts, challenges, vary, login_page, lacking, languages }
    }

    /// Returns the reason.
    #[must_use]
    pub const fn kind(&self) -> AuthErrorKind {
        self.kind
    }

    /// Returns the status of the default response.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// Returns the `WWW-Authenticate` values of the response.
    #[must_use]
    pub const fn challenges(&self) -> &Challenges {
        &self.challenges
    }

    /// Returns whether the client prefers a page to problem details.
    #[must_use]
    pub const fn prefers_html(&self) -> bool {
        self.facts.html
    }

    /// Returns whether htmx sends the request (`HX-Request: true`), which swaps a response into its page and follows
    /// redirects by itself. `HX-Redirect` and `HX-Refresh` make it navigate.
    #[must_use]
    pub const fn is_htmx(&self) -> bool {
        self.facts.htmx.is_some()
    }

    /// Returns whether the request is a call of gRPC (`Content-Type: application/grpc`, gRPC-Web included).
    #[must_use]
    pub const fn is_grpc(&self) -> bool {
        self.facts.grpc.is_some()
    }

    /// Returns the language of the page, by `Accept-Language`: one of
    /// [`AuthLayer::with_languages`](crate::AuthLayer::with_languages).
    #[must_use]
    pub fn language(&self) -> &dyn Language {
        language::choose(&self.languages, &self.facts.languages).unwrap_or(&English)
    }

    /// Returns whether the response depends on `Accept-Language`.
    pub(super) fn depends_on_language(&self) -> bool {
        self.facts.html && self.languages.len() > 1
    }

    /// Returns whether the request is a navigation, as opposed to a script fetching data.
    #[must_use]
    pub const fn is_navigation(&self) -> bool {
        self.facts.navigation
    }

    /// Returns the requested path, if it is a valid post-login redirect target: one of this site, requested
    /// by GET or HEAD. It starts with the [base path](crate::AuthLayer::with_base_path).
    #[must_use]
    pub fn return_path(&self) -> Option<LocalPath> {
        self.facts.return_path()
    }

    /// Returns the missing permission, if the layer is configured to disclose it.
    #[must_use]
    pub fn permission(&self) -> Option<&str> {
        self.lacking.permission.as_deref()
    }

    /// Returns the scopes that an access token would need, separated by spaces.
    #[must_use]
    pub fn scopes(&self) -> Option<&str> {
        self.lacking.scopes.as_deref()
    }

    /// Returns what the guard, or the check of a handler, requires of the authentication (step-up).
    pub const fn step_up(&self) -> StepUp {
        self.kind.step_up().or(self.lacking.step_up)
    }

    /// Logs that the log-in page itself requires a log-in, so that no user can log in there.
    fn report_guarded_login_page(&self, page: &LoginRedirect) {
        events::misconfigured(&format!(
            "a guard refuses `{} {}`, which is the log-in page `{}`; mark its handler with `#[allow_anonymous]`, and write \
             the path that a proxy strips in `AuthLayer::with_base_path`",
            self.facts.method(),
            self.facts.path(),
            page.path(),
        ));
    }

    /// Returns the router's renderer of rejections.
    const fn router(&self) -> Option<&RouterRender> {
        self.facts.router.as_ref()
    }

    /// Returns the default response.
    #[must_use]
    pub fn default_response(&self) -> Response {
        if let Some(page) = &self.login_page
            && self.kind.wants_a_user()
        {
            if let Some(response) = page.redirect(&self.facts, self.step_up()) {
                return response;
            }
            if self.facts.navigation {
                self.report_guarded_login_page(page);
            }
        }
        if self.kind == AuthErrorKind::Hidden {
            return default_body::missing(self.facts.is_head());
        }
        if let Some(call) = self.facts.grpc {
            return call.response(self.kind);
        }
        let language = self.facts.html.then(|| self.language());
        let mut response = default_body::of(self.kind, language, self.permission(), self.step_up());
        if let Some(page) = &self.login_page
            && self.kind.wants_a_user()
        {
            page.navigate_htmx(&self.facts, self.step_up(), &mut response);
        } else if self.kind.outdates_the_page() && self.facts.htmx.is_some() && !self.facts.is_safe() {
            response.headers_mut().insert("hx-refresh", HeaderValue::from_static("true"));
        }
        response
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("kind", &self.kind)
            .field("facts", &self.facts)
            .field("challenges", &self.challenges)
            .field("lacking", &self.lacking)
            .finish_non_exhaustive()
    }
}
