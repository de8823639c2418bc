use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Role::Admin, ["edit"]),
];

fn main() {}
