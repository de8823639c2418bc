//! Extracts [`Auth`](super::Auth) and the user in handlers.

use auth_identity::__private::{RequestUser, without_layer};
use axum::{extract::FromRequestParts, response::Response};
use http::request::Parts;

use super::{Auth, AuthError, request_state::RequestState};
use crate::{answer_future::Answer, identity::UserId};

impl<S: Send + Sync> FromRequestParts<S> for Auth {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let state = RequestState::shared(parts).ok_or_else(without_layer)?;
        let head = state.keep_head(parts);
        // A failure is stored, and reported by the method that needs the missing value.
        let _ = state.identify(parts).await;
        Ok(Self { state, head, allows_cross_site: false })
    }
}

impl RequestUser for RequestState {
    fn find_user<'a>(&'a self, parts: &'a Parts) -> Answer<'a, Result<Option<UserId>, Response>> {
        // After a guard nothing is left to wait for.
        match self.facts().resolved_user(self.config()) {
            Some(Ok(user)) => Answer::Now(Ok(user.cloned())),
            Some(Err(error)) => Answer::Now(Err(refuse(parts, error))),
            None => Answer::later(async move {
                let found = async {
                    self.identify(parts).await?;
                    self.user().await
                };
                found.await.map_err(|error| refuse(parts, error))
            }),
        }
    }

    fn reject_anonymous(&self, parts: &Parts) -> Response {
        refuse(parts, AuthError::unauthenticated())
    }
}

pub(super) async fn find_user(parts: &Parts) -> Result<Option<UserId>, Response> {
    RequestState::of(parts)?.find_user(parts).await
}

/// Responds as a guard would.
pub(crate) fn refuse(parts: &Parts, error: AuthError) -> Response {
    match RequestState::of(parts) {
        Ok(state) => state.config().respond(error.kind(), parts),
        Err(no_layer) => no_layer,
    }
}
