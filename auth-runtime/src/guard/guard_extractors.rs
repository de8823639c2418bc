//! Extracts guards, types whose values only a decision constructs, such as [`AclRequired`].

use std::{fmt, marker::PhantomData};

use axum::{extract::FromRequestParts, response::Response};
use http::request::Parts;

use super::{
    Decided, GuardSpec, With,
    argument_guard_trait::{ArgumentGuard, admit_first},
    enforce::enforce,
};
use crate::guard_probe::{Probe, ProbeAnswer};

mod sealed {
    use super::Decided;

    pub trait Sealed {
        /// Other crates can call this through `Guard`, but cannot construct its argument.
        fn new(_: Decided) -> Self;
    }
}

/// A guard: the first argument of a guarded handler.
///
/// This trait is sealed. Put an attribute on the handler to get one.
#[diagnostic::on_unimplemented(
    message = "this type is not a guard; write `#[auth_required]`, `#[acl_required(\"permission\", ACL)]` or \
               `#[allow_anonymous]` above the handler",
    label = "expected a guard"
)]
pub trait Guard: sealed::Sealed + Sized {
    /// Its requirement.
    #[doc(hidden)]
    type Spec: GuardSpec;

    /// Decides about the request.
    #[doc(hidden)]
    fn judge(parts: &Parts) -> impl Future<Output = Result<Decided, Response>> + Send;
}

macro_rules! guards {
    ($($(#[$doc:meta])* $name:ident<$($part:ident: $bound:ident),*>: $spec:ty = |$parts:ident| $judge:expr;)*) => {
        $(
            $(#[$doc])*
            pub struct $name<$($part),*>(PhantomData<fn() -> ($($part,)*)>);

            impl<$($part),*> sealed::Sealed for $name<$($part),*> {
                fn new(_: Decided) -> Self {
                    Self(PhantomData)
                }
            }

            #[diagnostic::do_not_recommend]
            impl<$($part: $bound),*> Guard for $name<$($part),*> {
                type Spec = $spec;

                async fn judge($parts: &Parts) -> Result<Decided, Response> {
                    $judge
                }
            }

            impl<$($part: $bound,)* S: Send + Sync> FromRequestParts<S> for $name<$($part),*> {
                type Rejection = Response;

                async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
                    let decided = Self::judge(parts).await?;
                    Probe::end(parts, ProbeAnswer::Passed)?;
                    Ok(sealed::Sealed::new(decided))
                }
            }

            impl<$($part),*> fmt::Debug for $name<$($part),*> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(stringify!($name))
                }
            }
        )*
    };
}

guards! {
    /// The guard of [`#[acl_required(…)]`](crate::acl_required): a constant list grants the permission.
    AclRequired<R: GuardSpec>: R = |parts| enforce(parts, R::SPEC).await;
    /// The guard of [`#[allow_anonymous]`](crate::allow_anonymous): every request may pass, as the source
    /// states.
    AllowAnonymous<R: GuardSpec>: R = |parts| enforce(parts, R::SPEC).await;
    /// The guard of [`#[auth_required]`](crate::auth_required): there is a user, who is not blocked.
    AuthRequired<R: GuardSpec>: R = |parts| enforce(parts, R::SPEC).await;
    /// The guard in front of the handler's arguments, the last of which is decided about when the body has been read: see
    /// [`FromBody`](super::FromBody).
    BeforeBody<G: ArgumentGuard>: G = |parts| admit_first::<G>(parts).await;
    /// The guard of [`#[permission_required(…)]`](crate::permission_required): the application's policy grants it.
    PermissionRequired<R: GuardSpec>: R = |parts| enforce(parts, R::SPEC).await;
    /// The guard of [`#[scope_required(…)]`](crate::scope_required): the access token has the scopes.
    ScopeRequired<R: GuardSpec>: R = |parts| enforce(parts, R::SPEC).await;
    /// Two guards on one handler: both must let the request pass. The upper one decides first.
    Both<A: Guard, B: Guard>: With<A::Spec, B::Spec> = |parts| {
        A::judge(parts).await?;
        B::judge(parts).await
    };
}
