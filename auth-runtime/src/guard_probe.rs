//! Simulates requests by which [`AccessTable::verify`](crate::access::AccessTable) tests the guards of a
//! router: [`Probe`]. It reaches no handler and no service.
//!
//! A probe is an extension of a request, and nothing that a client sends becomes one. Without the feature
//! `testing` none can be created: [`Probe::of`] is then a constant `None`, and the code that depends on it is
//! optimized away.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use auth_acl::__private::decide_at_best;
use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use http::{Extensions, StatusCode, request::Parts};
use pin_project_lite::pin_project;
use tower_layer::layer_fn;
use tower_service::Service;

use crate::{
    acl::{Decision, Groups, Name, Principals, Rule, decide},
    identity::UserId,
};

/// Whether there can be probes.
const IS_ENABLED: bool = cfg!(feature = "testing");

/// Turns a request into a probe of this user in these groups, which is answered in place of a handler or a
/// service.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) user: Option<UserId>,
    pub(crate) groups: Groups,
    /// Whether conditions are answered so that the most is allowed, and not so that the least is.
    pub(crate) is_at_best: bool,
}

/// The response of a router to a probe: an extension of the response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ProbeAnswer {
    /// No guard of its own protects the service, or a resource would have to be loaded.
    NotAsked,
    Passed,
    Refused,
}

impl Probe {
    #[cfg_attr(not(feature = "testing"), expect(dead_code, reason = "only tests make probes"))]
    pub(crate) const fn new(user: Option<UserId>, groups: Groups, is_at_best: bool) -> Self {
        Self { user, groups, is_at_best }
    }

    /// Decides by rules with conditions, without asking whether they hold.
    pub(crate) fn decide(
        &self,
        rules: &[Rule<'_>],
        permission: Name<'_>,
        principals: &Principals<'_>,
    ) -> Decision {
        let rules = rules.iter().copied();
        if self.is_at_best {
            decide_at_best(rules, permission, principals, None, |condition| !condition.is_about_resource())
        } else {
            decide(rules, permission, principals)
        }
    }

    /// Returns the probe that the request is, if it is one.
    pub(crate) fn of(extensions: &Extensions) -> Option<&Self> {
        if IS_ENABLED { extensions.get() } else { None }
    }

    /// Responds to a probe in place of the inner service; lets other requests pass.
    #[expect(clippy::result_large_err, reason = "a response is what axum wants of a rejected extractor")]
    pub(crate) fn end(parts: &Parts, answer: ProbeAnswer) -> Result<(), Response> {
        if Self::of(&parts.extensions).is_some() { Err(answer.into_response()) } else { Ok(()) }
    }

    /// Marks the rejection of a probe.
    pub(crate) fn rejected(parts: &Parts, mut response: Response) -> Response {
        if Self::of(&parts.extensions).is_some() {
            response.extensions_mut().insert(ProbeAnswer::Refused);
        }
        response
    }
}

impl IntoResponse for ProbeAnswer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = match self {
            Self::NotAsked => StatusCode::NOT_IMPLEMENTED,
            Self::Passed => StatusCode::NO_CONTENT,
            Self::Refused => StatusCode::FORBIDDEN,
        };
        response.extensions_mut().insert(self);
        response
    }
}

/// A service on a guarded router, which no probe reaches.
#[derive(Clone, Debug)]
pub(crate) struct Probed<T> {
    inner: T,
    answer: ProbeAnswer,
}

impl<T> Probed<T> {
    pub(crate) const fn new(inner: T, answer: ProbeAnswer) -> Self {
        Self { inner, answer }
    }
}

impl<T> Service<Request> for Probed<T>
where
    T: Service<Request, Response: IntoResponse, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = ProbedFuture<T::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match Probe::of(request.extensions()) {
            Some(_) => ProbedFuture::Answered { answer: self.answer },
            None => ProbedFuture::Asked { inner: self.inner.call(request) },
        }
    }
}

pin_project! {
    /// The future of [`Probed`].
    #[derive(Debug)]
    #[project = Projection]
    pub enum ProbedFuture<F> {
        Answered { answer: ProbeAnswer },
        Asked { #[pin] inner: F },
    }
}

impl<F, R> Future for ProbedFuture<F>
where
    F: Future<Output = Result<R, Infallible>>,
    R: IntoResponse,
{
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projection::Answered { answer } => Poll::Ready(Ok(answer.into_response())),
            Projection::Asked { inner } => inner.poll(context).map_ok(IntoResponse::into_response),
        }
    }
}

/// An axum router whose routes no probe reaches.
pub(crate) fn probed<S: Clone + Send + Sync + 'static>(router: Router<S>, answer: ProbeAnswer) -> Router<S> {
    if IS_ENABLED { router.layer(layer_fn(move |inner| Probed::new(inner, answer))) } else { router }
}

/// Axum handlers that no probe reaches.
pub(crate) fn probed_methods<S>(methods: MethodRouter<S>, answer: ProbeAnswer) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    if IS_ENABLED { methods.layer(layer_fn(move |inner| Probed::new(inner, answer))) } else { methods }
}
