//! Declares the macros that make a [`GuardLayer`](super::GuardLayer).

/// Requires a user, like `#[auth_required]`.
///
/// # Example
///
/// ```
/// use auth_runtime::guard;
/// use axum::{Router, routing::get};
///
/// let files: Router = Router::new().route("/files/{name}", get(|| async { "a file" }));
/// let files = files.route_layer(guard::auth!(fresh = "10m", hide));
/// # let _: Router = files;
/// ```
///
/// The options are those of the [attribute](crate::auth_required#options).
#[doc(hidden)]
#[macro_export]
macro_rules! __guard_auth {
    ($($arguments:tt)*) => {
        $crate::__private::guard_layer_impl! { $crate; auth; $($arguments)* }
    };
}

/// Requires a permission that an ACL grants, like `#[acl_required(…)]`.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, guard, Acl};
/// use axum::{Router, routing::get};
///
/// const FILES: Acl = acl![(Allow, Group("staff"), ["read"]), (Allow, Group("admins"), ["read", "write"])];
///
/// let files: Router = Router::new().route("/files/{name}", get(|| async { "a file" }));
/// let files = files.route_layer(guard::acl!(any("read", "write"), FILES));
/// # let _: Router = files;
/// ```
///
/// A misspelt permission is a compile error at that permission:
///
/// ```compile_fail
/// use auth_runtime::{acl, guard, Acl};
///
/// const FILES: Acl = acl![(Allow, Group("staff"), ["read"])];
///
/// let _ = guard::acl!("raed", FILES); // no rule of `FILES` mentions the permission `raed`
/// ```
///
/// Permissions and options are written as in the [attribute](macro@crate::acl_required), except that a layer has no
/// argument that could be a resource.
#[doc(hidden)]
#[macro_export]
macro_rules! __guard_acl {
    ($($arguments:tt)*) => {
        $crate::__private::guard_layer_impl! { $crate; acl; $($arguments)* }
    };
}

/// Requires a permission that the application's policy grants, like `#[permission_required(…)]`.
///
/// # Example
///
/// ```
/// use auth_runtime::{Permission, guard};
/// use axum::{Router, routing::get};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     Read,
///     Download,
/// }
///
/// let files: Router = Router::new().route("/files/{name}", get(|| async { "a file" }));
/// let files = files.route_layer(guard::permission!(all(Can::Read, Can::Download)));
/// # let _: Router = files;
/// ```
///
/// Permissions and options are written as in the [attribute](macro@crate::permission_required).
#[doc(hidden)]
#[macro_export]
macro_rules! __guard_permission {
    ($($arguments:tt)*) => {
        $crate::__private::guard_layer_impl! { $crate; permission; $($arguments)* }
    };
}

/// Requires an access token with all these scopes, like `#[scope_required(…)]`.
///
/// # Example
///
/// ```
/// use auth_runtime::guard;
/// use axum::{Router, routing::get};
///
/// let files: Router = Router::new().route("/files/{name}", get(|| async { "a file" }));
/// let files = files.route_layer(guard::scope!("files:read", any("files:download", "admin")));
/// # let _: Router = files;
/// ```
///
/// Scopes (RFC 6749, section 3.3) and options are written as in the [attribute](macro@crate::scope_required).
#[doc(hidden)]
#[macro_export]
macro_rules! __guard_scope {
    ($($arguments:tt)*) => {
        $crate::__private::guard_layer_impl! { $crate; scope; $($arguments)* }
    };
}

/// Requires nothing, like `#[allow_anonymous(reason = "…")]`, and states the reason.
///
/// It is for what is public on purpose, in a place that requires a guard: around a service on a
/// [`guarded::Router`](crate::guarded::Router), or on axum's router if its [`AuthLayer` demands
/// guards](crate::AuthLayer::demand_guards). It needs no `AuthLayer`. On a route with other guards it has no
/// effect.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, KeyRing, TicketCookie, guard};
/// use axum::{Router, routing::get};
///
/// let health: Router = Router::new().route("/health", get(|| async { "up" }));
/// let app: Router = Router::new()
///     .merge(health.route_layer(guard::anonymous!(reason = "the load balancer has no account")))
///     .layer(AuthLayer::new(TicketCookie::new(KeyRing::random())).demand_guards());
/// ```
///
/// The reason is required, for the review of the routes; `until = "2027-01-31"` beside it says on which day it
/// ends.
#[doc(hidden)]
#[macro_export]
macro_rules! __guard_anonymous {
    ($($arguments:tt)*) => {
        $crate::__private::guard_layer_impl! { $crate; anonymous; $($arguments)* }
    };
}
