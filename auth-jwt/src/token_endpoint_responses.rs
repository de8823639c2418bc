//! Converts tokens and refused refreshes to HTTP responses (RFC 6749, sections 5.1 and 5.2).

use auth_identity::BoxError;
use axum_core::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::{RefreshError, RefreshErrorKind, TokenResponse, events};

impl IntoResponse for TokenResponse {
    fn into_response(self) -> Response {
        match serde_json::to_string(&self) {
            Ok(json) => answer(StatusCode::OK, json),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

impl IntoResponse for RefreshError {
    fn into_response(self) -> Response {
        let status = match self.kind() {
            RefreshErrorKind::Unavailable => {
                events::failed("refresh", &BoxError::from(self));
                return answer(
                    StatusCode::SERVICE_UNAVAILABLE,
                    r#"{"error":"temporarily_unavailable"}"#.to_owned(),
                );
            }
            RefreshErrorKind::Invalid | RefreshErrorKind::Reused | RefreshErrorKind::Scope => {
                StatusCode::BAD_REQUEST
            }
        };
        answer(status, format!(r#"{{"error":"{}"}}"#, self.code()))
    }
}

fn answer(status: StatusCode, json: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
    ];
    (status, headers, json).into_response()
}
