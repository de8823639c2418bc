//! Where services and routers of axum's own come onto a guarded router. With the feature `testing` something stands there
//! that answers a probe in their place, as the guards of handlers do; without it nothing does.

use axum::{Router, routing::MethodRouter};

#[cfg(not(feature = "testing"))]
pub(super) type Endpoint<T> = T;
#[cfg(feature = "testing")]
pub(super) use probed::Endpoint;

#[cfg_attr(feature = "testing", expect(clippy::missing_const_for_fn, reason = "without the feature"))]
pub(super) fn service<T>(service: T) -> Endpoint<T> {
    #[cfg(feature = "testing")]
    let service = Endpoint::new(service);
    service
}

pub(super) fn methods<S: Clone + Send + Sync + 'static>(methods: MethodRouter<S>) -> MethodRouter<S> {
    #[cfg(feature = "testing")]
    let methods = methods.layer(probed::EndpointLayer);
    methods
}

pub(super) fn router<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    #[cfg(feature = "testing")]
    let router = router.layer(probed::EndpointLayer);
    router
}

#[cfg(feature = "testing")]
mod probed {
    use std::{
        convert::Infallible,
        pin::Pin,
        task::{Context, Poll},
    };

    use axum::{
        extract::Request,
        response::{IntoResponse, Response},
    };
    use tower_layer::Layer;
    use tower_service::Service;

    use super::super::foreign::Answering;
    use crate::auth::answer_probe_at_end;

    /// A service that no probe reaches.
    #[derive(Clone, Debug)]
    pub struct Endpoint<T>(T);

    impl<T> Endpoint<T> {
        pub(super) const fn new(service: T) -> Self {
            Self(service)
        }
    }

    #[derive(Clone, Copy, Debug)]
    pub(super) struct EndpointLayer;

    impl<T> Layer<T> for EndpointLayer {
        type Service = Endpoint<T>;

        fn layer(&self, inner: T) -> Endpoint<T> {
            Endpoint(inner)
        }
    }

    impl<T: Answering> Service<Request> for Endpoint<T> {
        type Response = Response;
        type Error = Infallible;
        type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

        fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            self.0.poll_ready(context)
        }

        fn call(&mut self, request: Request) -> Self::Future {
            if let Some(answer) = answer_probe_at_end(request.extensions()) {
                return Box::pin(std::future::ready(Ok(answer)));
            }
            let answer = self.0.call(request);
            Box::pin(async move { answer.await.map(IntoResponse::into_response) })
        }
    }
}
