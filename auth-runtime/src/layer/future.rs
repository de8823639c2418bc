//! The future of [`AuthService`](super::AuthService), which completes the response.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::response::{IntoResponse, Response};
use pin_project_lite::pin_project;

use super::{complete_response, demand::Demand, service::Begun};
use crate::{auth::RequestState, refusal};

pin_project! {
    /// The future of [`AuthService`](super::AuthService).
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        state: Option<Arc<RequestState>>,
        demand: Option<Box<Demand>>,
        upkeep: Option<Pin<Box<dyn Future<Output = Response> + Send>>>,
    }
}

impl<F> ResponseFuture<F> {
    /// Without a state, nothing is written to the response.
    pub(crate) fn new(inner: F, begun: Option<Begun>) -> Self {
        let (state, demand) = begun.map_or((None, None), |Begun { state, demand }| (Some(state), demand));
        Self { inner, state, demand, upkeep: None }
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
        if let Some(upkeep) = this.upkeep {
            return upkeep.as_mut().poll(context).map(Ok);
        }
        let mut response = match ready!(this.inner.poll(context)) {
            // `Allow` is removed before anything is added: removing a header later would change the order of
            // the others.
            Ok(response) => refusal::without_methods(response.into_response()),
            Err(error) => return Poll::Ready(Err(error)),
        };
        let Some(state) = this.state.take() else { return Poll::Ready(Ok(response)) };
        if let Some(replacement) = this.demand.take().and_then(|demand| demand.replacement(&state, &response))
        {
            return Poll::Ready(Ok(replacement));
        }
        match complete_response::to_response(&state, &mut response) {
            None => Poll::Ready(Ok(response)),
            Some(upkeep) => {
                let upkeep = Box::pin(complete_response::keep_up(state, upkeep, response));
                this.upkeep.insert(upkeep).as_mut().poll(context).map(Ok)
            }
        }
    }
}
