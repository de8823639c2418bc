//! Reports methods of axum's router that are called after `with_auth`, and an [`App`] given where axum takes
//! a router, as compile errors.
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

/// Has no implementation: handlers get their state before `with_auth`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the state is given after `with_auth`; move `.with_state(…)` before `.with_auth(…)`",
    label = "an `App` has its state"
)]
pub trait StateBeforeWithAuth {}

/// Has no implementation: a layer around the routes alone belongs inside the [`AuthLayer`](crate::AuthLayer).
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an `App` has no layers around its routes alone; write `.layer(…)`, or move `.route_layer(…)` before \
               `.with_auth(…)`",
    label = "no layer goes between an `App` and its routes"
)]
pub trait RouteLayerBeforeWithAuth {}

/// Has no implementation: a guard belongs inside the [`AuthLayer`](crate::AuthLayer).
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this guard is outside of the `AuthLayer`; move `.guarded_by(…)` before `.with_auth(…)`",
    label = "a guard asks the `AuthLayer`, which has to be around it"
)]
pub trait GuardBeforeWithAuth {}

/// Has no implementation: an [`App`] has its layer.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this `App` has an `AuthLayer` already; remove one of the two `.with_auth(…)`",
    label = "a second `AuthLayer`"
)]
pub trait OneAuthLayer {}

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

    pub fn route_service<T: BeforeWithAuth>(self, _: &str, _: T) -> Self {
        self
    }

    pub fn nest<T: BeforeWithAuth>(self, _: &str, _: T) -> Self {
        self
    }

    pub fn nest_service<T: BeforeWithAuth>(self, _: &str, _: T) -> Self {
        self
    }

    pub fn merge<T: BeforeWithAuth>(self, _: T) -> Self {
        self
    }

    pub fn fallback<T: BeforeWithAuth>(self, _: T) -> Self {
        self
    }

    pub fn fallback_service<T: BeforeWithAuth>(self, _: T) -> Self {
        self
    }

    pub fn method_not_allowed_fallback<T: BeforeWithAuth>(self, _: T) -> Self {
        self
    }

    pub fn route_layer<T: RouteLayerBeforeWithAuth>(self, _: T) -> Self {
        self
    }

    pub fn guarded_by<T: GuardBeforeWithAuth>(self, _: T) -> Self {
        self
    }

    pub fn with_auth<T: OneAuthLayer>(self, _: T) -> Self {
        self
    }

    pub fn with_state<T: StateBeforeWithAuth>(self, _: T) -> Self {
        self
    }
}

#[doc(hidden)]
impl<S: RouterAgain + Clone + Send + Sync + 'static> From<App> for axum::Router<S> {
    fn from(_: App) -> Self {
        Self::new()
    }
}
