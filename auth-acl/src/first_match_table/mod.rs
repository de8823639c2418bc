//! Computes in constants, for each principal and permission of an ACL, the first rule that names both:
//! [`Table`].
//!
//! Of several rules that name the same principal and the same permission only the first can ever decide. So
//! every question about a list can be answered from this table, with a look-up instead of a scan.
//!
//! Rules with conditions are in the table, too, but are never found by a look-up, because a rule behind them may decide.
//! Iterating over the rules of a permission finds them.

mod build_table;
mod deciding_rules_by_permission;
mod entry_layout;
mod table_queries;

pub use build_table::{firsts, firsts_of, places};
pub(crate) use deciding_rules_by_permission::Uses;
pub use entry_layout::First;
pub(crate) use entry_layout::{NONE, least, principal_fingerprint, same_principal};
pub(crate) use table_queries::Table;
