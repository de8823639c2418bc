use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (
        Allow,
        /// Employees.
        Group("editors"),
        ["edit"],
    ),
];

fn main() {}
