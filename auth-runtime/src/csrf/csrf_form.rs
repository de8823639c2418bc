//! Reads forms whose CSRF token is verified before the handler runs: [`CsrfForm`], [`CsrfBytes`].

use std::ops::Deref;

use auth_identity::__private::without_layer;
use axum::{
    Form,
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use http::{header, request::Parts};
use serde::de::DeserializeOwned;

use super::FIELD;
use crate::auth::{RequestState, refuse};

/// A form (`application/x-www-form-urlencoded`) whose field `csrf_token` is verified before the handler runs. `T` does not
/// see the field.
///
/// It belongs to a guard with `csrf_form`, and is the handler's last argument. A token in the header `X-CSRF-Token`
/// suffices, too. Without a right one, the response is 403.
///
/// # Example
///
/// ```
/// use auth_runtime::{UserId, auth_required, csrf::CsrfForm};
///
/// #[derive(serde::Deserialize)]
/// struct Comment {
///     text: String,
/// }
///
/// #[auth_required(csrf_form)]
/// async fn comment(user: UserId, CsrfForm(comment): CsrfForm<Comment>) -> String {
///     format!("{user} says {}", comment.text)
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "handlers take it apart")]
pub struct CsrfForm<T>(pub T);

impl<T> Deref for CsrfForm<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

mod sealed {
    pub trait Sealed {}

    impl<T> Sealed for super::CsrfForm<T> {}

    impl Sealed for super::CsrfBytes {}
}

/// An argument that verifies the CSRF token, which the attributes demand of a handler with `csrf_form`.
#[diagnostic::on_unimplemented(
    message = "this argument does not verify the CSRF token of the form; write `CsrfForm<…>` as the last argument, or \
               remove `csrf_form`",
    label = "not a `CsrfForm`"
)]
pub trait VerifiesCsrfToken: sealed::Sealed {
    /// Read by the attributes.
    const VERIFIES: () = ();
}

#[diagnostic::do_not_recommend]
impl<T> VerifiesCsrfToken for CsrfForm<T> {}

#[diagnostic::do_not_recommend]
impl VerifiesCsrfToken for CsrfBytes {}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for CsrfForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut head, rest) = verified(request, state, true).await?;
        head.headers.remove(header::CONTENT_LENGTH);
        let request = Request::from_parts(head, Body::from(rest));
        let Form(form) = Form::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        Ok(Self(form))
    }
}

/// The bytes of a form as [`CsrfForm`] reads them, for routes of a library: the token is verified if the layer demands
/// tokens, and a layer without them makes no difference.
///
/// # Example
///
/// ```
/// use auth_runtime::{auth_required, csrf::CsrfBytes};
///
/// #[auth_required(csrf_form)]
/// async fn unlink(CsrfBytes(form): CsrfBytes) -> String {
///     format!("{} bytes without the token", form.len())
/// }
/// ```
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "handlers take it apart")]
pub struct CsrfBytes(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for CsrfBytes {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (_, rest) = verified(request, state, false).await?;
        Ok(Self(rest.into()))
    }
}

/// Reads a form and verifies its token; returns its other fields. `is_strict` fails if the layer makes no tokens.
async fn verified<S: Send + Sync>(
    request: Request,
    state: &S,
    is_strict: bool,
) -> Result<(Parts, Vec<u8>), Response> {
    let (head, body) = request.into_parts();
    let facts = RequestState::shared(&head).ok_or_else(without_layer)?;
    if let Err(error) = facts.identify(&head).await {
        return Err(refuse(&head, error));
    }
    let request = Request::from_parts(head.clone(), body);
    let form = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
    let (tokens, rest) = split(&form);
    let token = match *tokens.as_slice() {
        [token] => std::str::from_utf8(token).ok(),
        _ => None,
    };
    let is_verified = is_strict || facts.config().csrf.is_some();
    match if is_verified { facts.check_csrf_token(&head, token) } else { Ok(()) } {
        Ok(()) => Ok((head, rest)),
        Err(error) => Err(refuse(&head, error)),
    }
}

/// Separates the tokens from the other fields. A token has no characters that browsers escape.
fn split(form: &[u8]) -> (Vec<&[u8]>, Vec<u8>) {
    let (mut tokens, mut others) = (Vec::new(), Vec::new());
    for field in form.split(|byte| *byte == b'&') {
        match field.strip_prefix(FIELD.as_bytes()).and_then(|rest| rest.strip_prefix(b"=")) {
            Some(token) => tokens.push(token),
            None => others.push(field),
        }
    }
    (tokens, others.join(&b"&"[..]))
}
