//! Routes to guarded handlers only: an unguarded handler is a compile error.
//!
//! [`Router`], [`get`], [`post`] and the rest have the names and the behavior of those of `axum::routing`.
//! They accept handlers with `#[acl_required(…)]`, `#[permission_required(…)]`, `#[auth_required]` or
//! `#[allow_anonymous]`, or with a [`Permit`](crate::guard::Permit) as the first argument.
//!
//! ```
//! use auth_runtime::{
//!     acl, acl_required, allow_anonymous,
//!     guarded::{get, post, App, Router},
//!     Acl, AuthLayer, KeyRing, TicketCookie,
//! };
//!
//! const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];
//!
//! #[acl_required("view", ARTICLES)]
//! async fn view() {}
//!
//! #[acl_required("edit", ARTICLES)]
//! async fn edit() {}
//!
//! #[allow_anonymous(reason = "users log in here")]
//! async fn login() {}
//!
//! let routes = Router::new().route("/articles", get(view).put(edit)).route("/login", post(login));
//! for route in routes.routes() {
//!     println!("{} {}: {:?}", route.methods(), route.path(), route.handler());
//! }
//! let app: App = routes.with_auth(AuthLayer::new(TicketCookie::new(KeyRing::random())));
//! ```
//!
//! Without an attribute, this does not compile:
//!
//! ```compile_fail,E0277
//! use auth_runtime::guarded::{get, Router};
//!
//! async fn view() {}
//!
//! let routes: Router = Router::new().route("/articles", get(view)); // this handler is not guarded
//! ```
//!
//! Anything that is not a handler needs a guard around it, or a stated reason:
//!
//! ```
//! use auth_runtime::{acl, guard, guarded::{unguarded, Router}, Acl};
//! use axum::routing::get;
//!
//! const FILES: Acl = acl![(Allow, Group("staff"), ["read"])];
//!
//! let files: axum::Router = axum::Router::new().route("/{name}", get(|| async { "a file" }));
//! let health: axum::Router = axum::Router::new().route("/live", get(|| async { "yes" }));
//! let routes: Router = Router::new()
//!     .nest("/files", guard::acl!("read", FILES).around(files))
//!     .nest("/health", unguarded("the load balancer has no account", health));
//! ```
//!
//! # Security
//!
//! The guard of a handler is checked by its type. Layers are trusted: one that responds by itself bypasses
//! the handler and its guard.

mod check_guards_at_startup;
#[cfg(feature = "overlay")]
mod check_overlays_at_startup;
mod guarded_app;
mod guarded_handler_bound;
mod guarded_router;
mod hide_other_methods;
mod method_router;
mod missing_layer;
mod missing_state;
mod router_arguments;
mod unguarded_with_reason;
mod with_auth_order_errors;

pub use axum::routing::MethodFilter;
pub use guarded_app::App;
pub use guarded_handler_bound::GuardedHandler;
pub use guarded_router::GuardedRouter as Router;
pub use method_router::{
    MethodRouter, any, any_service, connect, connect_service, delete, delete_service, get, get_service, head,
    head_service, on, on_service, options, options_service, patch, patch_service, post, post_service, put,
    put_service, trace, trace_service,
};
pub use router_arguments::{GuardedService, IntoMethodRouter, IntoRouter};
pub use unguarded_with_reason::{Unguarded, unguarded};

pub use crate::access::{
    guard_metadata::GuardMetadata,
    http_methods::Methods,
    route_metadata::{RouteKind, RouteMetadata},
};
