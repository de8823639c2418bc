//! Errors of the API, as problem details (RFC 9457): [`Problem`].

use auth_runtime::AuthError;
use axum::{
    extract::rejection::{JsonRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::error::Failure;

/// Why a handler of the API cannot respond as it should.
#[derive(Debug)]
pub(super) enum Problem {
    /// The failure that a page would have
    Failure(Failure),
    /// What the client has to change
    Fault(StatusCode, String),
}

impl Problem {
    pub(super) fn unprocessable(text: impl Into<String>) -> Self {
        Self::Fault(StatusCode::UNPROCESSABLE_ENTITY, text.into())
    }
}

impl<E: Into<Failure>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::Failure(error.into())
    }
}

impl From<JsonRejection> for Problem {
    fn from(error: JsonRejection) -> Self {
        Self::Fault(error.status(), error.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(error: QueryRejection) -> Self {
        Self::Fault(error.status(), error.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Failure(Failure::Auth(error)) => AuthError::into_response(error),
            Self::Failure(failure) => failure.into_response(),
            Self::Fault(status, text) => details(status.into_response(), Some(&text)),
        }
    }
}

/// Replaces the body of a response that failed by problem details. Headers stay.
pub(crate) fn details(response: Response, detail: Option<&str>) -> Response {
    let (mut parts, _) = response.into_parts();
    let title = parts.status.canonical_reason().unwrap_or("Error");
    let mut body = json!({ "title": title, "status": parts.status.as_u16() });
    if let (Some(detail), Some(body)) = (detail, body.as_object_mut()) {
        body.insert("detail".to_owned(), detail.into());
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    let kind = HeaderValue::from_static("application/problem+json");
    parts.headers.insert(header::CONTENT_TYPE, kind);
    Response::from_parts(parts, body.to_string().into())
}
