//! The access table of an application, computed from its guards: [`AccessTable`].
//!
//! A [`guarded::Router`](crate::guarded::Router) records the guards of each route, and its ACLs are
//! constants. The access rules of the whole application are therefore known without a request.

mod calendar_day;
mod caller;
mod cell;
mod columns;
mod find_mistakes;
mod finding;
pub(crate) mod guard_record;
#[cfg(feature = "access-reports")]
mod html;
pub(crate) mod http_methods;
#[cfg(feature = "access-reports")]
mod json;
#[cfg(feature = "openapi")]
mod openapi;
#[cfg(feature = "testing")]
pub(crate) mod probe_requests;
#[cfg(feature = "access-reports")]
mod protected_resource;
mod queries;
pub(crate) mod route_record;
#[cfg(feature = "access-reports")]
mod sarif;
mod shadow_changes;
#[cfg(feature = "testing")]
mod snapshot;
mod table;
mod text;
mod used_acl;
#[cfg(feature = "testing")]
mod verify_outcome;

pub use calendar_day::{Day, InvalidDay};
pub use caller::Caller;
pub use cell::{Access, Cell, RuleAt};
pub use finding::{Finding, FindingKind};
#[cfg(feature = "access-reports")]
pub use json::capabilities;
#[cfg(feature = "openapi")]
pub use openapi::Described;
#[cfg(feature = "access-reports")]
pub use protected_resource::InvalidResource;
pub use shadow_changes::ShadowChange;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub use snapshot::check_snapshot;
pub use table::{AccessRow, AccessTable};
#[cfg(feature = "testing")]
pub use verify_outcome::{Mismatch, Observed, Verified};
