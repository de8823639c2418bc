use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Group("editors"), ["view"]),
    (Allow, Group("Editors"), ["edit"]),
];

fn main() {}
