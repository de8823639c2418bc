//! The way out: what was changed is written on the response.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::response::{IntoResponse, Response};
use pin_project_lite::pin_project;

use super::apply;
use crate::auth::RequestState;

pin_project! {
    /// The future of [`AuthService`](super::AuthService).
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        state: Option<Arc<RequestState>>,
        renewal: Option<Pin<Box<dyn Future<Output = Response> + Send>>>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn new(inner: F, state: Arc<RequestState>) -> Self {
        Self { inner, state: Some(state), renewal: None }
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<R, E>>,
    R: IntoResponse,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(renewal) = this.renewal {
            return renewal.as_mut().poll(context).map(Ok);
        }
        let mut response = match ready!(this.inner.poll(context)) {
            Ok(response) => response.into_response(),
            Err(error) => return Poll::Ready(Err(error)),
        };
        match this.state.take().and_then(|state| apply::to_response(state, &mut response)) {
            None => Poll::Ready(Ok(response)),
            Some(renewal) => {
                let renewal = Box::pin(apply::renewed(renewal, response));
                this.renewal.insert(renewal).as_mut().poll(context).map(Ok)
            }
        }
    }
}
