//! [`GuardedHandler`]: a handler whose first argument is a guard.

use crate::{
    access::{
        http_methods::Methods,
        route_record::{RouteKind, RouteRecord},
    },
    acl::Resource,
    guard::{Guard, GuardSpec, Permit, PermitFor, ResourceRequired},
};

mod sealed {
    pub trait GuardedHandler<T, S> {}
}

/// A handler that a guarded router accepts: it has an attribute, or a [`Permit`] as its first argument.
///
/// This trait is sealed, and implemented for every [`Handler`](axum::handler::Handler) whose first argument is a guard.
#[diagnostic::on_unimplemented(
    message = "this handler is not guarded; write `#[auth_required]`, `#[acl_required(\"permission\", ACL)]` or \
               `#[allow_anonymous]` above it",
    label = "this handler has no guard",
    note = "a `Permit` is a guard, too, if it is the first argument"
)]
pub trait GuardedHandler<T, S>: sealed::GuardedHandler<T, S> {
    /// Records the guards of the handler, and its source position: that of its attribute, or else of the call
    /// that adds it.
    #[doc(hidden)]
    #[track_caller]
    fn record(kind: RouteKind, methods: Methods) -> RouteRecord;
}

#[diagnostic::do_not_recommend]
impl<H, T: GuardedArguments, S> sealed::GuardedHandler<T, S> for H {}

#[diagnostic::do_not_recommend]
impl<H, T: GuardedArguments, S> GuardedHandler<T, S> for H {
    fn record(kind: RouteKind, methods: Methods) -> RouteRecord {
        RouteRecord::new(kind, methods)
            .with_handler::<H, <T::First as GuardArgument>::Spec>(T::First::IS_ATTRIBUTE)
    }
}

/// The arguments of a guarded handler, as axum writes them: `(M, G)`, `(M, G, A)` and so on.
///
/// Other crates cannot name it, and so cannot implement it.
pub trait GuardedArguments {
    /// The guard.
    type First: GuardArgument;
}

/// Implements it for as many arguments after the guard, and for fewer.
macro_rules! arguments {
    ($($name:ident $($fewer:ident)*)?) => {
        #[diagnostic::do_not_recommend]
        impl<M, G: GuardArgument, $($name, $($fewer),*)?> GuardedArguments for (M, G, $($name, $($fewer),*)?) {
            type First = G;
        }
        $(arguments!($($fewer)*);)?
    };
}

arguments!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);

/// A guard as an argument. Other crates cannot name it, and so cannot implement it.
pub trait GuardArgument {
    /// Its requirement.
    type Spec: GuardSpec;
    /// Whether an attribute on the handler generated it; a permit is declared elsewhere, and does not know
    /// the handler.
    const IS_ATTRIBUTE: bool = true;
}

impl<G: Guard> GuardArgument for G {
    type Spec = G::Spec;
}

impl<R: GuardSpec, T: Resource> GuardArgument for ResourceRequired<R, T> {
    type Spec = R;
}

impl<P: PermitFor<T>, T> GuardArgument for Permit<P, T> {
    type Spec = P;
    const IS_ATTRIBUTE: bool = false;
}
