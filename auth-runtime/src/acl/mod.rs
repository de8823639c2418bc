//! Ordered access control lists: who may do what, decided by the first rule that speaks.
//!
//! A list is a constant made by [`acl!`](crate::acl!) or any sequence of [`Rule`]s put together at run time; one
//! function, [`decide`], judges both. Nothing here knows of requests, clocks or waiting.
//!
//! # Example
//!
//! ```
//! use auth_runtime::{acl, Acl, Decision, Groups, Name, Principals};
//!
//! const ARTICLES: Acl = acl![
//!     (Allow, Everyone, ["view"]),
//!     (Deny, User("mallory"), ["comment"]),
//!     (Allow, Authenticated, ["view", "comment"]),
//!     (Allow, Group("editors"), ["view", "comment", "edit"]),
//! ];
//!
//! let editors = Groups::from(["editors"]);
//! let alice = Principals::user("alice", &editors);
//! assert!(ARTICLES.decide("edit", &alice).is_allow());
//! assert!(!ARTICLES.decide("edit", &Principals::anonymous()).is_allow());
//! assert!(!ARTICLES.decide("comment", &Principals::user("mallory", &editors)).is_allow());
//! ```

pub(crate) mod check;
pub(crate) mod compose;
mod decision;
mod evaluate;
mod explain;
pub(crate) mod firsts;
#[cfg(feature = "testing")]
pub(crate) mod flip;
mod groups;
mod hash;
pub(crate) mod index;
mod list;
mod name;
mod permissions;
mod principal;
pub(crate) mod proof;
pub(crate) mod reach;
mod resource;
mod rule;
mod text;
mod uses;
pub(crate) mod vocabulary;
pub(crate) mod words;
pub(crate) mod written;

pub use compose::{GroupHierarchy, ImpliedPermissions};
pub use decision::{Decision, Denial, Grant};
pub use evaluate::decide;
pub use explain::{Explanation, Hit, Step, explain};
pub use groups::Groups;
pub use list::Acl;
pub use name::{Group, Name, Permission};
pub use permissions::{PermissionSet, Permissions};
pub use principal::{Group, Principal, Principals, User};
pub use resource::{Resource, decide_for, explain_for};
pub use rule::{Action, Rule};
