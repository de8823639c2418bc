//! Measures an extractor and a tower layer that do nothing.

use std::{
    convert::Infallible,
    task::{Context, Poll},
};

use axum::{
    extract::{FromRequestParts, Request},
    http::request::Parts,
};
use tower::{Layer, Service};

/// An extractor that does nothing.
#[derive(Debug)]
pub(crate) struct Nothing;

impl<S: Sync> FromRequestParts<S> for Nothing {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

/// A layer that does nothing.
#[derive(Clone, Debug)]
pub(crate) struct Through;

impl<S> Layer<S> for Through {
    type Service = ThroughService<S>;

    fn layer(&self, inner: S) -> ThroughService<S> {
        ThroughService(inner)
    }
}

/// The service of [`Through`].
#[derive(Clone, Debug)]
pub(crate) struct ThroughService<S>(S);

impl<S: Service<Request>> Service<Request> for ThroughService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> S::Future {
        self.0.call(request)
    }
}
