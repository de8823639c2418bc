//! Reports guards and permits that are made by hand, as compile errors.
//!
//! Nothing implements the traits, so neither function can be called. Their type is that of the trait, and never a
//! guard: an implementation would not be a way around one.

use super::{AclRequired, AuthRequired, Permit, PermitFor};

/// Has no implementation: a router makes guards.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "only a router makes a guard; route requests to the handler, or in a test write \
               `auth_runtime::testing::pass()`",
    label = "a guard that no request has passed"
)]
pub trait GuardByHand {
    type Made;

    fn make() -> Self::Made;
}

/// Has no implementation: a guard makes permits.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "only a guard makes a permit; take `permit: Permit<…>` as the first argument of the handler",
    label = "a permit that no guard has given"
)]
pub trait PermitByHand {
    type Made;

    fn make() -> Self::Made;
}

// The bounds are those of the implementations, and not of the functions: the compiler shows less of their source.
#[doc(hidden)]
impl<R> AclRequired<R>
where
    Self: GuardByHand,
{
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "nothing can call it")]
    pub fn default() -> <Self as GuardByHand>::Made {
        Self::make()
    }
}

#[doc(hidden)]
impl<R> AuthRequired<R>
where
    Self: GuardByHand,
{
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "nothing can call it")]
    pub fn default() -> <Self as GuardByHand>::Made {
        Self::make()
    }
}

// Here it is that of the function: the types of a permit are not known where it is made, and then the compiler does not
// show the message of an implementation's bound. On one line, it shows one.
#[doc(hidden)]
impl<P: PermitFor<T>, T> Permit<P, T> {
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "nothing can call it")]
    #[rustfmt::skip]
    pub fn default() -> <Self as PermitByHand>::Made where Self: PermitByHand {
        Self::make()
    }
}
