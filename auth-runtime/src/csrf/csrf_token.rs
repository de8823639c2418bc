//! Extracts the CSRF token for the page of a response: [`CsrfToken`].

use std::fmt;

use auth_identity::__private::without_layer;
use axum::{extract::FromRequestParts, response::Response};
use http::{HeaderName, request::Parts};

use crate::auth::{RequestState, refuse};

/// The name of the field of a form.
pub const FIELD: &str = "csrf_token";

/// The header of a script.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// A CSRF token for the forms and scripts of a page.
///
/// Formatted, it is the hidden input of a form: `<input type="hidden" name="csrf_token" value="…">`. It has no characters
/// that need escapes, so a template writes it as it is: `(maud::PreEscaped(token.to_string()))` in maud, and
/// `{{ token|safe }}` in Askama. A script sends the [value](Self::value) in `X-CSRF-Token`.
///
/// # Example
///
/// ```
/// use auth_runtime::{auth_required, csrf::CsrfToken};
/// use axum::response::Html;
///
/// #[auth_required]
/// async fn page(token: CsrfToken) -> Html<String> {
///     Html(format!(
///         "<meta name=\"csrf-token\" content=\"{}\"><form method=\"post\">{token}<button>Delete</button></form>",
///         token.value(),
///     ))
/// }
/// ```
///
/// # Security
///
/// Write it into pages only, never into an address. A page on which another site can run scripts (XSS) shows it to that site.
#[derive(Clone)]
pub struct CsrfToken(String);

impl CsrfToken {
    pub(crate) const fn new(value: String) -> Self {
        Self(value)
    }

    /// Returns the text of the token, for the header `X-CSRF-Token`.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<input type=\"hidden\" name=\"{FIELD}\" value=\"{}\">", self.0)
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken([redacted])")
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CsrfToken {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let state = RequestState::shared(parts).ok_or_else(without_layer)?;
        let token = match state.identify(parts).await {
            Ok(()) => state.csrf_token(parts),
            Err(error) => Err(error),
        };
        token.map_err(|error| refuse(parts, error))
    }
}
