use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, *, ["view"]),
    (Allow, Group("admins"), *),
    (Allow, Group("owners"), ["edit", *]),
];

fn main() {}
