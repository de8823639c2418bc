//! What expansions of the macros may name. Nothing here is for people; it may change with every release.

#[cfg(feature = "macros")]
pub use auth_macros::{
    acl_assert_impl, acl_assert_no_wider_impl, acl_impl, acl_vocabulary_impl, group_hierarchy_impl,
    implied_permissions_impl, permit_impl,
};
pub use axum::response::IntoResponse;

pub use crate::acl::Resource;
pub use crate::acl::{
    check::{
        check_group, check_literal, check_literal_known, check_shadow_literal, check_shadow_variant,
        check_user, check_variant, check_variant_known,
    },
    compose::{Composition, GroupHierarchy, ImpliedPermissions, check_acyclic},
    firsts::{First, firsts, places},
    index::{Index, Slot, index, slots},
    proof::{Whom, assert_can, assert_cannot, assert_no_wider, assert_not_both, assert_only},
    reach::check_rule,
    vocabulary::{check_covered, check_mentioned},
    words::{GroupWords, PermissionWords, Word, Words, group, permission, words},
    written::{Written, check_written, first_written},
};
pub use crate::guard::{
    AclStep, Branch, GuardSpec, PermissionStep, PermitFor, Shadow, Site, Spec, With, open_seal,
};
