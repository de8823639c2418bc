//! Marks responses that hide their route: [`Hiding`] and [`WithoutMethods`].

use axum::response::Response;
use http::header;

/// Marks a response that must be identical to that for a path that does not exist; the layer adds nothing to
/// it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hiding;

/// Marks such a response if a gate has already added that it depends on the user.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WithoutMethods;

/// Removes `Allow` from a response that hides its route. Axum adds it outside of all layers, if a layer's
/// guard responds to a method that the path does not have.
pub(crate) fn without_methods(mut response: Response) -> Response {
    let marks = response.extensions();
    if marks.get::<Hiding>().is_some() || marks.get::<WithoutMethods>().is_some() {
        response.headers_mut().remove(header::ALLOW);
    }
    response
}
