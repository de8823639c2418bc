//! Serves requests through the gate: [`PageService`].

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::{MatchedPath, OriginalUri},
    response::{IntoResponse, Response},
};
use http::{Request, StatusCode, Uri, request::Parts};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{
    check_normal_path::is_normal,
    gate_decision::{GateDecision, Page, Place, asks, decide},
    page_gate::Gate,
    page_responder::measured,
};
use crate::{
    auth::{AuthError, GuardDecision, RequestState},
    config::Config,
    error_kind::AuthErrorKind,
    refusal::{self, Hiding, NoPages},
};

/// The service of [`PageGate`](super::PageGate).
#[derive(Clone)]
pub struct PageService<S> {
    inner: S,
    gate: Arc<Gate>,
}

impl<S> PageService<S> {
    pub(super) const fn new(inner: S, gate: Arc<Gate>) -> Self {
        Self { inner, gate }
    }
}

impl<S> fmt::Debug for PageService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageService").finish_non_exhaustive()
    }
}

impl<S, B> Service<Request<B>> for PageService<S>
where
    S: Service<Request<B>> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = PageFuture<S::Future, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let visit = match self.gate.receive(&mut parts) {
            Err(response) => {
                return PageFuture { kind: Kind::Answered { response: Some(measured(response)) } };
            }
            Ok(None) => {
                return PageFuture {
                    kind: Kind::Passing { inner: self.inner.call(Request::from_parts(parts, body)) },
                };
            }
            Ok(Some(visit)) => visit,
        };
        // The clone has not been polled for readiness; the original, which has, is moved into the future.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let gate = Arc::clone(&self.gate);
        let asking = Box::pin(async move {
            let other = match gate.answer(&visit, &parts).await {
                Err(response) => return Ok(measured(response)),
                Ok(other) => other,
            };
            let head = other.map(|page| (page, parts.clone()));
            let mut answer = inner.call(Request::from_parts(parts, body)).await?.into_response();
            // The visitor was resolved for hidden and for missing routes alike, so both may have `Vary`.
            let is_hidden = answer.extensions_mut().remove::<Hiding>().is_some();
            if is_hidden {
                answer.extensions_mut().insert(refusal::WithoutMethods);
            }
            if let Some((page, head)) = head
                && (is_hidden || is_unrouted(&head, &answer))
                && let Some(shown) = gate.show_instead(page, &visit, &head).await
            {
                answer = shown;
            }
            Ok(answer)
        });
        PageFuture { kind: Kind::Asking { asking } }
    }
}

/// A request whose response depends on the visitor.
struct Visit {
    is_navigation: bool,
    place: Place,
    state: Arc<RequestState>,
}

impl Gate {
    /// Classifies the request. `None` is for one that is passed on unchanged.
    #[expect(clippy::result_large_err, reason = "a response is what a refused request gets")]
    fn receive(&self, parts: &mut Parts) -> Result<Option<Visit>, Response> {
        let Some(state) = RequestState::shared(parts) else {
            let error = AuthError::misconfigured(
                "no AuthLayer stands around the PageGate; add `.layer(AuthLayer::new(…))` to the router, after the gate",
            );
            return Err(error.into_response());
        };
        let target = refusal::target(parts);
        if !is_normal(target) {
            state.note_judged();
            return Err(state.config().respond(AuthErrorKind::BadRequest, parts));
        }
        let (is_navigation, place) = (refusal::asks_for_a_page(parts), self.place(target, state.config()));
        if !asks(is_navigation, place) {
            return Ok(None);
        }
        let visit = Visit { is_navigation, place, state };
        if place == Place::Protected {
            parts.extensions.insert(NoPages);
        }
        Ok(Some(visit))
    }

    fn place(&self, target: &Uri, config: &Config) -> Place {
        let (path, query) = (target.path(), target.query());
        if self.protected.matches(path) {
            Place::Protected
        } else if self.public.matches(path) {
            Place::Public
        } else if self.pages.login.is_at(path) {
            Place::LoginRedirect {
                has_way_back: self.pages.login.has_way_back(query) || config.has_way_back(query),
            }
        } else {
            Place::Elsewhere
        }
    }

    /// Responds, or leaves that to the router and determines which page replaces a missing one.
    async fn answer(&self, visit: &Visit, parts: &Parts) -> Result<Option<Page>, Response> {
        let visitor = visitor(&visit.state, parts).await;
        match decide(visit.is_navigation, visit.place, visitor.map_err(AuthError::kind)) {
            GateDecision::Inner { or } => Ok(or),
            GateDecision::Refuse(kind) => {
                visit.state.note_judged();
                report(visit, visitor, kind.status());
                Err(visit.state.config().respond(kind, parts))
            }
            GateDecision::Show(page) => {
                let why = match visitor.map_err(AuthError::kind) {
                    Err(kind @ AuthErrorKind::InvalidCredential) => kind,
                    _ => AuthErrorKind::Unauthenticated,
                };
                let Some(response) = self.pages.show(page, why, &visit.state, parts).await else {
                    return Ok(None);
                };
                visit.state.note_judged();
                if visit.place == Place::Elsewhere {
                    report(visit, visitor, response.status());
                }
                Err(response)
            }
        }
    }

    /// Shows a page in place of a missing one.
    async fn show_instead(&self, page: Page, visit: &Visit, head: &Parts) -> Option<Response> {
        let shown = self.pages.show(page, AuthErrorKind::Unauthenticated, &visit.state, head).await?;
        visit.state.note_judged();
        Some(measured(shown))
    }
}

/// Returns whether the router has no route for the request: a 404 of a handler is kept. Without a router, its
/// routes are unknown.
fn is_unrouted(head: &Parts, answer: &Response) -> bool {
    let has =
        (head.extensions.get::<OriginalUri>().is_some(), head.extensions.get::<MatchedPath>().is_some());
    answer.status() == StatusCode::NOT_FOUND && has == (true, false)
}

/// Resolves the visitor, and stores the result for the guards.
async fn visitor(state: &RequestState, parts: &Parts) -> Result<(), AuthError> {
    state.identify(parts).await?;
    state.facts().authorized_user(state.config(), parts).await.map(drop)
}

/// Logs that a visitor did not get the requested page.
fn report(visit: &Visit, visitor: Result<(), AuthError>, status: StatusCode) {
    visit.state.facts().report(
        &crate::guard::Site::new("gate", "", 0),
        ["", ""],
        &GuardDecision::from(visitor),
        Some(status),
    );
}

pin_project! {
    /// The future of [`PageService`].
    pub struct PageFuture<F, E> {
        #[pin]
        kind: Kind<F, E>,
    }
}

type Asking<E> = Pin<Box<dyn Future<Output = Result<Response, E>> + Send>>;

pin_project! {
    #[project = KindProjection]
    enum Kind<F, E> {
        Answered { response: Option<Response> },
        Asking { asking: Asking<E> },
        Passing { #[pin] inner: F },
    }
}

impl<F, E> fmt::Debug for PageFuture<F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageFuture").finish_non_exhaustive()
    }
}

impl<F, R, E> Future for PageFuture<F, E>
where
    F: Future<Output = Result<R, E>>,
    R: IntoResponse,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            // A completed future is not polled again.
            KindProjection::Answered { response } => {
                response.take().map_or(Poll::Pending, |it| Poll::Ready(Ok(it)))
            }
            KindProjection::Asking { asking } => asking.as_mut().poll(context),
            KindProjection::Passing { inner } => inner.poll(context).map_ok(IntoResponse::into_response),
        }
    }
}
