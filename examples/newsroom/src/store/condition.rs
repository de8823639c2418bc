//! SQL conditions for the rows that a caller may have: [`Condition`].

use auth_runtime::{
    Name,
    acl::{RowFilter, RowValue},
};

/// A condition, and the values that it binds, in order.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Condition {
    pub(crate) sql: String,
    pub(crate) values: Vec<String>,
}

impl Condition {
    /// Returns the condition that holds for the rows of a filter. `test` writes in SQL that a column compares
    /// so, as in `= $4` and `IN ($4, $5)`. `first` is the number of the first parameter. All values are bound
    /// (SQL injection).
    pub(crate) fn of<C>(filter: &RowFilter<C>, test: impl Fn(&C, &str) -> String, first: usize) -> Self {
        let mut condition = Self { sql: String::from("CASE"), values: Vec::new() };
        for case in filter.cases() {
            // `NOT (owner = …)` would drop rows without an owner, since `NOT NULL` is not true.
            for (at, row_test) in case.tests().iter().enumerate() {
                let comparison = condition.comparison(row_test.value(), first);
                let and = if at == 0 { " WHEN " } else { " AND " };
                condition.sql.extend([and, &test(row_test.column(), &comparison)]);
            }
            condition.sql.extend([" THEN ", constant(case.is_allow())]);
        }
        if filter.cases().is_empty() {
            constant(filter.otherwise()).clone_into(&mut condition.sql);
        } else {
            condition.sql.extend([" ELSE ", constant(filter.otherwise()), " END"]);
        }
        condition
    }

    fn comparison(&mut self, value: &RowValue, first: usize) -> String {
        match value {
            RowValue::Null => "IS NULL".to_owned(),
            RowValue::User(id) => format!("= {}", self.bind(id.clone(), first)),
            RowValue::OneOf(groups) => {
                // The columns hold text, which no group that is a number equals.
                let names = groups.iter().filter_map(|group| match group {
                    Name::Text(name) => Some(name.to_owned()),
                    Name::Number(_) => None,
                });
                let parameters: Vec<_> = names.map(|name| self.bind(name, first)).collect();
                format!("IN ({})", parameters.join(", "))
            }
        }
    }

    fn bind(&mut self, value: String, first: usize) -> String {
        let number = first.saturating_add(self.values.len());
        self.values.push(value);
        format!("${number}")
    }
}

const fn constant(yes: bool) -> &'static str {
    if yes { "TRUE" } else { "FALSE" }
}

#[cfg(test)]
mod tests {
    use auth_runtime::{
        Groups, Principals,
        acl::{
            RowPrincipal::{GroupIn, UserIn},
            RowRule, row_filter,
        },
    };

    use super::*;

    fn condition(who: &Principals<'_>) -> Condition {
        let rules = [
            RowRule::allow(UserIn("owner"), &["edit"]),
            RowRule::deny(GroupIn("subject"), &["edit"]),
            RowRule::allow(GroupIn("desk"), &["edit"]),
        ];
        Condition::of(
            &row_filter(rules, Name::Text("edit"), who),
            |column, comparison| format!("{column} {comparison}"),
            4,
        )
    }

    #[test]
    fn values_are_bound_in_the_order_of_their_parameters() {
        let groups = Groups::from(["press"]);
        let found = condition(&Principals::user("ada' OR TRUE --", &groups));
        let sql = "CASE WHEN owner = $4 THEN TRUE WHEN subject IN ($5) THEN FALSE WHEN desk IN ($6) THEN TRUE \
                   ELSE FALSE END";
        let values = ["ada' OR TRUE --", "press", "press"].map(str::to_owned).to_vec();
        assert_eq!(found, Condition { sql: sql.to_owned(), values });
    }

    #[test]
    fn anonymous_requests_have_no_rows() {
        assert_eq!(
            condition(&Principals::anonymous()),
            Condition { sql: "FALSE".to_owned(), values: Vec::new() }
        );
    }
}
