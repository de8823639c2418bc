//! The outermost layer: security headers for each response, pages for errors that have none, and forms whose
//! session has ended.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::{errors, resume};
use crate::api::{self, problem};

/// The headers of each response.
#[derive(Clone, Debug)]
pub(crate) struct Headers {
    base: Arc<str>,
    policy: Arc<str>,
}

impl Headers {
    /// Allows forms to lead to the newsroom, and to the provider where a log-in goes on. Scripts and styles
    /// are files of the newsroom: a script that an attacker writes into a page does not run (XSS).
    pub(crate) fn new(base: &str, provider: &str) -> Self {
        let policy = format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self' {provider}; base-uri 'none'; frame-ancestors 'none'"
        );
        Self { base: base.into(), policy: policy.into() }
    }
}

const FIXED: [(HeaderName, HeaderValue); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

/// Adds the headers that a response lacks, and a page if it is an error without a body.
pub(crate) async fn dress(State(own): State<Headers>, mut request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with(api::PREFIX);
    if is_api {
        // The API has no pages: a refusal is problem details, and no redirect to the log-in.
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    }
    let wants_page = request.method() != Method::HEAD && accepts_html(&request);
    let (mut response, kept) = resume::run(&own.base, request, next).await;
    if let Some(kept) = kept.filter(|_| wants_page && response.status() == StatusCode::UNAUTHORIZED) {
        response = kept.page();
    }
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    let is_of_kind = |kind: &str| {
        let found = response.headers().get(header::CONTENT_TYPE);
        found.is_some_and(|found| found.as_bytes().starts_with(kind.as_bytes()))
    };
    if is_error && is_api {
        if !is_of_kind("application/problem+json") {
            response = problem::details(response, None);
        }
    } else if is_error && wants_page && !is_of_kind("text/html") {
        response = errors::with_page(response);
    }
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&own.policy) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    for (name, value) in FIXED {
        headers.entry(name).or_insert(value);
    }
    response
}

fn accepts_html(request: &Request) -> bool {
    let mut accepted = request.headers().get_all(header::ACCEPT).iter();
    accepted.any(|line| line.to_str().is_ok_and(|line| line.contains("text/html")))
}
