//! Guards: the check before a handler.
//!
//! The attributes add a guard as the first extractor of the function, so it decides before any other
//! extractor runs and before the body is read. A guard is a type whose values only a decision can construct,
//! so a guarded function cannot be called without it.
//!
//! | attribute | guard |
//! |---|---|
//! | [`#[auth_required]`](crate::auth_required) | [`AuthRequired`] |
//! | [`#[acl_required(…)]`](crate::acl_required) | [`AclRequired`] |
//! | [`#[permission_required(…)]`](crate::permission_required) | [`PermissionRequired`] |
//! | [`#[scope_required(…)]`](crate::scope_required) | [`ScopeRequired`] |
//! | [`#[allow_anonymous]`](crate::allow_anonymous) | [`AllowAnonymous`] |
//! | two of them on one handler | [`Both`] |
//!
//! Anything that is not a handler function (a directory of files, a service, another framework's router) is
//! guarded by a layer: [`auth`], [`acl`], [`permission`], [`scope`], and [`anonymous`] for what is public on
//! purpose.

mod enforce;
mod expression;
mod extractors;
mod judge;
mod layer;
mod options;
mod permit;
mod resource;
mod shadow;
mod spec;

pub(crate) use enforce::Decided;
pub use expression::{Branch, Step};
pub use extractors::{
    AclRequired, AllowAnonymous, AuthRequired, Both, Guard, PermissionRequired, ScopeRequired,
};
pub use layer::{GuardLayer, GuardService, acl, anonymous, auth, permission, scope};
pub use permit::{Permit, PermitFor};
pub use resource::{Missing, ResourceRequired, Seal, open_seal};
pub use shadow::Shadow;
pub use spec::{GuardKind, GuardSpec, Site, Spec, With};
