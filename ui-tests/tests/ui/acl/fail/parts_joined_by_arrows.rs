use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Group("editors") => ["edit"]),
    (Allow; Everyone, ["view"]),
];

fn main() {}
