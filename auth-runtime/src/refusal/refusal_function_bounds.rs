//! Requires that a refusal function, which an option `refusal = …` names, takes a refusal and returns a response:
//! [`RefusalFunctionArgument`] and [`RefusalFunctionResult`].

use axum::response::{IntoResponse, Response};

use super::Refusal;

/// The argument of a refusal function.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a refusal function takes a `&Refusal`; write `fn refused(_: &Refusal) -> impl IntoResponse`",
    label = "takes something else"
)]
pub trait RefusalFunctionArgument<'a> {
    /// Returns the refusal.
    fn of(refusal: &'a Refusal) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a> RefusalFunctionArgument<'a> for &'a Refusal {
    fn of(refusal: &'a Refusal) -> Self {
        refusal
    }
}

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
