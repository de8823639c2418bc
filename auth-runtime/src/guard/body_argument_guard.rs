//! Guards an argument that is read from the body (late guard): [`FromBody`], and [`BeforeBody`] in front of it.

use std::fmt;

use axum::{
    extract::{FromRequest, Request},
    response::Response,
};

use super::{
    GuardSpec,
    argument_guard_trait::{ArgumentGuard, rejected},
};

/// The guard of `#[acl_required("create", order, from_body)]` around the handler's last argument.
///
/// [`BeforeBody`](super::BeforeBody) comes first, and rejects anonymous requests, blocked users, and requests above
/// the limit of the route. The others are decided when the body has been read.
///
/// # Security
///
/// What the body says is what the client claims. Rules may compare it with the user, such as the buyer of a new order, and
/// an object that exists has to be loaded by its id: with the owner that the body names, every user would be the owner
/// (broken object-level authorization).
///
/// The body is read for users that the rules deny afterwards, and the handler's other arguments are extracted before
/// that. Limit the size of bodies (axum reads at most 2 MB by default), and give the other arguments no effects.
pub struct FromBody<G>(#[doc(hidden)] pub G);

impl<G, S> FromRequest<S> for FromBody<G>
where
    G: ArgumentGuard<Value: FromRequest<S>>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let head = parts.clone();
        let loaded = G::Value::from_request(Request::from_parts(parts, body), state).await;
        let value = loaded.map_err(|rejection| rejected(rejection, &head, <G as GuardSpec>::SPEC))?;
        G::judge(&head, value).await.map(Self)
    }
}

impl<G: fmt::Debug> fmt::Debug for FromBody<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FromBody").field(&self.0).finish()
    }
}
