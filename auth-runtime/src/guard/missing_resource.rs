//! Responds for a resource that does not exist: [`Missing`].

use axum::response::{IntoResponse, Response};

use crate::refusal;

/// The rejection of an extractor for a resource that does not exist: 404 without a body, unless the application
/// renders it (`AuthLayer::with_refusal`, `RefusalLayer`, `refusal` of the guard around the resource). Its kind is
/// [`Hidden`](crate::AuthErrorKind::Hidden), as that of a route that `hide` hides.
///
/// # Example
///
/// ```
/// use auth_runtime::guard::Missing;
/// use axum::{extract::FromRequestParts, http::request::Parts};
///
/// struct Article;
///
/// impl<S: Send + Sync> FromRequestParts<S> for Article {
///     type Rejection = Missing;
///
///     async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, Missing> {
///         Err(Missing) // no row with this id
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Missing;

impl IntoResponse for Missing {
    fn into_response(self) -> Response {
        refusal::missing()
    }
}
