//! Says what to write where a constant of another type stands for an ACL, a hierarchy or a condition: [`IsAcl`],
//! [`IsGroupHierarchy`], [`IsImpliedPermissions`] and [`IsCondition`].
//!
//! The macros write `let value = LIST; compare_type(&value, IsAcl::check); *same_acl(&value)`. A trait that is asked for by a
//! path fails with its own message and without a note about a bound of ours. The second call fails by the same bound at
//! the same position, which the compiler reports once, and returns a type that is not known then, so that no further
//! error follows.

use super::{Acl, Condition, GroupHierarchy, ImpliedPermissions};

/// Compares the type of a value with that of a check, and calls neither.
pub const fn compare_type<T: Copy>(_: T, _: fn(T)) {}

macro_rules! expected {
    ($(#[$message:meta] $of:ident, $same:ident: $ty:ty;)*) => {$(
        #[doc = concat!("A reference to `", stringify!($ty), "`, which a macro expects.")]
        #[$message]
        pub trait $of: Copy {
            /// The type itself, known only if it is the expected one.
            type Same;

            /// Names the trait in a path.
            fn check(self) {}
        }

        #[diagnostic::do_not_recommend]
        impl $of for &$ty {
            type Same = Self;
        }

        #[doc = concat!("Returns the value, if it is a `", stringify!($ty), "`.")]
        #[must_use]
        pub const fn $same<T: $of<Same = T>>(value: T) -> T::Same {
            value
        }
    )*};
}

expected! {
    #[diagnostic::on_unimplemented(
        message = "this is not an ACL; write the name of a constant such as `const ARTICLES: Acl = acl![…]`",
        label = "expected an `Acl`"
    )]
    IsAcl, same_acl: Acl;

    #[diagnostic::on_unimplemented(
        message = "this is not a hierarchy of groups; write the name of a constant such as `const ROLES: GroupHierarchy = group_hierarchy![…]`",
        label = "expected a `GroupHierarchy`"
    )]
    IsGroupHierarchy, same_group_hierarchy: GroupHierarchy;

    #[diagnostic::on_unimplemented(
        message = "these are not implied permissions; write the name of a constant such as `const RIGHTS: ImpliedPermissions = implied_permissions![…]`",
        label = "expected `ImpliedPermissions`"
    )]
    IsImpliedPermissions, same_implied_permissions: ImpliedPermissions;

    #[diagnostic::on_unimplemented(
        message = "this is not a condition; write `OWNER`, or the name of a constant such as `const DAY: Condition = Condition::daily(…)`",
        label = "expected a `Condition`"
    )]
    IsCondition, same_condition: Condition;
}
