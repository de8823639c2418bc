//! Authorizes users: [`AuthorizationPolicy`], group sources, roles and ready-made policies.

mod acl_policy;
mod authorization_policy;
#[cfg(feature = "cache")]
mod cached_groups;
#[cfg(feature = "json")]
mod group_json_path;
mod group_question;
mod group_rules;
mod group_source;
mod group_union;
mod policy_chain;
mod role_condition;
mod role_policy;
#[cfg(feature = "json")]
mod session_groups;

pub use acl_policy::AclPolicy;
pub use authorization_policy::{AuthorizationPolicy, PolicyDecision, Question};
#[cfg(feature = "cache")]
pub use cached_groups::CachedGroups;
#[cfg(feature = "json")]
pub use group_json_path::{GroupPath, InvalidGroupPath};
pub use group_question::GroupQuestion;
pub use group_rules::GroupRules;
pub use group_source::{ByRequest, GroupSource, NeverBlocks, Now, by_request, never_blocks, now};
pub use group_union::{Union, union};
pub use policy_chain::{PolicyChain, SamePermissions};
pub use role_condition::Role;
pub use role_policy::{RolePolicy, Superuser};
#[cfg(feature = "json")]
pub use session_groups::SessionGroups;

#[cfg(not(feature = "cache"))]
crate::names_of_feature!(FeatureCache: CachedGroups);
#[cfg(not(feature = "json"))]
crate::names_of_feature!(FeatureSession: GroupPath InvalidGroupPath SessionGroups);
