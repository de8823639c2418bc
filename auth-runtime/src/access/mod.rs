//! Who may call what, worked out from the guards themselves.
//!
//! A [`guarded::Router`](crate::guarded::Router) remembers what stands before each route, and its lists are constants. So
//! the whole application's access is known without a single request: see [`AccessTable`].

mod caller;
mod cell;
mod columns;
mod day;
mod finding;
mod findings;
#[cfg(feature = "access-reports")]
mod json;
mod lines;
#[cfg(feature = "openapi")]
mod openapi;
#[cfg(feature = "access-reports")]
mod page;
#[cfg(feature = "access-reports")]
mod protected_resource;
mod questions;
#[cfg(feature = "testing")]
mod sample;
#[cfg(feature = "access-reports")]
mod sarif;
mod shadow;
#[cfg(feature = "testing")]
mod snapshot;
mod table;
mod used_list;
#[cfg(feature = "testing")]
mod verify;

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
pub use verify::{Found, Mismatch, Verified};
