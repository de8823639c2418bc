//! Responds to gRPC calls, with `grpc-status` beside the status of HTTP: [`GrpcCall`].

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, header};

use crate::error_kind::AuthErrorKind;

/// The media type of a gRPC call, which the response repeats.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum GrpcCall {
    Grpc,
    Web,
    WebText,
}

impl GrpcCall {
    /// Returns whether the request is a call, by its media type, such as `application/grpc+proto`.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let media_type = headers.get(header::CONTENT_TYPE)?.as_bytes();
        let essence = media_type.split(|byte| *byte == b';').next()?.trim_ascii().to_ascii_lowercase();
        let family = essence.split(|byte| *byte == b'+').next()?;
        match family {
            b"application/grpc" => Some(Self::Grpc),
            b"application/grpc-web" => Some(Self::Web),
            b"application/grpc-web-text" => Some(Self::WebText),
            _ => None,
        }
    }

    /// Responds with the code of gRPC, in headers only (`Trailers-Only`).
    ///
    /// The status of HTTP stays what it is: clients take `grpc-status`, and everything between, such as a proxy
    /// that asks whether a request is allowed, takes the other one. With 200 a call would look allowed there.
    pub(super) fn response(self, kind: AuthErrorKind) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = kind.status();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(match self {
                Self::Grpc => "application/grpc",
                Self::Web => "application/grpc-web",
                Self::WebText => "application/grpc-web-text",
            }),
        );
        headers.insert("grpc-status", HeaderValue::from(code(kind)));
        // The messages are visible ASCII without `%`, and so need no encoding.
        headers.insert("grpc-message", HeaderValue::from_static(kind.message()));
        response
    }
}

/// Returns the code of gRPC for a status of HTTP.
const fn code(kind: AuthErrorKind) -> u16 {
    match kind.status().as_u16() {
        400 => 3,  // INVALID_ARGUMENT
        401 => 16, // UNAUTHENTICATED
        403 => 7,  // PERMISSION_DENIED
        429 => 8,  // RESOURCE_EXHAUSTED
        503 => 14, // UNAVAILABLE
        _ => 13,   // INTERNAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_recognized_by_their_media_type() {
        for (text, call) in [
            ("application/grpc", Some(GrpcCall::Grpc)),
            ("application/grpc+proto", Some(GrpcCall::Grpc)),
            ("Application/GRPC; x=y", Some(GrpcCall::Grpc)),
            ("application/grpc-web", Some(GrpcCall::Web)),
            ("application/grpc-web+proto", Some(GrpcCall::Web)),
            ("application/grpc-web-text+proto", Some(GrpcCall::WebText)),
            ("application/grpcx", None),
            ("application/grpc-webx", None),
            ("application/json", None),
            ("text/html; application/grpc", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, text.parse().unwrap());
            assert_eq!(GrpcCall::of(&headers), call, "{text}");
        }
        assert_eq!(GrpcCall::of(&HeaderMap::new()), None);
    }
}
