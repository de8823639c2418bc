//! Who an identity is, in which groups, and what it may do.

mod acl_policy;
mod answer;
#[cfg(feature = "cache")]
mod cached_groups;
mod groups;
mod policy;

pub use acl_policy::AclPolicy;
pub use answer::Answer;
#[cfg(feature = "cache")]
pub use cached_groups::CachedGroups;
pub use groups::{GroupSource, NeverBars, Now, never_bars, now};
pub use policy::{AuthorizationPolicy, Question};
