//! The guards as types, whose values only a decision constructs.

use std::{fmt, marker::PhantomData};

use axum::{extract::FromRequestParts, response::Response};
use http::request::Parts;

use super::{Decided, GuardSpec, enforce::enforce};
use crate::probe::{Probe, ProbeAnswer};

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
    /// Decides about the request.
    #[doc(hidden)]
    fn judge(parts: &mut Parts) -> impl Future<Output = Result<Self, Response>> + Send;
}

macro_rules! guards {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            pub struct $name<R>(PhantomData<fn() -> R>);

            impl<R> sealed::Sealed for $name<R> {
                fn new(_: Decided) -> Self {
                    Self(PhantomData)
                }
            }

            impl<R: GuardSpec> Guard for $name<R> {
                async fn judge(parts: &mut Parts) -> Result<Self, Response> {
                    enforce(parts, R::SPEC).await.map(sealed::Sealed::new)
                }
            }

            impl<R: GuardSpec, S: Send + Sync> FromRequestParts<S> for $name<R> {
                type Rejection = Response;

                async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
                    let guard = Self::judge(parts).await?;
                    Probe::end(parts, ProbeAnswer::Passed)?;
                    Ok(guard)
                }
            }

            impl<R> fmt::Debug for $name<R> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(stringify!($name))
                }
            }
        )*
    };
}

guards! {
    /// The guard of [`#[acl_required(…)]`](crate::acl_required): a constant list grants the permission.
    AclRequired;
    /// The guard of [`#[allow_anonymous]`](crate::allow_anonymous): every request may pass, as the source
    /// states.
    AllowAnonymous;
    /// The guard of [`#[auth_required]`](crate::auth_required): there is a user, who is not blocked.
    AuthRequired;
    /// The guard of [`#[permission_required(…)]`](crate::permission_required): the application's policy grants it.
    PermissionRequired;
    /// The guard of [`#[scope_required(…)]`](crate::scope_required): the access token has the scopes.
    ScopeRequired;
}

/// Two guards on one handler: both must let the request pass. The upper one decides first.
pub struct Both<A, B>(PhantomData<fn() -> (A, B)>);

impl<A, B> sealed::Sealed for Both<A, B> {
    fn new(_: Decided) -> Self {
        Self(PhantomData)
    }
}

impl<A: Guard, B: Guard> Guard for Both<A, B> {
    async fn judge(parts: &mut Parts) -> Result<Self, Response> {
        A::judge(parts).await?;
        B::judge(parts).await?;
        Ok(Self(PhantomData))
    }
}

impl<A: Guard, B: Guard, S: Send + Sync> FromRequestParts<S> for Both<A, B> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let guard = Self::judge(parts).await?;
        Probe::end(parts, ProbeAnswer::Passed)?;
        Ok(guard)
    }
}

impl<A, B> fmt::Debug for Both<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Both")
    }
}
