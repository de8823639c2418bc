//! The condition of a query, built from the rows that a caller may have.

use auth_runtime::{
    Name,
    acl::{RowCase, RowFilter, RowTest, RowValue},
};
use sqlx::{QueryBuilder, Sqlite};

use super::article::Column;

/// Appends a condition that holds for the rows of the filter. All values are bound (SQL injection).
pub(crate) fn push(query: &mut QueryBuilder<'_, Sqlite>, filter: &RowFilter<Column>) {
    let cases = filter.cases();
    if cases.is_empty() {
        query.push(constant(filter.is_all()));
    } else if cases.iter().all(RowCase::is_allow) {
        // Without a case that denies, the order is irrelevant, and the database can use an index for each part.
        query.push("(");
        for (number, case) in cases.iter().enumerate() {
            if number > 0 {
                query.push(" OR ");
            }
            push_tests(query, case);
        }
        query.push(")");
    } else {
        // `NOT (desk = …)` would drop the rows without a desk, since `NOT NULL` is not true.
        query.push("CASE");
        for case in cases {
            query.push(" WHEN ");
            push_tests(query, case);
            query.push(" THEN ").push(constant(case.is_allow()));
        }
        query.push(" ELSE ").push(constant(filter.otherwise())).push(" END");
    }
}

const fn constant(yes: bool) -> &'static str {
    if yes { "TRUE" } else { "FALSE" }
}

fn push_tests(query: &mut QueryBuilder<'_, Sqlite>, case: &RowCase<Column>) {
    for (number, test) in case.tests().iter().enumerate() {
        if number > 0 {
            query.push(" AND ");
        }
        push_test(query, test);
    }
}

fn push_test(query: &mut QueryBuilder<'_, Sqlite>, test: &RowTest<Column>) {
    query.push(match test.column() {
        Column::Desk => "desk",
        Column::Owner => "owner",
        Column::Subject => "subject",
    });
    match test.value() {
        RowValue::Null => {
            query.push(" IS NULL");
        }
        RowValue::User(id) => {
            query.push(" = ").push_bind(id.clone());
        }
        RowValue::OneOf(groups) => {
            query.push(" IN (");
            let mut list = query.separated(", ");
            for group in groups.iter() {
                // The columns hold text, which no group that is a number equals.
                if let Name::Text(name) = group {
                    list.push_bind(name.to_owned());
                }
            }
            query.push(")");
        }
    }
}
