//! Guards handlers: decides about the request before a handler runs.
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
//! | one that names an argument | [`ResourceRequired`], [`PolicyResourceRequired`] |
//! | one that says `from_body` | [`BeforeBody`], [`FromBody`] |
//!
//! Anything that is not a handler function (a directory of files, a service, another framework's router) is
//! guarded by a layer. The macros that make one take the arguments of the attributes:
//!
//! | layer | like |
//! |---|---|
//! | [`guard::auth!()`](auth) | `#[auth_required]` |
//! | [`guard::acl!("edit", ARTICLES)`](acl) | `#[acl_required("edit", ARTICLES)]` |
//! | [`guard::permission!(Can::Edit)`](permission) | `#[permission_required(Can::Edit)]` |
//! | [`guard::scope!("articles:read")`](scope) | `#[scope_required("articles:read")]` |
//! | [`guard::anonymous!(reason = "…")`](anonymous) | `#[allow_anonymous(reason = "…")]` |

mod accepted_callers;
mod argument_guard_trait;
mod body_argument_guard;
mod csrf_form_option;
mod enforce;
mod guard_extractors;
mod guard_layer;
mod guard_options;
mod guard_spec;
mod handler_response_bound;
mod judge_request;
#[cfg(feature = "macros")]
mod layer_macros;
mod made_by_hand;
mod missing_resource;
mod permission_expression;
mod permit_extractor;
mod policy_resource_guard;
#[cfg(feature = "throttle")]
mod probe_alarm;
mod resource_guard;
mod route_limit;
mod shadow_acl;

#[doc(hidden)]
pub use argument_guard_trait::ArgumentGuard;
pub use body_argument_guard::FromBody;
pub(crate) use enforce::Decided;
pub use guard_extractors::{
    AclRequired, AllowAnonymous, AuthRequired, BeforeBody, Both, Guard, PermissionRequired, ScopeRequired,
};
pub use guard_layer::{GuardLayer, GuardService};
pub use guard_spec::{GuardKind, GuardSpec, ShowGuard, Site, Spec, With};
#[doc(hidden)]
pub use handler_response_bound::HandlerResponse;
pub use missing_resource::Missing;
pub(crate) use permission_expression::Steps;
pub use permission_expression::{Branch, Step};
pub use permit_extractor::{Permit, PermitFor};
pub use policy_resource_guard::PolicyResourceRequired;
pub use resource_guard::{ResourceRequired, Seal, open_seal};
pub use shadow_acl::Shadow;

#[cfg(feature = "macros")]
#[doc(inline)]
pub use crate::{
    __guard_acl as acl, __guard_anonymous as anonymous, __guard_auth as auth,
    __guard_permission as permission, __guard_scope as scope,
};
