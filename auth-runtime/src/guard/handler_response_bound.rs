//! Requires that a guarded handler returns a response: the trait bound [`HandlerResponse`].

use axum::response::IntoResponse;

/// A response of a handler. It is axum's own trait, with a message that says what to do.
#[diagnostic::on_unimplemented(
    message = "this handler does not return a response; return a type that implements `IntoResponse`, such as \
               `axum::Json<…>`, `String` or `StatusCode`",
    label = "not a response"
)]
pub trait HandlerResponse {
    /// Read by the attributes.
    const IS_RESPONSE: () = ();
}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse> HandlerResponse for T {}
