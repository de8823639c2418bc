//! What expansions of the macros may name. Nothing here is for people; it may change with every release.

#[cfg(feature = "macros")]
pub use auth_macros::acl_impl;
pub use axum::response::IntoResponse;

pub use crate::acl::{
    check::{check_literal, check_variant},
    index::{Index, Slot, index, slots},
    words::{GroupWords, PermissionWords, group, permission},
};
pub use crate::guard::{AclStep, Branch, GuardSpec, PermissionStep, Site, Spec};
