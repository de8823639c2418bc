//! Checks constant ACLs, and the guards that name them, at compile time: a mistake is a compile error.
//!
//! The functions are called in constants, which the macros expand to.

mod grant_budget;
mod name_as_literal_and_variant;
mod names_unknown_to_acl;
mod permission_of_resource;
mod repeated_rule_ids;
mod ungrantable_permission;
mod unreachable_rules;
mod unused_enum_variants;

pub use grant_budget::check_budget;
pub use name_as_literal_and_variant::{Written, check_written, first_written};
pub use names_unknown_to_acl::{check_group, check_known, check_permission, check_shadow, check_user};
pub(crate) use names_unknown_to_acl::{knows, names_principal};
pub use permission_of_resource::check_resource_permission;
pub use repeated_rule_ids::check_ids;
pub(crate) use unreachable_rules::{Fate, fate};
pub use unreachable_rules::{check_redundant, check_rule};
pub use unused_enum_variants::{check_covered, check_mentioned};
