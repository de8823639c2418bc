//! Decides by access control lists: [`Rule`]s in order, of which the first that matches decides.
//!
//! This crate holds the rules of [`auth-runtime`](https://docs.rs/auth-runtime) and their evaluation. It has no
//! dependencies, needs no `std` and knows nothing of requests, clocks or waiting. Applications depend on `auth-runtime`,
//! which re-exports it as `auth_runtime::acl`, adds the macro `acl!` for constant lists that the compiler checks, and
//! guards routes with them; the examples of single items are written for such an application.
//!
//! | types | what they are |
//! |---|---|
//! | [`Rule`], [`Action`], [`Principal`], [`Permissions`] | one entry of a list |
//! | [`Condition`], [`ConditionAnswer`] | what has to hold for a rule to fire |
//! | [`Acl`], [`GroupHierarchy`], [`ImpliedPermissions`] | a constant list, made by `acl!` |
//! | [`Permission`], [`Vocabulary`] | a permission, and the enum of those that a policy answers for |
//! | [`Principals`], [`Groups`] | the user and the groups of one request |
//! | [`decide`], [`decide_if`], [`Decision`], [`Grant`], [`Denial`] | evaluation |
//! | [`explain`], [`explain_if`], [`Explanation`] | evaluation with reasons, for developers |
//! | [`OverlayRules`], [`OverlayRule`], [`ListOverlay`], [`decide_with_overlay`] | rules that tighten a constant list at run time |
//! | [`RowRule`], [`row_filter`], [`RowFilter`] | evaluation for all rows of a table at once, for queries |
//!
//! # Example
//!
//! ```
//! use auth_acl::{ALL, Group, Groups, Name, Principal, Principals, Rule, User, decide};
//!
//! let rules = [
//!     Rule::allow(Principal::Everyone, &["view"]),
//!     Rule::deny(User("mallory"), ALL),
//!     Rule::allow(Group("editors"), &["edit"]),
//! ];
//! let editors = Groups::from(["editors"]);
//! let edit = Name::Text("edit");
//!
//! assert!(decide(rules, edit, &Principals::user("alice", &editors)).is_allow());
//! assert!(!decide(rules, edit, &Principals::user("mallory", &editors)).is_allow());
//! assert!(!decide(rules, edit, &Principals::anonymous()).is_allow());
//! ```
//!
//! # Features
//!
//! Both exist for `auth-runtime`, whose features of the same names enable them.
//!
//! | name | what it adds |
//! |---|---|
//! | `rule-hits` | the source file of each rule |
//! | `testing` | mutation of single rules, for tests of tests; needs `std` |

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "testing")]
extern crate std;

mod acl;
mod compile_time_checks;
mod compose;
mod condition;
mod const_hash;
mod const_message;
mod decision;
mod enum_names;
mod evaluate;
mod expected_type;
mod explain;
mod first_match_table;
mod group_set_storage;
mod groups;
mod index_of_one_permission;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod mutate_rule;
mod name;
mod name_fingerprint;
mod near_name;
mod overlay;
mod owned_name;
mod permission_and_group;
mod permission_enum;
mod permissions_of_rule;
mod principal;
mod proof;
mod rows;
mod rule;

/// Without the feature `testing`, rules cannot be mutated.
#[cfg(not(feature = "testing"))]
mod mutate_rule {
    use super::Rule;

    pub(super) const fn evaluated(rule: Rule<'_>) -> Rule<'_> {
        rule
    }
}

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use acl::Acl;
pub use compose::{GroupHierarchy, ImpliedPermissions};
pub use condition::{Condition, ConditionAnswer, ConditionKind, OWNER, TENANT};
pub use decision::{Decision, Denial, Grant};
pub use evaluate::{decide, decide_if, decide_with_overlay};
pub use explain::{Explanation, Hit, Step, explain, explain_if, explain_with_overlay};
pub use groups::Groups;
pub use name::Name;
pub use overlay::{ListOverlay, OverlayRule, OverlayRules};
pub use permission_and_group::{Group, Permission};
pub use permission_enum::Vocabulary;
pub use permissions_of_rule::{ALL, PermissionSet, Permissions};
pub use principal::{Group, Principal, Principals, User};
pub use rows::{
    RowAnswer, RowCase, RowFilter, RowPrincipal, RowRule, RowTest, RowValue, row_filter, row_filter_if,
    rules_of_row,
};
pub use rule::{Action, Rule};

/// The README's example is compiled with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
