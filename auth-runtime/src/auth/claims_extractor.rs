//! Extracts the claims of a bearer token in handlers: [`Claims`].

use std::{fmt, ops::Deref};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::Response,
};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{AuthError, auth_extractor::refuse, request_state::RequestState};
use crate::{error_kind::AuthErrorKind, events, jwt::VerifiedClaims};

/// The claims of the request's bearer token, as a type of the application.
///
/// The token is already verified. A request without a token, or with another kind of credential, is rejected
/// with 401; so is a token whose claims do not deserialize into the type. `Option<Claims<T>>` is `None` if
/// there is no token.
///
/// # Example
///
/// ```
/// use auth_runtime::{Claims, auth_required};
///
/// #[derive(serde::Deserialize)]
/// struct Tenant {
///     tenant: u32,
/// }
///
/// #[auth_required]
/// async fn bill(claims: Claims<Tenant>) -> String {
///     format!("the bill of tenant {}", claims.tenant)
/// }
/// ```
#[derive(Clone)]
pub struct Claims<T>(pub T);

impl<T> Deref for Claims<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Claims<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims([redacted])")
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Claims<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        match find(parts).await? {
            Some(claims) => Ok(claims),
            None => Err(refuse(parts, AuthError::unauthenticated())),
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> OptionalFromRequestParts<S> for Claims<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Response> {
        find(parts).await
    }
}

async fn find<T: DeserializeOwned>(parts: &Parts) -> Result<Option<Claims<T>>, Response> {
    let state = RequestState::of(parts)?;
    let found = async {
        state.identify(parts).await?;
        Ok((state.user().await?, state.identified().await?))
    };
    let (user, identified) = found.await.map_err(|error| refuse(parts, error))?;
    // A token that was revoked, or whose user no longer exists, has no claims.
    let Some(claims) = user.and_then(|_| identified.memo::<VerifiedClaims>()) else { return Ok(None) };
    claims.deserialize().map(|claims| Some(Claims(claims))).map_err(|_| {
        // The deserialization error may quote the claims.
        events::bad_credential(&"the token's claims do not fit the type that the handler takes");
        refuse(parts, AuthError::new(AuthErrorKind::InvalidCredential))
    })
}
