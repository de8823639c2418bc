//! Decides by access control lists: [`Acl`] and [`Rule`]s, of which the first that matches decides.
//!
//! A list is a constant made by [`acl!`](crate::acl!) or any sequence of [`Rule`]s made at run time; one
//! function, [`decide`], evaluates both. A [`Resource`] has rules of its own; those of an [`AsyncResource`] are loaded.
//!
//! Everything but resources is re-exported from the crate `auth-acl`, which has no knowledge of requests,
//! clocks or futures.
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

mod acl_as_resource;
mod async_resource;
mod decide_with_ancestors;
mod resource;
mod resource_declaration;

pub use async_resource::{AsyncResource, Loaded};
#[doc(inline)]
pub use auth_acl::{
    Acl, Action, Condition, ConditionAnswer, ConditionKind, Decision, Denial, Explanation, Grant, Group,
    GroupHierarchy, Groups, Hit, ImpliedPermissions, ListOverlay, Name, OWNER, OverlayRule, OverlayRules,
    Permission, PermissionSet, Permissions, Principal, Principals, RowAnswer, RowCase, RowFilter,
    RowPrincipal, RowRule, RowTest, RowValue, Rule, Step, TENANT, User, Vocabulary, decide, decide_if,
    decide_with_overlay, explain, explain_if, explain_with_overlay, row_filter, row_filter_if, rules_of_row,
};
#[cfg(feature = "rule-hits")]
pub(crate) use decide_with_ancestors::rule_at;
pub(crate) use decide_with_ancestors::{decide_for_if, explain_for_if, rule_id_for};
pub(crate) use resource::ResourceFacts;
// A compile error writes the path of a trait that it finds outside of hidden modules.
#[doc(hidden)]
pub use auth_acl::__private::{
    ConstantGroup, ConstantPermission, GroupWords, IsAcl, IsCondition, IsGroupHierarchy,
    IsImpliedPermissions, PermissionWords, Text, Variant,
};
pub use decide_with_ancestors::{decide_for, decide_for_with_overlay, explain_for, explain_for_with_overlay};
pub use resource::Resource;
#[doc(hidden)]
pub use resource_declaration::{ResourceDeclaration, words_of};
