//! Requires that a refusal function, which an option `refusal = …` names, returns a response:
//! [`RefusalFunctionResult`].

use axum::response::{IntoResponse, Response};

/// The return value of a refusal function.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a refusal function returns a response; write `fn refused(_: &Refusal) -> impl IntoResponse`, without `async`",
    label = "returns no response"
)]
pub trait RefusalFunctionResult {
    /// Returns the response.
    fn respond(self) -> Response;
}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse> RefusalFunctionResult for T {
    fn respond(self) -> Response {
        self.into_response()
    }
}
