//! Who may call what, worked out from the guards themselves.
//!
//! A [`guarded::Router`](crate::guarded::Router) remembers what stands before each route, and its lists are constants. So
//! the whole application's access is known without a single request: see [`AccessTable`].

mod caller;
mod cell;
mod day;
mod findings;
mod lines;
mod questions;
mod table;

pub use caller::Caller;
pub use cell::{Access, Cell, RuleAt};
pub use day::{Day, InvalidDay};
pub use findings::{Finding, FindingKind};
pub use table::{AccessRow, AccessTable};
