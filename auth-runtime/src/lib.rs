//! Route guards for axum: say who may call a handler, above the handler.

#![forbid(unsafe_code)]

pub mod acl;
pub mod auth;
pub mod authorization;
pub mod clock;
mod cross_origin;
pub mod events;
pub mod guard;
pub mod identity;
pub mod keys;
mod layer;
pub mod local_path;
#[cfg(feature = "macros")]
mod macros;
pub mod refusal;
#[cfg(feature = "testing")]
pub mod testing;
pub mod ticket;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use acl::{
    Acl, Action,
    Action::{Allow, Deny},
    Decision, Denial, Grant, Group, Groups, Name, Permission, Permissions, Principal,
    Principal::{Authenticated, Everyone},
    Principals, Resource, Rule, User, decide, decide_for,
};
pub use async_trait::async_trait;
pub use auth::{Auth, AuthError, AuthErrorKind};
#[cfg(feature = "macros")]
pub use auth_macros::{Group, Permission, acl_required, allow_anonymous, auth_required, permission_required};
pub use cross_origin::InvalidOrigin;
pub use identity::{Identity, IdentityPolicy, Remember, TicketCookie, UserId};
pub use keys::{Key, KeyRing};
pub use layer::{AuthLayer, AuthService, ResponseFuture};
pub use local_path::LocalPath;
pub use refusal::{Refusal, RefusalKind};

/// An error of the application's own making, as group callbacks and policies return it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Every permission, in rules.
pub const ALL: Permissions<'static> = Permissions::All;

/// The examples of the README are compiled with those of the documentation.
#[cfg(all(doctest, feature = "macros"))]
#[doc = include_str!("../../README.md")]
struct Readme;
