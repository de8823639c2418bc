//! Responds with the pages of log-in routes: [`Page`] says what to show, and the default HTML works without
//! scripts.

mod html;

use std::{fmt, time::Duration};

use auth_runtime::{LocalPath, csrf::CsrfToken};
use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::failure_code::FailureCode;

/// The default policy of the pages: without scripts, nothing from elsewhere, not in a frame. There is no
/// `form-action`, since browsers apply it to the redirect that follows a form, which leads to the provider.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/// A page of the log-in routes. Replace pages by [`Logins::with_pages`](crate::Logins::with_pages).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Page {
    /// The choice of providers.
    LogIn {
        /// A user is to log in again, more recently or more strongly
        is_step_up: bool,
        /// The providers, in the order in which they were added
        buttons: Vec<Button>,
        /// Where the user goes afterwards
        target: LocalPath,
        /// The hidden input for the form, where the layer demands CSRF tokens: `csrf_token.value()` in the field
        /// `csrf_token`
        csrf_token: Option<CsrfToken>,
    },
    /// The question whether to log in with one provider: a link or another site has led here.
    Confirm {
        /// A user is to log in again, more recently or more strongly
        is_step_up: bool,
        /// The provider
        button: Button,
        /// Where the user goes afterwards
        target: LocalPath,
        /// The hidden input for the form, where the layer demands CSRF tokens: `csrf_token.value()` in the field
        /// `csrf_token`
        csrf_token: Option<CsrfToken>,
    },
    /// A log-in that did not succeed, or an account that was not linked. It is never started again by itself.
    Failed {
        /// Why
        code: FailureCode,
        /// The provider, if there is one of this name
        button: Option<Button>,
        /// Where the user wanted to go
        target: LocalPath,
        /// When to try again, for a provider that cannot be reached
        retry_after: Option<Duration>,
        /// The address of the page with the choice of providers, which leads to the target, too; `None` if a
        /// signed-in user links an account
        other_ways: Option<LocalPath>,
        /// The hidden input for the form, where the layer demands CSRF tokens: `csrf_token.value()` in the field
        /// `csrf_token`
        csrf_token: Option<CsrfToken>,
    },
    /// A log-in that succeeded. The page must lead on to the target by itself: after a redirect, the cookie of
    /// a session with `SameSite=Strict` would be lost, and Chromium would show the target again after a log-out.
    Continue {
        /// Where the user goes
        target: LocalPath,
    },
    /// The question whether a signed-in user wants to link an account, or to unlink it.
    ///
    /// The form is sent to `address` by POST, with `next` as the redirect target, and `issuer` and `subject` if they
    /// are given.
    ConfirmLink {
        /// Which of the two
        action: LinkAction,
        /// The name of the provider for users
        label: String,
        /// Where the form is sent
        address: LocalPath,
        /// The issuer of the account
        issuer: Option<String>,
        /// The subject of the account
        subject: Option<String>,
        /// Where the user goes afterwards
        target: LocalPath,
        /// The hidden input for the form, where the layer demands CSRF tokens: `csrf_token.value()` in the field
        /// `csrf_token`
        csrf_token: Option<CsrfToken>,
    },
    /// The provider's response, for which the browser has left the cookie of the session out. The page sends it
    /// again, by a form of its own, when the user goes on.
    Resume {
        /// Where the form is sent
        action: LocalPath,
        /// By POST; otherwise by GET
        is_post: bool,
        /// The fields of the form, which are not shown
        fields: Vec<(String, String)>,
        /// The hidden input for the form, where the layer demands CSRF tokens: `csrf_token.value()` in the field
        /// `csrf_token`
        csrf_token: Option<CsrfToken>,
    },
    /// The question whether to log out.
    LogOut {
        /// Where the form is sent, by POST
        action: LocalPath,
        /// The hidden input for the form, where the layer demands CSRF tokens: `csrf_token.value()` in the field
        /// `csrf_token`
        csrf_token: Option<CsrfToken>,
    },
    /// The log-out at the provider, which takes a click: the `id_token_hint` is too long for an address. The
    /// session here has ended already.
    LogOutAtProvider {
        /// The form that tells the provider
        form: LogoutForm,
        /// Where a user goes who stays logged in at the provider
        home: LocalPath,
    },
}

/// A form that the browser sends to the provider by POST, to log out there (`OpenID` Connect RP-Initiated
/// Logout 1.0, section 2).
///
/// `Debug` does not show the values: the `id_token_hint` holds names and addresses.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogoutForm {
    /// Where the form is sent
    pub action: String,
    /// The names and values of its hidden fields
    pub fields: Vec<(&'static str, String)>,
}

impl fmt::Debug for LogoutForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutForm").field("action", &self.action).finish_non_exhaustive()
    }
}

/// What a page about linked accounts asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkAction {
    /// Linking an account
    Link,
    /// Unlinking an account
    Unlink,
}

impl LinkAction {
    /// Returns the last part of the route's path.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Unlink => "unlink",
        }
    }
}

/// A button that starts a log-in.
///
/// It sends a form by POST to `action`, which may have a query, with `next` as the redirect target. Further fields may be `prompt`
/// (`login` or `select_account`) and `login_hint`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Button {
    /// The name of the provider in paths
    pub id: String,
    /// The name of the provider for users
    pub label: String,
    /// Where the form is sent
    pub action: LocalPath,
}

impl Page {
    /// Returns the status of the response with this page.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Failed { code, .. } => code.status(),
            _ => StatusCode::OK,
        }
    }

    /// Returns the page as the default HTML.
    #[must_use]
    pub fn to_html(&self) -> String {
        html::page(self).into_string()
    }
}

/// Renders pages; the application's own function, or the default.
pub(crate) type Render = dyn Fn(&Page) -> Response + Send + Sync;

/// Renders a page as the default HTML.
pub(crate) fn default_render(page: &Page) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page.to_html()).into_response()
}

/// Returns the response with a page. Status and protective headers are set after rendering.
pub(crate) fn respond(render: &Render, page: &Page) -> Response {
    let mut response = render(page);
    *response.status_mut() = page.status();
    let headers = response.headers_mut();
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    if let Page::Failed { retry_after: Some(pause), .. } = page {
        headers.insert(header::RETRY_AFTER, pause.as_secs().max(1).into());
    }
    protect(&mut response);
    response
}

/// Returns a redirect that the browser follows by GET after every method: never 307 (RFC 9700 section
/// 4.12).
pub(crate) fn see_other(location: &str) -> Option<Response> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_str(location).ok()?);
    protect(&mut response);
    Some(response)
}

/// Keeps the response out of caches, and the address with code and state out of `Referer` (RFC 9700 section
/// 4.2.4).
fn protect(response: &mut Response) {
    const PROTECTION: [(HeaderName, HeaderValue); 3] = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    response.headers_mut().extend(PROTECTION);
}
