//! Says for which rows a caller has a permission, as data for a query: [`RowFilter`].

use alloc::{string::String, vec::Vec};

use crate::{Groups, Name};

/// The rows for which a caller has a permission, as data from which an application builds the condition of a query.
///
/// The [cases](Self::cases) are tried in order: the first one all of whose tests a row passes decides about it.
/// [`otherwise`](Self::otherwise) decides about the others. In SQL:
///
/// ```sql
/// CASE WHEN owner = 'alice' THEN TRUE WHEN team IN ('press') THEN FALSE ELSE TRUE END
/// ```
///
/// A test for [`RowValue::Null`] is `owner IS NULL`. A column that is `NULL` holds no other value, which `CASE WHEN` respects, and `NOT (owner = 'alice')` does not.
///
/// # Security
///
/// Bind the values as parameters (SQL injection). The column must be compared byte by byte: a collation that ignores
/// case, as some databases' defaults do, finds rows of another user.
#[derive(Clone, Debug)]
#[must_use]
pub struct RowFilter<C> {
    pub(super) cases: Vec<RowCase<C>>,
    pub(super) otherwise: bool,
}

/// One case of a [`RowFilter`].
#[derive(Clone, Debug)]
pub struct RowCase<C> {
    pub(super) tests: Vec<RowTest<C>>,
    pub(super) allows: bool,
}

/// A test of a row: a column, and what it has to hold.
#[derive(Clone, Debug)]
pub struct RowTest<C> {
    pub(super) column: C,
    pub(super) value: RowValue,
}

/// What the column of a test has to hold.
#[derive(Clone, Debug)]
pub enum RowValue {
    /// No value (`IS NULL`)
    Null,
    /// One of these groups, or the tenant; there is at least one
    OneOf(Groups),
    /// This user id
    User(String),
}

impl<C> RowFilter<C> {
    pub(super) const fn none() -> Self {
        Self { cases: Vec::new(), otherwise: false }
    }

    /// Returns whether the caller may have all rows.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        self.cases.is_empty() && self.otherwise
    }

    /// Returns whether the caller may have no row, so that no query is needed.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.cases.is_empty() && !self.otherwise
    }

    /// Returns the cases, in order.
    #[must_use]
    pub fn cases(&self) -> &[RowCase<C>] {
        &self.cases
    }

    /// Returns whether the caller may have the rows that no case is about.
    #[must_use]
    pub const fn otherwise(&self) -> bool {
        self.otherwise
    }

    /// Returns whether the caller may have a row that is in memory. `values` returns what a column of it holds, as for
    /// [`rules_of_row`](crate::rules_of_row).
    pub fn allows<'v, V: IntoIterator<Item = Name<'v>>>(&self, values: impl Fn(&C) -> V) -> bool {
        let passes = |test: &RowTest<C>| test.holds(values(&test.column));
        let case = self.cases.iter().find(|case| case.tests.iter().all(passes));
        case.map_or(self.otherwise, RowCase::is_allow)
    }
}

impl<C> RowCase<C> {
    /// Returns the tests, all of which a row has to pass; there is at least one.
    #[must_use]
    pub fn tests(&self) -> &[RowTest<C>] {
        &self.tests
    }

    /// Returns whether the caller may have the rows of this case.
    #[must_use]
    pub const fn is_allow(&self) -> bool {
        self.allows
    }
}

impl<C> RowTest<C> {
    /// Returns the column.
    #[must_use]
    pub const fn column(&self) -> &C {
        &self.column
    }

    /// Returns what the column has to hold.
    #[must_use]
    pub const fn value(&self) -> &RowValue {
        &self.value
    }

    fn holds<'v>(&self, values: impl IntoIterator<Item = Name<'v>>) -> bool {
        let mut values = values.into_iter();
        match &self.value {
            RowValue::Null => values.next().is_none(),
            RowValue::OneOf(names) => values.any(|value| names.contains(value)),
            RowValue::User(id) => values.any(|value| value == Name::Text(id)),
        }
    }
}
