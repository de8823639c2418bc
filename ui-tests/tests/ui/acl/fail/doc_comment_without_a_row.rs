use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Group("editors"), ["edit"]),
    /// The site's own rules.
];

fn main() {}
