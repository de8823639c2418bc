//! What a guarded handler is: one whose first argument is a guard.

use super::record::GuardRecord;
use crate::{
    acl::Resource,
    guard::{
        AclRequired, AllowAnonymous, AuthRequired, Both, GuardSpec, PermissionRequired, Permit, PermitFor,
        ResourceRequired, ScopeRequired, Site,
    },
};

mod sealed {
    pub trait Guarding {}
    pub trait GuardedArguments {}
    pub trait GuardedHandler<T, S> {}
}

/// A handler that a guarded router takes: an attribute or a [`Permit`] stands before its arguments.
///
/// This trait is sealed, and implemented for every [`Handler`](axum::handler::Handler) whose first argument is a guard.
#[diagnostic::on_unimplemented(
    message = "this handler is not guarded",
    label = "an unguarded handler on a guarded router",
    note = "write `#[acl_required(\"permission\", CONTEXT)]`, `#[auth_required]` or `#[allow_anonymous]` above the handler",
    note = "a guard is the first argument: the attributes put theirs there, and a `Permit` belongs there too"
)]
pub trait GuardedHandler<T, S>: sealed::GuardedHandler<T, S> {
    /// What stands before the arguments.
    #[doc(hidden)]
    fn guards() -> Vec<GuardRecord>;

    /// Where the handler stands, when an attribute has written it down.
    #[doc(hidden)]
    fn site() -> Option<Site>;
}

#[diagnostic::do_not_recommend]
impl<H, T: GuardedArguments, S> sealed::GuardedHandler<T, S> for H {}

#[diagnostic::do_not_recommend]
impl<H, T: GuardedArguments, S> GuardedHandler<T, S> for H {
    fn guards() -> Vec<GuardRecord> {
        let mut guards = Vec::new();
        T::First::record(&mut guards);
        guards
    }

    fn site() -> Option<Site> {
        T::First::stands()
    }
}

/// The arguments of a guarded handler, as axum writes them: `(M, G)`, `(M, G, A)` and so on.
#[doc(hidden)]
pub trait GuardedArguments: sealed::GuardedArguments {
    /// The guard.
    type First: Guarding;
}

macro_rules! arguments {
    ($($name:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<M, G: Guarding, $($name),*> sealed::GuardedArguments for (M, G, $($name,)*) {}

        #[diagnostic::do_not_recommend]
        impl<M, G: Guarding, $($name),*> GuardedArguments for (M, G, $($name,)*) {
            type First = G;
        }
    };
}

arguments!();
arguments!(A1);
arguments!(A1 A2);
arguments!(A1 A2 A3);
arguments!(A1 A2 A3 A4);
arguments!(A1 A2 A3 A4 A5);
arguments!(A1 A2 A3 A4 A5 A6);
arguments!(A1 A2 A3 A4 A5 A6 A7);
arguments!(A1 A2 A3 A4 A5 A6 A7 A8);
arguments!(A1 A2 A3 A4 A5 A6 A7 A8 A9);
arguments!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10);
arguments!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
arguments!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12);
arguments!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13);
arguments!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14);
arguments!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);

/// A type of guard.
#[doc(hidden)]
pub trait Guarding: sealed::Guarding {
    /// Writes down what it demands.
    fn record(guards: &mut Vec<GuardRecord>);

    /// Where the handler stands.
    fn stands() -> Option<Site>;
}

macro_rules! by_attribute {
    ($($guard:ident)*) => {
        $(
            impl<R: GuardSpec> sealed::Guarding for $guard<R> {}

            impl<R: GuardSpec> Guarding for $guard<R> {
                fn record(guards: &mut Vec<GuardRecord>) {
                    R::each(&mut |spec| guards.push(GuardRecord::of_spec(spec)));
                }

                fn stands() -> Option<Site> {
                    Some(R::SPEC.site())
                }
            }
        )*
    };
}

by_attribute!(AclRequired AllowAnonymous AuthRequired PermissionRequired ScopeRequired);

impl<A: Guarding, B: Guarding> sealed::Guarding for Both<A, B> {}

impl<A: Guarding, B: Guarding> Guarding for Both<A, B> {
    fn record(guards: &mut Vec<GuardRecord>) {
        A::record(guards);
        B::record(guards);
    }

    fn stands() -> Option<Site> {
        A::stands()
    }
}

impl<R: GuardSpec, T: Resource> sealed::Guarding for ResourceRequired<R, T> {}

impl<R: GuardSpec, T: Resource> Guarding for ResourceRequired<R, T> {
    fn record(guards: &mut Vec<GuardRecord>) {
        R::each(&mut |spec| guards.push(GuardRecord::of_spec(spec)));
    }

    fn stands() -> Option<Site> {
        Some(R::SPEC.site())
    }
}

impl<P: PermitFor<T>, T> sealed::Guarding for Permit<P, T> {}

/// A permit is declared elsewhere, and does not know the handler.
impl<P: PermitFor<T>, T> Guarding for Permit<P, T> {
    fn record(guards: &mut Vec<GuardRecord>) {
        P::each(&mut |spec| guards.push(GuardRecord::of_spec(spec)));
    }

    fn stands() -> Option<Site> {
        None
    }
}
