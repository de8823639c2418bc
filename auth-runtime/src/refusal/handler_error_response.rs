//! Replaces responses to errors that handlers return, which [`Unnegotiated`] marks.

use auth_identity::__private::realm;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

use super::{default_body, hiding_marks::Hiding};
use crate::error_kind::AuthErrorKind;

/// Marks the response to an error of a handler, which was made without the request. The layer replaces it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unnegotiated(AuthErrorKind);

pub(crate) fn unnegotiated(kind: AuthErrorKind) -> Response {
    let mut response = default_body::of(kind, None, None, kind.step_up());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if kind.wants_a_user() {
        headers.insert(header::WWW_AUTHENTICATE, realm::of_cookies());
    }
    response.extensions_mut().insert(Unnegotiated(kind));
    response
}

/// The response for a resource that does not exist, which is made without the request.
pub(crate) fn missing() -> Response {
    let mut response = default_body::missing(false);
    response.extensions_mut().insert(Hiding);
    response.extensions_mut().insert(Unnegotiated(AuthErrorKind::Hidden));
    response
}

/// Returns whether a response says that a resource does not exist, and is not rendered yet.
pub(crate) fn is_missing(response: &Response) -> bool {
    let mark = response.extensions().get::<Unnegotiated>();
    mark.is_some_and(|Unnegotiated(kind)| {
        *kind == AuthErrorKind::Hidden && response.status() == kind.status()
    })
}

/// Returns whether a response is that to an error of a handler.
pub(crate) fn is_unnegotiated(response: &Response) -> bool {
    response.extensions().get::<Unnegotiated>().is_some()
}

/// Headers that describe a body which is about to be replaced.
const OF_THE_BODY: [HeaderName; 8] = [
    header::ACCEPT_RANGES,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::ETAG,
    header::LAST_MODIFIED,
    header::TRANSFER_ENCODING,
];

/// Returns the kind of the error that a handler responded with, if the response still has the form of the error.
pub(crate) fn take_unnegotiated(response: &mut Response) -> Option<AuthErrorKind> {
    let Unnegotiated(kind) = response.extensions_mut().remove()?;
    // The handler may have turned its error into a response with a status and headers of its own.
    (response.status() == kind.status()).then_some(kind)
}

/// Adds to the rendered response of an error what the handler has added to its own.
pub(crate) fn with_headers_of(response: Response, kind: AuthErrorKind, mut answer: Response) -> Response {
    let (parts, _) = response.into_parts();
    let (own, default) = (answer.headers().clone(), unnegotiated(kind).into_parts().0.headers);
    for (name, value) in &parts.headers {
        let adds = if default.get(name) == Some(value) {
            false
        } else if name == header::SET_COOKIE || name == header::VARY {
            own.get_all(name).iter().all(|line| line != value)
        } else {
            !own.contains_key(name) && !OF_THE_BODY.contains(name)
        };
        if adds {
            answer.headers_mut().append(name, value.clone());
        }
    }
    answer.extensions_mut().extend(parts.extensions);
    answer
}
