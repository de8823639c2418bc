//! What expansions of the macros may name. Nothing here is for people; it may change with every release.

#[cfg(feature = "macros")]
pub use auth_macros::{acl_impl, group_hierarchy_impl, implied_permissions_impl, permit_impl};
pub use axum::response::IntoResponse;

pub use crate::acl::Resource;
pub use crate::acl::{
    check::{check_literal, check_variant},
    compose::{Composition, GroupHierarchy, ImpliedPermissions, check_acyclic},
    firsts::{First, firsts, places},
    index::{Index, Slot, index, slots},
    proof::{Whom, assert_can, assert_cannot, assert_no_wider, assert_not_both, assert_only},
    reach::check_rule,
    words::{GroupWords, PermissionWords, group, permission},
};
pub use crate::guard::{AclStep, Branch, GuardSpec, PermissionStep, PermitFor, Site, Spec, With};
