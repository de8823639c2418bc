//! What handlers may take as arguments.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::request::Parts;

use super::{Auth, AuthError, request_state::RequestState};
use crate::{identity::UserId, refusal};

/// The request's state among its extensions; only the layer puts it there.
#[derive(Clone)]
pub(crate) struct Handle(pub(crate) Arc<RequestState>);

impl<S: Send + Sync> FromRequestParts<S> for Auth {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let state = RequestState::of(parts)?;
        let head = state.keep_head(parts);
        // A failure is remembered, and reported by the method that asks for what is missing.
        let _ = state.identify(parts).await;
        Ok(Self { state: Arc::clone(state), head, allows_cross_site: false })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for UserId {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        match find_user(parts).await? {
            Some(user) => Ok(user),
            None => Err(refuse(parts, AuthError::unauthenticated())),
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for UserId {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Response> {
        find_user(parts).await
    }
}

pub(super) async fn find_user(parts: &Parts) -> Result<Option<UserId>, Response> {
    let state = RequestState::of(parts)?;
    let found = async {
        state.identify(parts).await?;
        state.user().await
    };
    found.await.map_err(|error| refuse(parts, error))
}

/// Responds as a guard would.
pub(crate) fn refuse(parts: &Parts, error: AuthError) -> Response {
    match RequestState::of(parts) {
        Ok(state) => refusal::respond(state.config(), error.kind(), parts),
        Err(no_layer) => no_layer,
    }
}

/// The response for an application without an `AuthLayer`.
pub(super) fn no_layer() -> Response {
    AuthError::misconfigured(
        "no AuthLayer stands around this route; add `.layer(AuthLayer::new(…))` to the router, after the route",
    )
    .into_response()
}
