//! Reports a router that gets its layer before its state as a compile error.

use super::{App, Router};

/// A router that misses no state.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this router lacks its state; write `.with_state(…)` before `.with_auth(…)`",
    label = "the handlers need a state"
)]
pub trait NoMissingState {
    /// `App`, which is not known after a mistake, so that a `.with_state(…)` after it is not a second one.
    type App;

    /// Makes the application. The compiler infers from the only implementation that the state is `()`.
    fn complete(self, make: impl FnOnce(Router) -> App) -> Self::App;
}

#[diagnostic::do_not_recommend]
impl NoMissingState for Router {
    type App = App;

    fn complete(self, make: impl FnOnce(Self) -> App) -> App {
        make(self)
    }
}
