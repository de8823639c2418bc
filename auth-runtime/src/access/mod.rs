//! Computes the access table of an application from its guards: [`AccessTable`].
//!
//! A [`guarded::Router`](crate::guarded::Router) records the guards of each route, and its ACLs are
//! constants. The access rules of the whole application are therefore known without a request.

mod access_cell;
mod access_table;
mod acl_diff;
mod caller_kind;
mod conditions_of_decision;
mod conditions_of_guards;
mod decision_for_all_answers;
mod find_mistakes;
mod finding;
pub(crate) mod guard_metadata;
pub(crate) mod http_methods;
mod least_scopes;
mod missing_path_parameters;
#[cfg(feature = "openapi")]
mod openapi;
#[cfg(feature = "access-reports")]
mod overlay_as_json;
mod overlay_part_of_table;
#[cfg(feature = "testing")]
pub(crate) mod probe_requests;
#[cfg(feature = "access-reports")]
mod protected_resource_metadata;
pub(crate) mod route_metadata;
mod rule_labels;
#[cfg(feature = "access-reports")]
mod sarif;
mod scope_conditions;
mod shadow_changes;
#[cfg(feature = "testing")]
mod snapshot_test;
#[cfg(feature = "access-reports")]
mod table_as_html;
#[cfg(feature = "access-reports")]
mod table_as_json;
mod table_as_mermaid;
mod table_as_text_and_markdown;
mod table_columns;
mod table_queries;
mod used_permissions_of_acl;
#[cfg(feature = "testing")]
mod verify_outcome;

pub use crate::clock::{Day, InvalidDay};
pub use access_cell::{Access, Cell, RuleAt};
pub use access_table::{AccessRow, AccessTable};
pub use acl_diff::{AclDiff, DiffRow, acl_diff};
pub use caller_kind::CallerKind;
pub use conditions_of_decision::Dependence;
pub use finding::{Finding, FindingKind};
pub use least_scopes::UnknownRoute;
#[cfg(feature = "openapi")]
pub use openapi::Described;
pub use overlay_part_of_table::OverlayChange;
#[cfg(feature = "access-reports")]
pub use protected_resource_metadata::InvalidResource;
pub use rule_labels::expired_rules;
pub use shadow_changes::ShadowChange;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub use snapshot_test::check_snapshot;
#[cfg(feature = "access-reports")]
pub use table_as_json::capabilities;
#[cfg(feature = "testing")]
pub use verify_outcome::{Mismatch, Observed, Verified};
