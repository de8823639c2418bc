//! Filters the rows of a table by the rules about them, as data for a query: from [`RowRule`] to [`RowFilter`].
//!
//! A list of resources is in a database, and must be filtered there: pages and counts are wrong otherwise. So the
//! rules of a resource are written once, with the column that holds a user or a group in place of the value. From
//! them follow the rules of a single row ([`rules_of_row`]) and the filter of all rows ([`row_filter`]).

mod build_filter;
mod filter;
mod rule;

pub use build_filter::{RowAnswer, row_filter, row_filter_if};
pub use filter::{RowCase, RowFilter, RowTest, RowValue};
pub use rule::{RowPrincipal, RowRule, rules_of_row};
