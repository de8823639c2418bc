//! Exports items to expansions of the macros. Not a public interface: they may change with every release.

pub use crate::acl::{Resource, ResourceDeclaration, words_of};
#[cfg(feature = "csrf")]
pub use crate::csrf::VerifiesCsrfToken;
#[cfg(feature = "macros")]
pub use auth_macros::{
    acl_assert_impl, acl_assert_no_wider_impl, acl_impl, acl_vocabulary_impl, group_hierarchy_impl,
    guard_layer_impl, implied_permissions_impl, permit_impl,
};

pub use crate::guard::{
    Branch, GuardKind, GuardLayer, GuardSpec, HandlerResponse, PermitFor, Shadow, Site, Spec, Step, With,
    open_seal,
};
pub use crate::refusal::{RefusalFunctionArgument, RefusalFunctionResult};
pub use auth_acl::__private::{
    Composition, Constant, ConstantGroup, ConstantPermission, Constants, Declared, First, GroupWords, Index,
    IsAcl, IsCondition, IsGroupHierarchy, IsImpliedPermissions, PermissionWords, Slot, Subject, Variants,
    Word, Words, Written, assert_can, assert_cannot, assert_no_wider, assert_not_both, assert_only,
    check_acyclic, check_budget, check_covered, check_group, check_ids, check_known, check_mentioned,
    check_one_vocabulary, check_overlay, check_permission, check_redundant, check_resource_permission,
    check_rule, check_shadow, check_user, check_written, compare_type, constant, declared, first_written,
    firsts, index, places, same_acl, same_condition, same_group_hierarchy, same_implied_permissions, slots,
    variant,
};
pub use auth_acl::{GroupHierarchy, ImpliedPermissions, ListOverlay, Vocabulary};
