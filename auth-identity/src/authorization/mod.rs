//! Authorization: [`AuthorizationPolicy`], group sources, roles and ready-made policies.

mod acl_policy;
mod authorization_policy;
#[cfg(feature = "cache")]
mod cached_groups;
mod derived_groups;
mod group_source;
mod role;
mod role_policy;

pub use acl_policy::AclPolicy;
pub use authorization_policy::{AuthorizationPolicy, Question};
#[cfg(feature = "cache")]
pub use cached_groups::CachedGroups;
pub use derived_groups::GroupRules;
pub use group_source::{GroupSource, NeverBlocks, Now, never_blocks, now};
pub use role::Role;
pub use role_policy::{RolePolicy, Superuser};
