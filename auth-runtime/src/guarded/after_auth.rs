//! Compile errors for routes that are added after `with_auth`, and for an [`App`] given where axum takes a router.
//!
//! Nothing implements the traits, so none of the methods below can be called. Without them the compiler would
//! only report a missing method, and not what to write instead.

use super::App;

/// Has no implementation: routes are added before `with_auth`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this route is added after `with_auth`; move it before `with_auth`",
    label = "no route is added after `with_auth`",
    note = "a route without a guard is accepted with a reason, `unguarded(\"the reason\", …)`"
)]
pub trait BeforeWithAuth {}

/// Has no implementation: an [`App`] stays one.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an `App` cannot become a router; write `axum::Router::new().fallback_service(…)` around it",
    label = "the routes of an `App` cannot be taken out of it",
    note = "or merge the routes before `with_auth`"
)]
pub trait RouterAgain {}

#[doc(hidden)]
impl App {
    pub fn route<T: BeforeWithAuth>(self, _: &str, _: T) -> Self {
        self
    }

    pub fn nest<T: BeforeWithAuth>(self, _: &str, _: T) -> Self {
        self
    }

    pub fn merge<T: BeforeWithAuth>(self, _: T) -> Self {
        self
    }

    pub fn fallback<T: BeforeWithAuth>(self, _: T) -> Self {
        self
    }
}

#[doc(hidden)]
impl<S: RouterAgain + Clone + Send + Sync + 'static> From<App> for axum::Router<S> {
    fn from(_: App) -> Self {
        Self::new()
    }
}
