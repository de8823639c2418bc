//! The access table of an application, computed from its guards: [`AccessTable`].
//!
//! A [`guarded::Router`](crate::guarded::Router) records the guards of each route, and its ACLs are
//! constants. The access rules of the whole application are therefore known without a request.

mod caller;
mod cell;
mod columns;
mod day;
mod finding;
mod findings;
#[cfg(feature = "access-reports")]
mod html;
#[cfg(feature = "access-reports")]
mod json;
pub(crate) mod methods;
#[cfg(feature = "openapi")]
mod openapi;
#[cfg(feature = "testing")]
pub(crate) mod probe_requests;
#[cfg(feature = "access-reports")]
mod protected_resource;
mod queries;
pub(crate) mod record;
#[cfg(feature = "access-reports")]
mod sarif;
mod shadow;
#[cfg(feature = "testing")]
mod snapshot;
mod table;
mod text;
mod used_list;
#[cfg(feature = "testing")]
mod verified;

pub use caller::Caller;
pub use cell::{Access, Cell, RuleAt};
pub use day::{Day, InvalidDay};
pub use finding::{Finding, FindingKind};
#[cfg(feature = "access-reports")]
pub use json::capabilities;
#[cfg(feature = "openapi")]
pub use openapi::Described;
#[cfg(feature = "access-reports")]
pub use protected_resource::InvalidResource;
pub use shadow::ShadowChange;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub use snapshot::check_snapshot;
pub use table::{AccessRow, AccessTable};
#[cfg(feature = "testing")]
pub use verified::{Mismatch, Observed, Verified};
