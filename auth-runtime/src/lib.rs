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

/// Declares an ordered list of rules as a constant.
///
/// A row is a tuple: `Allow` or `Deny`, a principal, and a list of permissions. Principals are `Everyone`,
/// `Authenticated`, `User("id")` and `Group("name")`; permissions and groups are string or integer literals or variants of
/// enums that derive [`Permission`] or [`Group`]; `ALL` stands for every permission. None of these words has to be
/// imported. The first row whose principal is among the request's and whose permissions hold the one asked for decides.
///
/// A malformed row does not compile, and the message says what to write instead.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, Acl, Group, Permission};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     View,
///     Edit,
/// }
///
/// #[derive(Clone, Copy, Group)]
/// enum Role {
///     Editor,
///     Admin,
/// }
///
/// const ARTICLES: Acl = acl![
///     (Allow, Everyone, [Can::View]),
///     (Deny, User("mallory"), [Can::Edit]),
///     (Allow, Group(Role::Editor), [Can::Edit]),
///     (Allow, Group(Role::Admin), ALL),
/// ];
/// assert_eq!(ARTICLES.rules().len(), 4);
/// ```
///
/// # Lists put together
///
/// `..ARTICLES` puts the rules of another list in its place; what comes first decides, so the most specific comes first.
/// `groups = ROLES` and `implied = RIGHTS`, before all rows, name a [`GroupHierarchy`](acl::GroupHierarchy) and
/// [`ImpliedPermissions`](acl::ImpliedPermissions).
///
/// ```
/// use auth_runtime::{acl, acl::GroupHierarchy, group_hierarchy, Acl, Groups, Principals};
///
/// const SITE: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];
/// const ROLES: GroupHierarchy = group_hierarchy![("admins", ["editors"])];
/// const SECRET_SECTION: Acl = acl![
///     groups = ROLES,
///     (Deny, User("mallory"), ALL),
///     ..SITE,
///     (Allow, Group("admins"), ["delete"]),
/// ];
///
/// let admins = Groups::from(["admins"]);
/// assert!(SECRET_SECTION.decide("edit", &Principals::user("alice", &admins)).is_allow());
/// assert!(!SECRET_SECTION.decide("view", &Principals::user("mallory", &admins)).is_allow());
/// ```
#[cfg(feature = "macros")]
#[macro_export]
macro_rules! acl {
    ($($rows:tt)*) => {
        $crate::__private::acl_impl! { $crate; $($rows)* }
    };
}

/// Says which groups include the members of which others: pairs of a group and the groups that it includes.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl::GroupHierarchy, group_hierarchy};
///
/// const ROLES: GroupHierarchy = group_hierarchy![("admins", ["editors"]), ("editors", ["readers", "reviewers"])];
/// ```
#[cfg(feature = "macros")]
#[macro_export]
macro_rules! group_hierarchy {
    ($($pairs:tt)*) => {
        $crate::__private::group_hierarchy_impl! { $crate; $($pairs)* }
    };
}

/// Says which permissions imply which others: pairs of a permission and those that it implies.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl::ImpliedPermissions, implied_permissions};
///
/// const RIGHTS: ImpliedPermissions = implied_permissions![("delete", ["edit"]), ("edit", ["view"])];
/// ```
#[cfg(feature = "macros")]
#[macro_export]
macro_rules! implied_permissions {
    ($($pairs:tt)*) => {
        $crate::__private::implied_permissions_impl! { $crate; $($pairs)* }
    };
}

/// Declares what a [`Permit`](guard::Permit) proves.
///
/// Each type is declared like a struct: its name, the permission (or an expression of `any` and `all`), and the list that
/// judges. Without a list, the rules of a [`Resource`] judge.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, permit, Acl};
///
/// const ARTICLES: Acl = acl![(Allow, Group("admins"), ["delete"]), (Allow, Group("editors"), ["edit"])];
///
/// permit! {
///     /// May delete any article
///     pub struct MayDelete = "delete" in ARTICLES;
///     /// May change the article that the permit carries
///     pub struct MayEdit = any("edit", "own");
/// }
/// ```
#[cfg(feature = "macros")]
#[macro_export]
macro_rules! permit {
    ($($declared:tt)*) => {
        $crate::__private::permit_impl! { $crate; $($declared)* }
    };
}

/// The examples of the README are compiled with those of the documentation.
#[cfg(all(doctest, feature = "macros"))]
#[doc = include_str!("../../README.md")]
struct Readme;
