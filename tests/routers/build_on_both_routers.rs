//! Routers that are written once and built twice, with axum's words and with ours, and what the two answer.

#![allow(dead_code, reason = "each test uses its own part of this")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{AuthLayer, UserId, allow_anonymous, auth_required, guarded, testing::FakeIdentity};
use axum::{
    Router,
    body::Body,
    extract::{
        MatchedPath, NestedPath, OriginalUri, RawPathParams, Request, State,
        rejection::{MatchedPathRejection, NestedPathRejection, RawPathParamsRejection},
    },
    http::{HeaderMap, Method, StatusCode, Uri},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::support;

/// Defines functions once with the words of `axum` (module `theirs`) and once with those of `guarded` (module `ours`).
macro_rules! on_both {
    (use $words:tt; $($item:item)*) => {
        mod theirs {
            use super::*;
            use axum::Router;
            use axum::routing::$words;
            $($item)*

            pub(crate) fn finished(router: Router) -> axum::Router {
                router.layer(crate::build_on_both_routers::auth())
            }
        }

        mod ours {
            use super::*;
            use auth_runtime::guarded::$words;
            use auth_runtime::guarded::Router;
            $($item)*

            pub(crate) fn finished(router: Router) -> auth_runtime::guarded::App {
                router.with_auth(crate::build_on_both_routers::auth())
            }
        }
    };
}
pub(crate) use on_both;

pub(crate) fn auth() -> AuthLayer {
    AuthLayer::new(FakeIdentity::by_header())
}

/// Tells all that routing has told it.
#[allow_anonymous]
pub(crate) async fn echo<const N: usize>(
    method: Method,
    uri: Uri,
    OriginalUri(original): OriginalUri,
    matched: Result<MatchedPath, MatchedPathRejection>,
    nested: Result<NestedPath, NestedPathRejection>,
    params: Result<RawPathParams, RawPathParamsRejection>,
) -> String {
    let matched = matched.map(|path| path.as_str().to_owned()).unwrap_or_default();
    let nested = nested.map(|path| path.as_str().to_owned()).unwrap_or_default();
    let params = params.map_or_else(
        |rejection| rejection.body_text(),
        |params| params.iter().flat_map(|(key, value)| [key, "=", value, ";"]).collect(),
    );
    format!("{N} {method} {uri} {original} matched={matched} nested={nested} {params}")
}

#[auth_required]
pub(crate) async fn members(user: UserId) -> String {
    format!("members: {user}")
}

#[allow_anonymous]
pub(crate) async fn teapot(OriginalUri(uri): OriginalUri) -> Response {
    (StatusCode::IM_A_TEAPOT, [("x-teapot", "short")], uri.to_string()).into_response()
}

/// Leaves a mark on responses, in the order in which layers are left.
pub(crate) async fn mark(State(mark): State<&'static str>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().append("x-mark", mark.parse().unwrap());
    response
}

pub(crate) const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PURGE"];

pub(crate) async fn answer(
    app: &impl support::App,
    method: &str,
    path: &str,
    user: bool,
) -> (StatusCode, HeaderMap, String) {
    let mut request = http::Request::builder().method(method).uri(path);
    if user {
        request = request.header(auth_runtime::testing::USER_HEADER, "alice");
    }
    let answer = support::send(app, request.body(Body::empty()).unwrap()).await;
    (answer.status, answer.headers, String::from_utf8_lossy(&answer.body).into_owned())
}

/// Asks both with every method, with credentials and without.
pub(crate) async fn compare(theirs: &Router, ours: &guarded::App, paths: &[&str]) {
    for path in paths {
        for method in METHODS {
            for user in [false, true] {
                let expected = answer(theirs, method, path, user).await;
                assert_eq!(answer(ours, method, path, user).await, expected, "{method} {path} {user}");
            }
        }
    }
}
