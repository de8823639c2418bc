use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Group("editors", "admins"), ["edit"]),
];

fn main() {}
