//! The check that stands before a handler.
//!
//! The attributes put a guard in front of a function's arguments as one more extractor, so it decides before any
//! other extractor runs and before a byte of the body is read. A guard is a type that only a decision can make a
//! value of, so a guarded function cannot be called around it.
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
//! What is not a handler function (a directory of files, a service, another framework's router) is guarded by a layer:
//! [`auth`], [`acl`], [`permission`], [`scope`], and [`anonymous`] for what is public on purpose.

mod conclude;
mod credential;
mod enforce;
mod expression;
mod foretell;
mod judge;
mod layer;
mod options;
mod permit;
mod record;
mod requirement;
mod resource;
mod shadow;
mod spec;
mod types;

pub(crate) use enforce::Decided;
pub use expression::{AclStep, Branch, PermissionStep};
pub(crate) use foretell::Foretold;
pub use layer::{GuardLayer, GuardService, acl, anonymous, auth, permission, scope};
#[cfg(feature = "access-reports")]
pub(crate) use options::OptionValue;
pub use permit::{Permit, PermitFor};
pub use record::GuardRecord;
pub use resource::{Missing, ResourceRequired, Seal, open_seal};
pub use shadow::Shadow;
pub use spec::{GuardKind, GuardSpec, Site, Spec, With};
pub use types::{AclRequired, AllowAnonymous, AuthRequired, Both, Guard, PermissionRequired, ScopeRequired};
