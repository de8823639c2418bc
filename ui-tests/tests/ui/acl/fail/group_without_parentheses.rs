use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Group, ["edit"]),
];

fn main() {}
